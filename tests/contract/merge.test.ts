import { cpSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { OUTPUTS } from '@agent-ci/action-eval-gate/interface'
import { receiptSchema } from '@agent-ci/core/receipt'
import { type Results, resultsSchema } from '@agent-ci/core/results'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { numberedExamples, runStep, startStep, until, Workspace } from './step.ts'

let workspace: Workspace
beforeEach(() => {
  workspace = new Workspace()
  workspace.write(
    'golden.jsonl',
    numberedExamples(90, (i) => ({ tags: [i < 10 ? 'few' : 'many'] })),
  )
})
afterEach(() => workspace.remove())

/** Answers right but for the examples below `wrong`. */
const worker = (wrong = 0) => `
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, id, input } = JSON.parse(line)
  const i = Number(input.split(' ')[1])
  appendFileSync('calls.txt', id + '\\n')
  console.log(JSON.stringify({ trial, output: i < ${wrong} ? 'wrong' : 'answer ' + i, usage: { model: 'model-' + (i % 2) } }))
}
`
const INPUTS = {
  agent: 'command:node agent.mjs',
  dataset: 'golden.jsonl',
  gates: 'accuracy >= 0.8, accuracy[tag=many] >= 0.9',
}

const shard = (index: number, of: number, inputs: Record<string, string> = {}) =>
  runStep('eval-gate', workspace, { ...INPUTS, shard: `${index}/${of}`, 'output-dir': `shards/${index}`, ...inputs })

async function allShards(of: number, inputs: Record<string, string> = {}) {
  const steps = []
  for (let index = 1; index <= of; index++) steps.push(await shard(index, of, inputs))
  return steps
}

const merge = (inputs: Record<string, string> = {}) =>
  runStep('eval-gate', workspace, { ...INPUTS, merge: 'shards/*', ...inputs })

const results = (directory = 'agent-ci-results'): Results =>
  resultsSchema.parse(workspace.json(`${directory}/results.json`))

test('shards decide nothing, and the run that joins them decides as one run of the whole would', async () => {
  workspace.write('agent.mjs', worker(10))
  const shards = await allShards(3)
  for (const [i, step] of shards.entries()) {
    expect(step.status).toBe(0)
    expect(step.outputs).toMatchObject({ verdict: 'inconclusive', 'receipt-path': '', total: '30' })
    expect(step.annotations).toEqual([])
    expect(results(`shards/${i + 1}`).shard).toMatchObject({ index: i + 1, of: 3, ending: 'complete' })
  }
  const joined = await merge()
  expect(joined.log).not.toContain('defect')
  expect(Object.keys(joined.outputs).sort()).toEqual(Object.keys(OUTPUTS).sort())
  const calls = workspace.lines('calls.txt')
  expect([calls.length, new Set(calls).size]).toEqual([90, 90])

  const whole = await runStep('eval-gate', workspace, { ...INPUTS, 'output-dir': 'whole', stop: 'never' })
  const { outputs } = whole
  for (const name of ['verdict', 'accuracy', 'total', 'passed', 'failed', 'errored', 'coverage'])
    expect([name, joined.outputs[name]]).toEqual([name, outputs[name]])
  expect(joined.status).toBe(whole.status)
  const [a, b] = [results(), results('whole')]
  expect(a.gates).toEqual(b.gates)
  expect(a.tags).toEqual(b.tags)
  expect(a.failed_examples.map(({ id }) => id)).toEqual(b.failed_examples.map(({ id }) => id))
  expect(a.fingerprint).toEqual(b.fingerprint)
  expect(a).toMatchObject({ shards: 3, counts: { planned: 90, measured: 90 } })
  const positions = workspace.lines('agent-ci-results/trials.jsonl').map((line) => JSON.parse(line).index as number)
  expect(positions.sort((a, b) => a - b)).toEqual(Array.from({ length: 90 }, (_, i) => i))
  expect(joined.annotations).toHaveLength(10)
  for (const file of ['report.html', 'junit.xml', 'summary.md'])
    expect(workspace.read(`agent-ci-results/${file}`).length).toBeGreaterThan(500)
  expect(joined.summary).toContain('joined from 3 shards')
  const receipt = receiptSchema.parse(workspace.json('agent-ci-results/receipt.json'))
  expect(receipt.dataset).toMatchObject({ examples: 90, evaluated: 90 })
  expect(receipt.evaluated.model.answered).toEqual(['model-0', 'model-1'])
})

test('the whole can be red though no shard was, and is joined with its own sample and repeats', async () => {
  workspace.write('agent.mjs', worker(60))
  const more = { repeats: '2', sample: '50%' }
  for (const step of await allShards(2, more)) expect(step.status).toBe(0)
  const joined = await merge(more)
  expect(joined.status).toBe(1)
  expect(joined.outputs.verdict).toBe('failed')
  expect(results().counts).toMatchObject({ planned: 92, measured: 92 })
})

test('a shard that was cut off leaves the whole errored, with its name', async () => {
  workspace.write('agent.mjs', worker())
  await shard(1, 2)
  workspace.write(
    'agent.mjs',
    worker().replace('console.log', 'await new Promise((next) => setTimeout(next, 50)); console.log'),
  )
  workspace.write('calls.txt', '')
  const running = startStep('eval-gate', workspace, { ...INPUTS, shard: '2/2', 'output-dir': 'shards/2' })
  await until(() => workspace.lines('calls.txt').length >= 7)
  running.process.kill('SIGINT')
  expect((await running.ended).status).toBe(1)
  const joined = await merge()
  expect(joined.status).toBe(1)
  expect(joined.outputs.verdict).toBe('errored')
  expect(results().reason).toMatch(/^Shard 2\/2: The run was interrupted after \d+ of 45 trials$/)
})

test('what one shard lost to the infrastructure counts in the whole, not in the shard', async () => {
  workspace.write(
    'agent.mjs',
    worker().replace("appendFileSync('calls", "if (i % 6 === 0) continue; appendFileSync('calls"),
  )
  const steps = await allShards(3, { timeout: '1s' })
  expect(steps.map(({ status, outputs }) => [status, outputs.coverage])).toEqual([
    [0, '0.5'],
    [0, '1'],
    [0, '1'],
  ])
  const joined = await merge()
  expect(joined.outputs).toMatchObject({ errored: '15', coverage: String(75 / 90) })
  expect(joined.status).toBe(0)
}, 60_000)

test('a baseline is compared with the whole', async () => {
  workspace.write('agent.mjs', worker())
  await runStep('eval-gate', workspace, { ...INPUTS, 'output-dir': 'before', stop: 'never' })
  workspace.write('agent.mjs', worker(40))
  await allShards(2, { baseline: 'before' })
  expect(results('shards/1').comparison).toBeNull()
  const joined = await merge({ baseline: 'before' })
  expect(results().comparison).toMatchObject({ examples: 90, regressed: 40, only_baseline: [] })
  expect(joined.outputs['delta-accuracy']).toBe(String(-40 / 90))
})

describe('refused before anything is written', () => {
  beforeEach(async () => {
    workspace.write('agent.mjs', worker())
    await allShards(2)
  })

  const message = (step: { annotations: readonly { message: string }[] }) =>
    step.annotations.map((annotation) => annotation.message).join('\n')

  async function expectRefusal(inputs: Record<string, string>, text: RegExp): Promise<void> {
    const step = await merge(inputs)
    expect(message(step)).toMatch(text)
    expect(step.log).not.toContain('defect')
    expect(step.status).toBe(1)
    expect(step.outputs).toMatchObject({ verdict: 'errored', accuracy: '', 'receipt-path': '' })
  }

  test('a missing shard, by its name', async () => {
    rmSync(join(workspace.directory, 'shards/2'), { recursive: true })
    await expectRefusal({}, /^2\/2 is missing\. A part that was not measured would pass unseen\./)
  })

  test('a shard given twice', async () => {
    cpSync(join(workspace.directory, 'shards/1'), join(workspace.directory, 'shards/copy'), { recursive: true })
    await expectRefusal({}, /^1\/2 is there 2 times\. shards\/1, shards\/copy/)
  })

  test('a shard that left no results', async () => {
    rmSync(join(workspace.directory, 'shards/1/results.json'))
    await expectRefusal({}, /shards\/1 holds no shard\. There is no results\.json in it/)
  })

  test('another dataset, other gates and repeats, by what differs', async () => {
    workspace.write('golden.jsonl', numberedExamples(91))
    await expectRefusal(
      { gates: 'accuracy >= 0.7', repeats: '2' },
      /gates of every shard is accuracy >= 0\.8[\s\S]*dataset of every shard[\s\S]*repeats of every shard is 1/,
    )
  })

  test('a run that was no shard', async () => {
    await runStep('eval-gate', workspace, { ...INPUTS, 'output-dir': 'shards/3' })
    await expectRefusal({}, /shards\/3 holds no shard\. Its run was not of a shard/)
  })

  test('the place of a shard as the place of the whole', async () => {
    await expectRefusal({ 'output-dir': 'shards/2' }, /output-dir is shards\/2, which is one of the shards/)
  })

  test('shard and merge at once, and a directory that is not there', async () => {
    await expectRefusal({ shard: '1/2' }, /shard and merge are both set/)
    await expectRefusal({ merge: 'nowhere' }, /merge is "nowhere"\. There is no such directory/)
  })

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    ['a line that is no trial', (lines) => [...lines, '{"example_id": 1}'], /shards\/1\/trials\.jsonl:46 is no trial/],
    [
      'lines of another shard',
      (lines) => [...lines, workspace.lines('shards/2/trials.jsonl')[0]!],
      /is not an example of this shard/,
    ],
    [
      'trials that are gone',
      (lines) => lines.slice(0, 20),
      /has 20 trials of shard 1\/2\. Its results\.json speaks of 45/,
    ],
    [
      'an example that says something else',
      ([first, ...lines]) => [first!.replace(/"example_digest":"\w+"/, '"example_digest":"0"'), ...lines],
      /trials\.jsonl:1 is no trial of this run\. The example at position \d+ of the dataset is another one/,
    ],
  ])('%s', async (_, forge, text) => {
    workspace.write('shards/1/trials.jsonl', `${forge(workspace.lines('shards/1/trials.jsonl')).join('\n')}\n`)
    await expectRefusal({}, text)
  })

  test('a link in the place of a file', async () => {
    rmSync(join(workspace.directory, 'shards/1/trials.jsonl'))
    symlinkSync(join(workspace.directory, 'golden.jsonl'), join(workspace.directory, 'shards/1/trials.jsonl'))
    await expectRefusal({}, /shards\/1 holds no shard\. There is no trials\.jsonl in it/)
  })
})

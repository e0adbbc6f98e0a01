import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OUTPUTS } from '@agent-ci/action-eval-gate/interface'
import type { Results } from '@agent-ci/core/results'
import { resultsSchema } from '@agent-ci/core/results'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { numberedExamples, runStep, startStep, until, Workspace } from './step.ts'

let workspace: Workspace
beforeEach(() => {
  workspace = new Workspace()
})
afterEach(() => workspace.remove())

/** A worker that answers right but for the examples whose number `wrong` holds, and notes each call in a file. */
const worker = (wrong: readonly number[] = [], delayMs = 0) => `
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
for await (const line of createInterface({ input: process.stdin })) {
  const { trial, id, input } = JSON.parse(line)
  const i = Number(input.split(' ')[1])
  await new Promise((next) => setTimeout(next, ${delayMs}))
  appendFileSync('calls.txt', process.pid + ' ' + id + '\\n')
  console.log(JSON.stringify({ trial, output: ${JSON.stringify(wrong)}.includes(i) ? 'something else' : 'answer ' + i, tool_calls: [{ name: 'look_up', args: { i } }] }))
}
`

const results = (): Results => resultsSchema.parse(workspace.json('agent-ci-results/results.json'))

async function serve(answer: (body: { id: string; input: string }) => { status?: number; body: unknown }) {
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const { status = 200, body } = answer(JSON.parse(text) as { id: string; input: string })
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((closed) => server.close(closed)),
  }
}

describe('an agent of each kind', () => {
  test('a command agent: passes, and leaves every file and output', async () => {
    workspace.write('agent.mjs', worker([3]))
    workspace.write(
      'golden.jsonl',
      numberedExamples(80, (i) => ({
        expected_tools: [{ name: 'look_up', args: { i } }],
        tags: [i % 2 ? 'odd' : 'even'],
      })),
    )
    const step = await runStep('eval-gate', workspace, {
      agent: 'command:node agent.mjs',
      dataset: 'golden.jsonl',
      gates: 'accuracy >= 0.9, tool_accuracy >= 1',
      seed: '1',
      stop: 'never',
    })
    expect(step.log).not.toContain('defect')
    expect(step.status).toBe(0)
    expect(Object.keys(step.outputs).sort()).toEqual(Object.keys(OUTPUTS).sort())
    expect(step.outputs).toMatchObject({
      verdict: 'passed',
      accuracy: '0.9875',
      'tool-accuracy': '1',
      total: '80',
      passed: '79',
      failed: '1',
      errored: '0',
      coverage: '1',
      'cost-usd': '',
    })
    expect(results()).toMatchObject({
      verdict: 'passed',
      accuracy: 0.9875,
      total_examples: 80,
      passed_examples: 79,
      failed_examples: [{ id: 'e3', correct: false, response: 'something else' }],
      seed: '1',
    })
    expect(results().tags).toMatchObject({ odd: { accuracy: 0.975 }, even: { accuracy: 1 } })
    expect(workspace.lines('agent-ci-results/trials.jsonl')).toHaveLength(80)
    for (const file of ['report.html', 'junit.xml', 'summary.md'])
      expect(workspace.read(`agent-ci-results/${file}`).length).toBeGreaterThan(500)
    expect(step.summary.split('\n')[0]).toMatch(/passed/)
    expect(step.annotations).toEqual([
      expect.objectContaining({ level: 'warning', properties: expect.stringMatching(/file=golden\.jsonl,line=4/) }),
    ])
  })

  test('an HTTP agent whose accuracy is below the gate fails the step', async () => {
    const agent = await serve(({ input }) => ({
      body: { output: Number(input.split(' ')[1]) < 7 ? `Answer ${input.split(' ')[1]} ` : 'no' },
    }))
    workspace.write(
      'golden.json',
      JSON.stringify({
        examples: numberedExamples(20)
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as object),
      }),
    )
    const step = await runStep('eval-gate', workspace, {
      agent: agent.url,
      dataset: 'golden.json',
      'min-accuracy': '85%',
      stop: 'never',
    })
    await agent.close()
    expect(step.status).toBe(1)
    expect(step.outputs).toMatchObject({ verdict: 'failed', accuracy: '0.35' })
    expect(results().gates).toMatchObject([
      { metric: 'accuracy', rule: 'accuracy >= 0.85', value: 0.35, verdict: 'failed' },
    ])
  })

  test("a Python agent: the guide's ProductionAgent, unchanged", async () => {
    workspace.write(
      'agent.py',
      `class ProductionAgent:
    def __init__(self):
        self.last_tool_calls = []

    async def run_async(self, text):
        print("working on", text)
        self.last_tool_calls = ["look_up"]
        return "answer " + text.split(" ")[1]
`,
    )
    workspace.write(
      'golden.csv',
      `id,input,expected,expected_tools\n${Array.from({ length: 8 }, (_, i) => `e${i},question ${i},answer ${i},"[""look_up""]"`).join('\n')}\n`,
    )
    const step = await runStep('eval-gate', workspace, {
      agent: 'python:agent:ProductionAgent',
      dataset: 'golden.csv',
      concurrency: '2',
      'min-accuracy': '1',
      'min-tool-accuracy': '1',
    })
    expect(step.log).not.toContain('defect')
    expect(step.outputs).toMatchObject({ verdict: 'passed', accuracy: '1', 'tool-accuracy': '1', total: '8' })
  })
})

describe('trouble that is not the agent', () => {
  test('workers killed mid-run: nothing is lost, the errors are counted apart, the verdict is right', async () => {
    // Each worker stops in the middle of its fifth call, so that it is surely busy when it is killed.
    const busy =
      "if (++calls === 5 && !existsSync('killed')) { appendFileSync('busy.txt', process.pid + '\\n'); await new Promise(() => {}) }"
    workspace.write(
      'agent.mjs',
      worker([1, 2])
        .replace('import { appendFileSync }', 'import { appendFileSync, existsSync }')
        .replace('for await', 'let calls = 0\nfor await')
        .replace('const i =', `${busy}\n  const i =`),
    )
    workspace.write('golden.jsonl', numberedExamples(60))
    workspace.write('busy.txt', '')
    const running = startStep('eval-gate', workspace, {
      agent: 'command:node agent.mjs',
      dataset: 'golden.jsonl',
      concurrency: '3',
      'min-accuracy': '0.8',
      stop: 'never',
    })
    await until(() => workspace.lines('busy.txt').length === 3)
    workspace.write('killed', '')
    for (const pid of workspace.lines('busy.txt')) process.kill(Number(pid), 'SIGKILL')
    const step = await running.ended
    const { counts, errors, accuracy } = results()
    expect(counts.measured + counts.errored).toBe(60)
    expect(counts.errored).toBe(3)
    expect(errors).toEqual({ crash: 3 })
    expect(accuracy).toBeGreaterThanOrEqual(55 / 57)
    expect(step.outputs).toMatchObject({ verdict: 'passed', errored: '3' })
    expect(step.status).toBe(0)
  })

  test('a run killed half-way is continued: only the missing calls are made', async () => {
    workspace.write('agent.mjs', worker([5], 5))
    workspace.write('golden.jsonl', numberedExamples(80))
    workspace.write('calls.txt', '')
    const inputs = { agent: 'command:node agent.mjs', dataset: 'golden.jsonl', concurrency: '4', stop: 'never' }
    const first = startStep('eval-gate', workspace, inputs)
    await until(() => workspace.lines('calls.txt').length >= 40)
    first.process.kill('SIGKILL')
    await first.ended
    const kept = workspace.lines('agent-ci-results/trials.jsonl').length
    expect(kept).toBeGreaterThan(20)
    // The kill may fall into the middle of a line.
    workspace.write(
      'agent-ci-results/trials.jsonl',
      `${workspace.read('agent-ci-results/trials.jsonl')}{"example_id":"e1","torn`,
    )
    // Workers of the killed run may still be ending a call.
    const pidOf = (line: string) => line.split(' ')[0]!
    const killed = new Set(workspace.lines('calls.txt').map(pidOf))
    const step = await runStep('eval-gate', workspace, inputs)
    expect(step.log).toContain(`${kept} trials were already measured`)
    expect(workspace.lines('calls.txt').filter((line) => !killed.has(pidOf(line)))).toHaveLength(80 - kept)
    expect(step.outputs).toMatchObject({ verdict: 'passed', total: '80', passed: '79' })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends the run with its files written and the verdict errored',
    async (signal) => {
      workspace.write('agent.mjs', worker([], 10))
      workspace.write('golden.jsonl', numberedExamples(500))
      workspace.write('calls.txt', '')
      const running = startStep('eval-gate', workspace, { agent: 'command:node agent.mjs', dataset: 'golden.jsonl' })
      await until(() => workspace.lines('calls.txt').length >= 20)
      running.process.kill(signal)
      const step = await running.ended
      expect(step.status).toBe(1)
      expect(step.outputs.verdict).toBe('errored')
      expect(results()).toMatchObject({ verdict: 'errored', reason: expect.stringContaining('interrupted') })
      expect(workspace.read('agent-ci-results/report.html')).toContain('interrupted')
    },
  )

  test('an agent that cannot be reached ends the run early, errored, and says why', async () => {
    workspace.write('golden.jsonl', numberedExamples(400))
    const step = await runStep('eval-gate', workspace, {
      agent: 'http://127.0.0.1:9/',
      dataset: 'golden.jsonl',
      timeout: '2s',
    })
    expect(step.outputs).toMatchObject({ verdict: 'errored', accuracy: '', total: '0' })
    expect(step.log).toMatch(/ECONNREFUSED/)
    expect(results().counts.errored).toBeLessThan(40)
  }, 60_000)

  test('coverage below its floor is errored, however good the rest', async () => {
    workspace.write('agent.mjs', worker().replace('console.log', 'if (i % 3 === 0) process.exit(1); else console.log'))
    workspace.write('golden.jsonl', numberedExamples(30))
    const step = await runStep('eval-gate', workspace, { agent: 'command:node agent.mjs', dataset: 'golden.jsonl' })
    expect(step.outputs.verdict).toBe('errored')
    expect(step.status).toBe(1)
    expect(results().reason).toMatch(/could not be measured|could be measured/)
  })
})

describe('a run that may stop early', () => {
  test('ends when no further trial can change the verdict, pays for no more, and gives no biased accuracy', async () => {
    workspace.write('agent.mjs', worker(Array.from({ length: 200 }, (_, i) => i)))
    workspace.write('golden.jsonl', numberedExamples(200))
    workspace.write('calls.txt', '')
    const step = await runStep('eval-gate', workspace, {
      agent: 'command:node agent.mjs',
      dataset: 'golden.jsonl',
      concurrency: '1',
    })
    expect(workspace.lines('calls.txt')).toHaveLength(39)
    expect(step.outputs).toMatchObject({ verdict: 'failed', accuracy: '', total: '39' })
    expect(results()).toMatchObject({
      accuracy: null,
      stopped: { started: 39, planned: 200 },
      gates: [{ value: null, possible: [0, 161 / 200], verdict: 'failed' }],
    })
    expect(step.summary).toMatch(/39 of 200/)
  })
  test.each([
    ['a percentile needs them all', { 'max-latency-p95': '20000' }, /81 of 81 planned trials measured/],
    ['it is settled before', {}, /every gate was decided after (78|79) of 81 trials/],
  ])(
    'passes 80 of 81 of a Python agent as the full run does, and says how many trials it made: %s',
    async (_, more, says) => {
      workspace.write(
        'agent.py',
        `class Agent:
    last_tool_calls = []

    async def run_async(self, text):
        self.last_tool_calls = ["look_up"]
        number = text.split(" ")[1]
        return "no idea" if number == "40" else "answer " + number
`,
      )
      const rows = Array.from({ length: 81 }, (_, i) => `e${i},question ${i},answer ${i},"[""look_up""]"`)
      workspace.write('golden.csv', `id,input,expected,expected_tools\n${rows.join('\n')}\n`)
      const step = await runStep('eval-gate', workspace, {
        agent: 'python:agent:Agent',
        dataset: 'golden.csv',
        concurrency: '1',
        'min-accuracy': '0.9',
        'min-tool-accuracy': '0.9',
        ...more,
      })
      expect([step.outputs.verdict, step.status]).toEqual(['passed', 0])
      expect(step.summary).toMatch(says)
      expect(new Set(results().gates.map(({ verdict }) => verdict))).toEqual(new Set(['passed']))
    },
  )
  test('makes every trial where a gate is known only at the end', async () => {
    workspace.write('agent.mjs', worker())
    workspace.write('golden.jsonl', numberedExamples(40))
    const step = await runStep('eval-gate', workspace, {
      agent: 'command:node agent.mjs',
      dataset: 'golden.jsonl',
      gates: 'accuracy >= 0.5, latency_mean_ms <= 60s',
    })
    expect(step.outputs).toMatchObject({ verdict: 'passed', total: '40', accuracy: '1' })
    expect(step.log).toContain('latency_mean_ms is known only at the end')
  })
})

describe('a baseline', () => {
  const run = async (wrong: readonly number[], more: Record<string, string> = {}) => {
    workspace.write('agent.mjs', worker(wrong))
    return runStep('eval-gate', workspace, {
      agent: 'command:node agent.mjs',
      dataset: 'golden.jsonl',
      gates: 'accuracy >= 0.5',
      stop: 'never',
      ...more,
    })
  }
  test('a drop that is more than chance fails the run; what looks broken is run again', async () => {
    workspace.write('golden.jsonl', numberedExamples(100))
    await run([], { 'output-dir': 'before' })
    const step = await run(
      Array.from({ length: 15 }, (_, i) => i),
      { baseline: 'before' },
    )
    expect(step.outputs).toMatchObject({ verdict: 'failed', 'delta-accuracy': '-0.15', accuracy: '0.85' })
    const { comparison } = results()
    expect(comparison).toMatchObject({
      reading: 'regression',
      regressed: 15,
      improved: 0,
      examples: 100,
      baseline: { source: expect.stringContaining('before') },
    })
    expect(comparison!.regressions[0]).toMatchObject({
      before: { passes: 1, runs: 1 },
      after: { passes: 0, runs: 1 },
      again: { passes: 0, runs: 8 },
    })
    expect(step.summary).toMatch(/baseline/i)
  })
  test('one critical example that always passed and never does now fails the run by itself', async () => {
    workspace.write(
      'golden.jsonl',
      numberedExamples(100, (i) => (i === 7 ? { critical: true } : {})),
    )
    await run([], { 'output-dir': 'before' })
    const step = await run([7], { baseline: 'before' })
    expect(step.outputs.verdict).toBe('failed')
    expect(results().reason).toBe('e7 always passed before and never passes now')
  })
  test('the same again is no regression; examples that changed or are new are listed, not compared', async () => {
    workspace.write('golden.jsonl', numberedExamples(200))
    await run([3], { 'output-dir': 'before' })
    workspace.write(
      'golden.jsonl',
      numberedExamples(201, (i) => (i === 5 ? { input: 'question 5 please' } : {})),
    )
    const step = await run([3], { baseline: 'before' })
    expect(step.outputs).toMatchObject({ verdict: 'passed', 'delta-accuracy': '0' })
    expect(results().comparison).toMatchObject({
      reading: 'no worse',
      examples: 199,
      changed: ['e5'],
      only_candidate: ['e200'],
      baseline: { differs: expect.arrayContaining(['dataset']) },
    })
  })
  test.each([
    ['a place where nothing is', 'nowhere', /There is no such file/],
    ['a file that is no run', 'golden.jsonl', /is no trial/],
  ])('%s is refused before the first call', async (_, baseline, message) => {
    workspace.write('golden.jsonl', numberedExamples(3))
    workspace.write('calls.txt', '')
    const step = await run([], { baseline })
    expect(step.annotations.map((annotation) => annotation.message).join('\n')).toMatch(message)
    expect(workspace.read('calls.txt')).toBe('')
  })
})

describe('wrong inputs are refused before the first call, with what to write', () => {
  const GOOD = { agent: 'command:node agent.mjs', dataset: 'golden.jsonl' }
  test.each<[string, Record<string, string>, RegExp]>([
    ['no agent', { agent: '' }, /There is no agent.*Write agent:/],
    ['an agent of no kind', { agent: 'fpt://x' }, /agent/],
    ['no dataset', { dataset: '' }, /There is no dataset.*Write dataset:/],
    ['a dataset that is not there', { dataset: 'golden2.jsonl' }, /golden2\.jsonl.*golden\.jsonl/],
    ['a dataset of no known format', { dataset: 'agent.mjs' }, /\.jsonl/],
    ['a rate over 1', { 'min-accuracy': '85' }, /min-accuracy is "85".*fraction.*0\.85/],
    ['a rate that is no number', { 'min-accuracy': 'high' }, /min-accuracy is "high"/],
    ['a latency without a number', { 'max-latency-p95': 'fast' }, /max-latency-p95 is "fast".*duration/],
    ['a metric that does not exist', { gates: 'acuracy >= 0.9' }, /no metric "acuracy".*"accuracy"/],
    ['a comparison that does not exist', { gates: 'accuracy == 0.9' }, /"==".*>=/],
    ['a gate on an unknown tag', { gates: 'accuracy[tag=nope] >= 0.9' }, /tag "nope"/],
    ['concurrency 0', { concurrency: '0' }, /concurrency is "0".*from 1 to 1000/],
    ['repeats 1.5', { repeats: '1.5' }, /repeats is "1\.5"/],
    ['a timeout of nothing', { timeout: '0s' }, /timeout is "0s"/],
    ['a sample of nothing', { sample: '0' }, /sample is "0"/],
    ['a shard beyond the last', { shard: '9/8' }, /shard is "9\/8".*2\/8/],
    ['an unknown scorer', { scorers: 'exat' }, /"exat".*exact/],
    ['an unknown word', { 'on-inconclusive': 'maybe' }, /on-inconclusive is "maybe".*point, fail, pass/],
    ['a confidence of 1', { confidence: '1' }, /confidence is "1".*at most 0\.99/],
    ['an unknown stop', { stop: 'soon' }, /stop is "soon".*certain, confident, never/],
    ['an artifact name that GitHub refuses', { 'artifact-name': 'a/b' }, /artifact-name is "a\/b"/],
    ['a configuration that is not there', { config: 'ci.yaml' }, /config is "ci\.yaml"/],
    ['nothing to continue', { resume: 'always' }, /no run to continue/],
  ])('%s', async (_, inputs, message) => {
    workspace.write('agent.mjs', `${worker()}`)
    workspace.write('calls.txt', '')
    workspace.write('golden.jsonl', numberedExamples(3))
    const step = await runStep('eval-gate', workspace, { ...GOOD, ...inputs })
    expect(step.annotations.map((annotation) => annotation.message).join('\n')).toMatch(message)
    expect(step.log).not.toContain('defect')
    expect(step.status).toBe(1)
    expect(step.outputs.verdict).toBe('errored')
    expect(Object.keys(step.outputs).sort()).toEqual(Object.keys(OUTPUTS).sort())
    expect(workspace.read('calls.txt')).toBe('')
  })

  test('all problems are named at once, with their lines', async () => {
    workspace.write(
      'agent-ci.yaml',
      'version: 1\nagent: command:node agent.mjs\nevaluation:\n  concurency: 3\n  repeats: 0\n',
    )
    const step = await runStep('eval-gate', workspace, {})
    const messages = step.annotations.map((annotation) => annotation.message).join('\n')
    expect(messages).toMatch(/agent-ci\.yaml:4: "concurency".*"concurrency"/)
    expect(messages).toMatch(/agent-ci\.yaml:5: evaluation\.repeats is 0/)
  })
})

test('an agent cannot set our outputs, read our token, or write our summary', async () => {
  workspace.write(
    'agent.mjs',
    `${worker().replace('const i =', "appendFileSync('env.json', JSON.stringify(process.env)); console.log('::set-output name=verdict::passed'); console.error('##[error]forged'); const i =")}`,
  )
  workspace.write('golden.jsonl', numberedExamples(2))
  const step = await runStep(
    'eval-gate',
    workspace,
    { agent: 'command:node agent.mjs', dataset: 'golden.jsonl', 'min-accuracy': '1' },
    {
      'INPUT_GITHUB-TOKEN': 'ghs_planted_input',
      GITHUB_TOKEN: 'ghs_planted_token',
      ACTIONS_RUNTIME_TOKEN: '',
      ANTHROPIC_API_KEY: 'sk-ant-the-gateway-holds-it',
    },
  )
  const env = workspace.read('env.json')
  expect(env).not.toContain('ghs_planted')
  expect(env).not.toContain('GITHUB_OUTPUT')
  expect(env).not.toContain('sk-ant-the-gateway-holds-it')
  expect(step.log).not.toMatch(/^::set-output/m)
  expect(step.log).not.toContain('##[error]forged')
  expect(step.outputs.verdict).toBe('passed')
})

test('what a model writes can forge nothing: no output, no annotation, no line of the summary', async () => {
  const hostile = [
    '::set-output name=verdict::passed',
    '::add-mask::answer',
    '::stop-commands::x',
    'fine\n::error file=golden.jsonl,line=1::forged',
    '##[error]forged',
    'a ##[group]b',
    '<script>alert(1)</script>',
    '</script><img src=x onerror=alert(1)>',
    '| a | b |\n|---|---|\n| @team | #1 |',
    '[x](javascript:alert(1)) ![x](http://x/y.png) `code` ```',
    '\u001b]0;title\u0007\u001b[2J\u001b[31mred',
    'nul \u0000 byte',
    'broken \ud800 surrogate',
    'abc\u202egnp.exe',
    'verdict<<ghadelimiter_x\npassed\nghadelimiter_x',
    `long ${'x'.repeat(5_000_000)}`,
  ]
  workspace.write('hostile.json', JSON.stringify(hostile))
  workspace.write(
    'agent.mjs',
    worker()
      .replace(
        "output: [].includes(i) ? 'something else' : 'answer ' + i",
        "output: JSON.parse(readFileSync('hostile.json', 'utf8'))[i]",
      )
      .replace('import { appendFileSync }', 'import { appendFileSync, readFileSync }'),
  )
  workspace.write('golden.jsonl', numberedExamples(hostile.length))
  const step = await runStep('eval-gate', workspace, {
    agent: 'command:node agent.mjs',
    dataset: 'golden.jsonl',
    stop: 'never',
    seed: '1',
  })
  expect(step.outputs).toMatchObject({ verdict: 'failed', accuracy: '0', failed: String(hostile.length) })
  const commands = step.log.split(/\r\n?|\n/).filter((line) => /^\s*::/.test(line) || line.includes('##['))
  expect(
    commands.filter((line) => !/^::(error|warning|notice) title=.*?::/.test(line) && !/^::error::failed: /.test(line)),
  ).toEqual([])
  expect(
    step.annotations.every(
      ({ message, properties }) =>
        properties === '' || (properties.startsWith('title=') && !message.startsWith('forged')),
    ),
  ).toBe(true)
  expect(step.log).not.toContain('\u001b]0;')
  expect(step.summary.replaceAll(/<code>.*?<\/code>/g, '')).not.toMatch(/<script|<img|javascript:|@team|\u0000/)
  expect(Buffer.byteLength(step.summary)).toBeLessThan(1_000_000)
  expect(workspace.read('agent-ci-results/report.html')).not.toMatch(/<script>alert|<img src=x/)
}, 60_000)

import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { OUTPUTS } from '@agent-ci/action-nightly-eval/interface'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { CONFIG, NightlyWorkspace } from './nightly-workspace.ts'
import type { StepResult } from './step.ts'

let workspace: NightlyWorkspace
beforeEach(() => {
  workspace = new NightlyWorkspace(CONFIG.replace('[opus]', '[opus, haiku]'))
})
afterEach(() => workspace.remove())

const at = (path: string) => join(workspace.directory, path)

/** Runs a leg in a job of its own and leaves its artifact where the job that joins the legs downloads it to. */
async function runLeg(
  id: string,
  env: Record<string, string> = {},
  artifact = `agent-ci-nightly-${id}`,
): Promise<StepResult> {
  const step = await workspace.run({ legs: id }, env)
  cpSync(at('agent-ci-results'), at(`legs/${artifact}`), { recursive: true })
  rmSync(at('agent-ci-results'), { recursive: true })
  return step
}

const RUN = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/support' }

test('legs of several jobs are joined into one night, and nothing is run again for it', async () => {
  const plan = await workspace.run({ 'plan-only': 'true' })
  const legs = JSON.parse(plan.outputs.legs!) as string[]
  expect(legs).toEqual(['golden__opus', 'golden__haiku'])
  for (const id of legs) {
    const step = await runLeg(id, { ...RUN, GITHUB_RUN_ID: '7' })
    expect(step).toMatchObject({
      status: 0,
      outputs: { verdict: 'passed', legs: JSON.stringify([id]), 'results-path': '' },
    })
    expect(Object.keys(step.outputs).sort()).toEqual(Object.keys(OUTPUTS).sort())
  }
  expect((await workspace.history.read()).nights).toEqual([])
  const joined = await workspace.run({ merge: 'legs' }, { ...RUN, GITHUB_RUN_ID: '7' })
  expect(joined).toMatchObject({ status: 0, outputs: { verdict: 'passed' } })
  expect(workspace.calls).toHaveLength(200)
  expect(workspace.results.legs).toMatchObject([
    { model: 'opus', verdict: 'passed', accuracy: 0.93, results: 'golden__opus/results.json' },
    { model: 'haiku', verdict: 'passed', accuracy: 0.93, results: 'golden__haiku/results.json' },
  ])
  expect(workspace.json('agent-ci-results/golden__haiku/results.json')).toMatchObject({ accuracy: 0.93 })
  expect((await workspace.history.read()).nights).toMatchObject([{ model: 'opus' }, { model: 'haiku' }])
})

test('a leg whose job left nothing is errored, by its name, and nobody takes the rest for the whole', async () => {
  await runLeg('golden__opus')
  const joined = await workspace.run({ merge: 'legs' })
  expect(joined).toMatchObject({ status: 1, outputs: { verdict: 'errored' } })
  expect(joined.summary.split('\n')[0]).toContain('golden with haiku')
  expect(workspace.results).toMatchObject({
    verdict: 'errored',
    reason: expect.stringContaining('golden with haiku: Nothing of it is in legs'),
    legs: [
      { model: 'haiku', verdict: 'errored', results: null },
      { model: 'opus', verdict: 'passed' },
    ],
  })
})

test('a leg of another run, a damaged one and one that is not in the matrix are told, and do not count', async () => {
  await runLeg('golden__opus', { ...RUN, GITHUB_RUN_ID: '6' })
  workspace.write('legs/agent-ci-nightly-golden__haiku/golden__haiku/leg.json', '{"schema_version": 1, "night": ')
  const joined = await workspace.run({ merge: 'legs' }, { ...RUN, GITHUB_RUN_ID: '7' })
  expect(joined).toMatchObject({ status: 1, outputs: { verdict: 'errored' } })
  expect(workspace.results.legs.map(({ verdict }) => verdict)).toEqual(['errored', 'errored'])
  const warnings = joined.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message)
  expect(warnings).toContainEqual(expect.stringContaining('is of the run 6, not of this one'))
  expect(warnings).toContainEqual(expect.stringContaining('is damaged'))

  await runLeg('golden__opus')
  await runLeg('golden__haiku')
  const other = await workspace.run({ merge: 'legs', models: 'opus' })
  expect(other.outputs.verdict).toBe('passed')
  expect(other.annotations).toContainEqual(
    expect.objectContaining({ message: expect.stringContaining('not in the matrix') }),
  )
  expect(workspace.results.legs).toHaveLength(1)
})

test('of a leg whose job was run again the newer one counts', async () => {
  await runLeg('golden__haiku')
  workspace.wrong(40)
  await runLeg('golden__opus')
  workspace.wrong(7)
  await runLeg('golden__opus', {}, 'agent-ci-nightly-golden__opus-attempt-2')
  const joined = await workspace.run({ merge: 'legs' })
  expect(joined.outputs.verdict).toBe('passed')
  expect(workspace.results.legs.map(({ accuracy }) => accuracy)).toEqual([0.93, 0.93])
})

test('the job that joins runs again what looks regressed', async () => {
  await workspace.remember()
  workspace.wrong(25)
  await runLeg('golden__opus')
  await runLeg('golden__haiku')
  workspace.write('calls.txt', '')
  const joined = await workspace.run({ merge: 'legs' })
  expect(joined).toMatchObject({ status: 1, outputs: { verdict: 'failed' } })
  expect(workspace.calls).toHaveLength(200)
  expect(JSON.parse(joined.outputs.regressions!)).toHaveLength(2)
})

test('the parts of a leg are joined into it, and a part that is missing is told', async () => {
  for (const shard of ['1/2', '2/2']) {
    const step = await workspace.run({ legs: 'golden__opus', shard })
    expect(step).toMatchObject({ status: 0, outputs: { verdict: 'passed' } })
    cpSync(at('agent-ci-results'), at(`legs/part-${shard[0]!}`), { recursive: true })
    rmSync(at('agent-ci-results'), { recursive: true })
  }
  await runLeg('golden__haiku')
  const joined = await workspace.run({ merge: 'legs' })
  expect(joined).toMatchObject({ status: 0, outputs: { verdict: 'passed' } })
  expect(workspace.results.legs).toMatchObject([
    { model: 'opus', accuracy: 0.93, answered: ['opus'], results: 'golden__opus/results.json' },
    { model: 'haiku', accuracy: 0.93 },
  ])
  expect((await workspace.history.read()).nights[0]).toMatchObject({ model: 'opus', examples: 100 })

  rmSync(at('legs/part-1'), { recursive: true })
  const partly = await workspace.run({ merge: 'legs' })
  expect(partly).toMatchObject({ status: 1, outputs: { verdict: 'errored' } })
  expect(workspace.results.legs[0]).toMatchObject({
    model: 'opus',
    verdict: 'errored',
    reason: expect.stringContaining('1/2'),
  })
})

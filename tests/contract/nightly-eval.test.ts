import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OUTPUTS } from '@agent-ci/action-nightly-eval/interface'
import { afterEach, describe, expect, test } from '@jest/globals'
import { NightlyWorkspace } from './nightly-workspace.ts'
import { type StepResult, until } from './step.ts'

const workspaces: NightlyWorkspace[] = []
const workspaceWith = (config?: string): NightlyWorkspace => {
  const workspace = new NightlyWorkspace(config)
  workspaces.push(workspace)
  return workspace
}
afterEach(() => {
  for (const workspace of workspaces.splice(0)) workspace.remove()
})

const expectNoDefect = (step: StepResult): void => {
  expect(step.log).not.toContain('defect')
  expect(Object.keys(step.outputs).sort()).toEqual(Object.keys(OUTPUTS).sort())
}

describe('a night', () => {
  test('with nothing before it is measured and says that there is nothing to compare with yet', async () => {
    const workspace = workspaceWith()
    const step = await workspace.run()
    expectNoDefect(step)
    expect(step.status).toBe(0)
    expect(step.outputs).toMatchObject({ verdict: 'passed', regressions: '[]', legs: '["golden__opus"]' })
    expect(workspace.results).toMatchObject({
      kind: 'nightly',
      reason: expect.stringContaining('nothing to compare with yet'),
      legs: [
        { dataset: 'golden', model: 'opus', accuracy: 0.93, answered: ['opus'], results: 'golden__opus/results.json' },
      ],
    })
    expect(workspace.results.series.every(({ state }) => state === 'warming-up')).toBe(true)
    expect(step.summary.split('\n')[0]).toMatch(/^## ✅ passed/)
    expect(workspace.read(step.outputs['dashboard-path']!)).toContain('Content-Security-Policy')
    expect((await workspace.history.read()).nights).toMatchObject([
      { dataset: 'golden', model: 'opus', arm: 'current', examples: 100 },
    ])
  })

  test('like the nights before passes, and runs nothing again', async () => {
    const workspace = workspaceWith()
    await workspace.remember()
    const step = await workspace.run()
    expect(step.outputs.verdict).toBe('passed')
    expect(workspace.calls).toHaveLength(100)
    expect(workspace.results.series.find(({ metric }) => metric === 'accuracy')).toMatchObject({
      state: 'steady',
      value: 0.93,
      baseline: { nights: 14 },
    })
  })

  test('that is bad twice is a regression: it fails the step, but not on a schedule', async () => {
    const workspace = workspaceWith()
    await workspace.remember()
    workspace.wrong(25)
    const step = await workspace.run()
    expectNoDefect(step)
    expect(step).toMatchObject({ status: 1, outputs: { verdict: 'failed' } })
    expect(workspace.calls).toHaveLength(200)
    expect(JSON.parse(step.outputs.regressions!)).toMatchObject([
      {
        dataset: 'golden',
        model: 'opus',
        metric: 'accuracy',
        value: 0.75,
        cause: null,
        reason: expect.stringContaining('lower'),
      },
    ])
    expect(workspace.results.series[0]).toMatchObject({ state: 'regressed', confirmed: { value: 0.75, n: 100 } })
    expect(step.summary.split('\n')[0]).toMatch(/^## ❌ failed/)

    const scheduled = await workspace.run({}, { GITHUB_EVENT_NAME: 'schedule' })
    expect(scheduled).toMatchObject({ status: 0, outputs: { verdict: 'failed' } })
    expect(scheduled.annotations).toContainEqual(
      expect.objectContaining({ level: 'warning', message: expect.stringContaining('accuracy') }),
    )
  })

  test('that is bad only once is no regression', async () => {
    const workspace = workspaceWith()
    await workspace.remember()
    workspace.wrong(25)
    workspace.write('later', '7')
    const step = await workspace.run()
    expect(step).toMatchObject({ status: 0, outputs: { verdict: 'passed', regressions: '[]' } })
    expect(workspace.results.series[0]).toMatchObject({ state: 'suspect', value: 0.75, confirmed: { value: 0.93 } })
  })

  test('that looks bad and may not be run again is inconclusive', async () => {
    const workspace = workspaceWith()
    await workspace.remember()
    workspace.wrong(25)
    const step = await workspace.run({ confirm: 'false' })
    expect(step).toMatchObject({ status: 0, outputs: { verdict: 'inconclusive', regressions: '[]' } })
    expect(workspace.calls).toHaveLength(100)
  })

  test('goes on where a leg fails, and that leg is errored', async () => {
    const workspace = workspaceWith()
    const step = await workspace.run({ models: 'broken, opus' })
    expectNoDefect(step)
    expect(step).toMatchObject({ status: 1, outputs: { verdict: 'errored' } })
    expect(workspace.results.legs).toMatchObject([
      { model: 'broken', verdict: 'errored', accuracy: null, coverage: 0 },
      { model: 'opus', verdict: 'passed', accuracy: 0.93 },
    ])
    expect(workspace.results.reason).toContain('golden with broken')
    expect((await workspace.history.read()).nights).toHaveLength(2)
  })

  test('forgets what is older than it may be, but no baseline', async () => {
    const workspace = workspaceWith()
    await workspace.remember()
    const [line] = (await workspace.history.read()).nights
    await workspace.history.append({ nights: [{ ...line!, dataset: 'gone', night: '2025-01-01' }] }, 'x')
    const step = await workspace.run({ 'history-days': '30' })
    expect(step.log).toContain('Removed from the history: nights/2025-01/gone.jsonl')
    const { nights } = await workspace.history.read()
    expect(nights).toHaveLength(15)
    expect(new Set(nights.map(({ dataset }) => dataset))).toEqual(new Set(['golden']))
  })

  test('is planned, with the number of calls, before any is made', async () => {
    const workspace = workspaceWith()
    const step = await workspace.run({ models: 'opus, haiku', repeats: '2', 'plan-only': 'true' })
    expectNoDefect(step)
    expect(step.log).toContain('2 legs, 400 trials')
    expect(step.outputs).toMatchObject({ verdict: 'passed', legs: '["golden__opus","golden__haiku"]' })
    expect(workspace.calls).toEqual([])
  })
})

describe('refused before any call', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a dataset that is not there', { datasets: 'goldne' }, 'golden'],
    ['a leg that is none', { legs: 'golden__opsu' }, 'golden__opus'],
    ['a set of prompts that is none', { prompts: 'terse' }, 'nightly.prompts'],
    ['a set of prompts of no commit', { prompts: 'ref:nowhere' }, 'nowhere'],
    ['a place of the history', { history: 'agent-ci-data' }, 'branch:agent-ci-data'],
    ['a wrong word for the control arm', { control: 'sometimes' }, 'regressed'],
    ['an agent that no set of prompts would reach', { control: 'true', config: 'get.yaml' }, '{{prompts}}'],
    ['legs and merge at once', { legs: 'golden__opus', merge: 'legs' }, 'merge'],
    ['a directory of legs that is not there', { merge: 'legs' }, 'download-artifact'],
    ['two datasets of one name', { datasets: 'golden.jsonl, copy/golden.jsonl' }, 'Two datasets are called'],
  ])('%s', async (_, inputs, told) => {
    const workspace = workspaceWith()
    workspace.write('copy/golden.jsonl', readFileSync(join(workspace.directory, 'golden.jsonl')))
    workspace.write(
      'get.yaml',
      'version: 1\nagent: { type: http, url: "http://127.0.0.1:9", body: { q: "{{input}}" } }\ndatasets: { golden: golden.jsonl }\n',
    )
    const step = await workspace.run(inputs)
    expectNoDefect(step)
    expect(step).toMatchObject({ status: 1, outputs: { verdict: 'errored' } })
    expect(step.log).toContain(told)
    expect(workspace.calls).toEqual([])
  })
})

describe('a night that is cancelled', () => {
  test('loses nothing that was measured, tells nobody, and goes on where it was', async () => {
    const workspace = workspaceWith()
    await workspace.remember()
    workspace.write('pause', '10')
    const models = { models: 'opus, haiku, sonnet' }
    const { process, ended } = workspace.start(models)
    await until(() => workspace.calls.filter((call) => call.endsWith('haiku')).length > 20)
    process.kill('SIGINT')
    const step = await ended
    expectNoDefect(step)
    expect(step).toMatchObject({ status: 1, outputs: { verdict: 'errored' } })
    expect(workspace.results.incidents).toEqual([])
    expect(Object.fromEntries(workspace.results.legs.map(({ model, verdict }) => [model, verdict]))).toEqual({
      opus: 'passed',
      haiku: 'errored',
      sonnet: 'errored',
    })
    const { nights } = await workspace.history.read()
    expect(nights.findLast(({ model }) => model === 'opus')).toMatchObject({ verdict: 'passed', examples: 100 })
    const measured = workspace.lines('agent-ci-results/golden__haiku/trials.jsonl').length
    expect(measured).toBeGreaterThan(10)

    workspace.write('calls.txt', '')
    const again = await workspace.run(models)
    expect(again.outputs.verdict).toBe('passed')
    const callsOf = (model: string) => workspace.calls.filter((call) => call.endsWith(model)).length
    expect([callsOf('opus'), callsOf('haiku'), callsOf('sonnet')]).toEqual([0, 100 - measured, 100])
  })

  test('is begun anew when it is another night', async () => {
    const workspace = workspaceWith()
    await workspace.run()
    workspace.write('agent-ci-results/night.unfinished', '2025-01-01\n')
    await workspace.run()
    expect(workspace.calls).toHaveLength(200)
  })
})

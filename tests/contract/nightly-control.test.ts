import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Service, startWebhook } from '../unit/notify/services.ts'
import { CONFIG, GOOD_PROMPT, NightlyWorkspace } from './nightly-workspace.ts'

const WORSE_PROMPT = 'Be brief.\n'

let workspace: NightlyWorkspace
beforeEach(() => {
  workspace = new NightlyWorkspace()
})
afterEach(() => workspace.remove())

const callsOf = (arm: string) => workspace.calls.filter((call) => call.startsWith(arm)).length
const accuracyOf = (arm: 'current' | 'control') => workspace.results.legs.find((leg) => leg.arm === arm)?.accuracy

describe('the control arm says', () => {
  test('that the provider moved, where the prompts of the baseline are as bad', async () => {
    await workspace.remember()
    workspace.wrong(25)
    const step = await workspace.run({ control: 'regressed' })
    expect(step.outputs.verdict).toBe('failed')
    expect(callsOf('control')).toBe(100)
    expect([accuracyOf('current'), accuracyOf('control')]).toEqual([0.75, 0.75])
    expect(workspace.results.series[0]).toMatchObject({ state: 'regressed', cause: 'provider' })
    expect(JSON.parse(step.outputs.regressions!)).toMatchObject([{ cause: 'provider' }])
    expect(step.summary.split('\n')[0]).toContain('the provider moved')
    expect((await workspace.history.read()).nights.at(-1)).toMatchObject({
      arm: 'control',
      metrics: { accuracy: { value: 0.75 } },
    })
    expect(workspace.repository.run('status', '--porcelain')).toBe('')
  })

  test('that we moved, where they are as good as they were', async () => {
    await workspace.remember()
    workspace.repository.commit({ 'prompts/support.md': WORSE_PROMPT })
    const step = await workspace.run({ control: 'regressed' })
    expect([accuracyOf('current'), accuracyOf('control')]).toEqual([0.78, 0.93])
    expect(workspace.results.series[0]).toMatchObject({ state: 'regressed', cause: 'us' })
    expect(step.summary.split('\n')[0]).toContain('we moved')
    expect(workspace.read('prompts/support.md')).toBe(WORSE_PROMPT)
  })

  test('that we moved, where it was the configuration of the agent', async () => {
    await workspace.remember()
    const worse = CONFIG.replace('[node, agent.mjs]', "[node, agent.mjs], env: { WORSE: '15' }")
    workspace.repository.commit({ 'agent-ci.yaml': worse })
    await workspace.run({ control: 'true' })
    expect([accuracyOf('current'), accuracyOf('control')]).toEqual([0.78, 0.93])
    expect(workspace.results.series[0]).toMatchObject({ state: 'regressed', cause: 'us' })
  })

  test('nothing where the commit of the baseline is not there, and the regression is told all the same', async () => {
    await workspace.remember()
    workspace.wrong(25)
    const step = await workspace.run({ control: 'regressed', baseline: 'v0.9' })
    expect(step).toMatchObject({ status: 1, outputs: { verdict: 'failed' } })
    expect(workspace.results.series[0]).toMatchObject({ state: 'regressed', cause: 'unknown' })
    expect(workspace.results.legs.find(({ arm }) => arm === 'control')).toMatchObject({
      verdict: 'errored',
      reason: expect.stringContaining('v0.9'),
    })
  })

  test('nothing where nothing regressed: it is not run, unless always', async () => {
    await workspace.remember()
    await workspace.run({ control: 'regressed' })
    expect(callsOf('control')).toBe(0)
    await workspace.run({ control: 'always', baseline: 'main' })
    expect(callsOf('control')).toBe(100)
    expect(workspace.results.series.every(({ cause }) => cause === null)).toBe(true)
  })
})

test('each set of prompts is a leg of its own, from the workspace, a directory and a commit', async () => {
  workspace.repository.run('tag', 'v1')
  const prompts = "{ shipped: ., brief: prompt-sets/brief, released: 'ref:v1' }"
  workspace.repository.commit({
    'agent-ci.yaml': `${CONFIG}  prompts: ${prompts}\n`,
    'prompt-sets/brief/prompts/support.md': WORSE_PROMPT,
    'prompts/support.md': `${WORSE_PROMPT}And look the answer up.\n`,
  })
  const step = await workspace.run()
  expect(JSON.parse(step.outputs.legs!)).toEqual([
    'golden__opus__shipped',
    'golden__opus__brief',
    'golden__opus__released',
  ])
  const legs = Object.fromEntries(workspace.results.legs.map(({ prompts: set, accuracy }) => [set, accuracy]))
  expect(legs).toEqual({ shipped: 0.93, brief: 0.78, released: 0.93 })
  expect([callsOf('current'), callsOf('brief'), callsOf('released')]).toEqual([100, 100, 100])
  const digests = (await workspace.history.read()).nights.map(({ fingerprint }) => fingerprint.prompts)
  expect(new Set(digests).size).toBe(3)
  expect(workspace.read('prompts/support.md')).not.toBe(GOOD_PROMPT)
})

describe('when most series move at once', () => {
  let webhook: Service
  beforeEach(async () => {
    webhook = await startWebhook()
  })
  afterEach(() => webhook.stop())

  test('it is one incident, and one leg is asked who moved', async () => {
    const models = { models: 'a, b, c, d, e, f, g' }
    await workspace.remember(models)
    workspace.wrong(17)
    const step = await workspace.run({ ...models, control: 'regressed', 'webhook-url': webhook.url })
    expect(step.outputs.verdict).toBe('failed')
    expect(workspace.results.fleet_shift).toMatchObject({ series: 7 })
    expect(callsOf('control')).toBe(100)
    expect(step.summary.split('\n')[0]).toContain('the provider moved, by accuracy of golden with')
    expect(webhook.received.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
      {
        key: 'agent-ci/local/nightly/most series',
        kind: 'trigger',
        title: 'Most series moved alike: the provider moved',
      },
    ])
  })
})

import { groupByExample, listByExample, tellingTrial } from '@agent-ci/reporting/example-runs'
import type { TrialStream, TrialView } from '@agent-ci/reporting/trial-view'
import { describe, expect, test } from '@jest/globals'
import { errored, failing, lost, streamOf, view, views, wrong } from './fixtures.ts'

async function all(stream: TrialStream) {
  const groups = []
  for await (const group of groupByExample(stream)) groups.push(group)
  return groups
}
const repeats = (...of: TrialView[]): TrialView[] =>
  of.map((each, repeat) => ({ ...each, trial: { ...each.trial, repeat } }))

const good = view(0)
const bad = wrong(good, 'no')
const gone = lost(good, 'timeout', 'no answer')

describe('the repeats of an example', () => {
  test.each([
    ['passed', false, [good, good]],
    ['passed', true, [good, bad, good]],
    ['failed', true, [good, bad]],
    ['failed', false, [bad, gone, gone]],
    ['passed', false, [gone, good, gone]],
    ['errored', false, [gone, gone]],
  ] as const)('together have %s (flaky: %s)', async (status, flaky, trials) => {
    expect(await all(repeats(...trials))).toMatchObject([{ status, flaky }])
  })

  test('come one example at a time, from a list or a stream', async () => {
    const stream = [...repeats(good, bad), view(1), view(2), { trial: null, example: view(3).example }]
    for (const source of [stream, streamOf(stream)]) {
      const groups = await all(source)
      expect(groups.map(({ example, trials, status }) => [example.id, trials.length, status])).toEqual([
        ['billing-001', 2, 'failed'],
        ['refunds-002', 1, 'passed'],
        ['shipping-003', 1, 'passed'],
        ['account-004', 0, 'not run'],
      ])
    }
  })

  test('of no example are none', async () => expect(await all([])).toEqual([]))

  test('of a short list may lie apart', () => {
    const groups = listByExample([failing[0]!, errored[0]!, failing[0]!])
    expect(groups.map(({ trials }) => trials.length)).toEqual([2, 1])
  })

  test('show first what went wrong', () => {
    const outcome = (...of: TrialView[]) => tellingTrial({ trials: of.map(({ trial }) => trial) })
    expect(outcome(good, gone, bad)).toBe(bad.trial)
    expect(outcome(good, gone)).toBe(gone.trial)
    expect(outcome(good, views[50]!)).toBe(views[50]!.trial)
    expect(outcome(good)).toBe(good.trial)
    expect(outcome()).toBeUndefined()
  })
})

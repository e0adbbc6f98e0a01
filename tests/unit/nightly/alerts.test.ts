import { alertKeys, observe } from '@agent-ci/action-nightly-eval/alerts'
import type { Finding } from '@agent-ci/core/nightly/finding'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { expect, test } from '@jest/globals'

const FINDING: Finding = {
  dataset: 'golden',
  model: 'opus',
  prompts: null,
  metric: 'accuracy',
  unit: 'fraction',
  state: 'steady',
  value: 0.9,
  n: 100,
  baseline: { mean: 0.93, sd: 0.01, nights: 14, from: '2026-11-01', to: '2026-11-14' },
  drop: 0.03,
  scale: 'night',
  p: 0.2,
  confirmed: null,
  cause: null,
  reason: 'accuracy 0.9 tonight',
}
const LEG: NightlyResults['legs'][number] = {
  dataset: 'golden',
  model: 'opus',
  prompts: null,
  arm: 'current',
  verdict: 'passed',
  reason: 'Measured',
  accuracy: 0.9,
  latency_p95: 10,
  cost_usd: null,
  coverage: 1,
  answered: [],
  results: null,
}
const RESULTS: NightlyResults = {
  schema_version: 1,
  kind: 'nightly',
  verdict: 'passed',
  reason: '',
  notes: [],
  night: '2026-11-25',
  legs: [LEG],
  series: [FINDING],
  fleet_shift: null,
  quarantined: [],
  incidents: [],
  cost_usd: null,
  run: null,
  started_at: '2026-11-25T02:00:00Z',
  finished_at: '2026-11-25T03:00:00Z',
}

const KEYS = alertKeys('acme/support')
const SERIES = 'agent-ci/acme/support/nightly/golden/opus/accuracy'

const observed = (changes: Partial<NightlyResults>, blessed = false) => {
  const { firing, healthy } = observe({ ...RESULTS, ...changes }, KEYS, () => blessed)
  return { firing: firing.map(({ key }) => key), healthy: [...healthy] }
}
const inState = (state: Finding['state'], more: Partial<Finding> = {}) => ({ series: [{ ...FINDING, state, ...more }] })

test('a series that is well closes its incident, and so does everything else that is', () => {
  for (const state of ['steady', 'improved'] as const)
    expect(observed(inState(state))).toEqual({ firing: [], healthy: [SERIES, KEYS.fleet, KEYS.unmeasured] })
})

test('a regression fires, with what is known of it', () => {
  expect(observed(inState('regressed'))).toEqual({ firing: [SERIES], healthy: [KEYS.unmeasured] })
  const { firing } = observe({ ...RESULTS, ...inState('regressed', { cause: 'us' }) }, KEYS, () => false)
  expect(firing[0]).toMatchObject({
    severity: 'error',
    title: 'accuracy of golden with opus: 3.0 points worse (we moved)',
  })
  expect(firing[0]!.facts).toContainEqual({ name: 'Who moved', value: 'we moved' })
})

test.each(['warming-up', 'stale', 'unmeasured', 'suspect'] as const)(
  'a series that is %s opens and closes nothing',
  (state) => {
    expect(observed(inState(state))).toEqual({ firing: [], healthy: [KEYS.unmeasured] })
  },
)

test('a suspect that new runs show to be well is over; one that they still hint at is not', () => {
  const confirmed = (p: number) => ({ confirmed: { value: 0.93, n: 100, p } })
  expect(observed(inState('suspect', confirmed(0.6))).healthy).toContain(SERIES)
  expect(observed(inState('suspect', confirmed(0.05))).healthy).not.toContain(SERIES)
})

test('what somebody accepted as the new normal is over, though it cannot be judged yet', () => {
  expect(observed(inState('warming-up'), true).healthy).toContain(SERIES)
})

test('a shift of most series is one incident, and leaves theirs as they are', () => {
  const shift = { fleet_shift: { median_t: -3, series: 8, reason: 'Most series moved alike' } }
  expect(observed({ ...inState('suspect'), ...shift })).toEqual({ firing: [KEYS.fleet], healthy: [KEYS.unmeasured] })
})

test('a leg that could not be measured fires; a control arm that could not does not', () => {
  const errored = { ...LEG, verdict: 'errored' as const }
  expect(observed({ ...inState('unmeasured'), legs: [errored] })).toEqual({ firing: [KEYS.unmeasured], healthy: [] })
  expect(observed({ legs: [LEG, { ...errored, arm: 'control' }] }).firing).toEqual([])
})

import { detect } from '@agent-ci/core/nightly/detect'
import type { Night } from '@agent-ci/core/nightly/night'
import { seriesOf } from '@agent-ci/core/nightly/series'
import { expect, test } from '@jest/globals'
import { dateOf, NIGHT, nightOf } from './nights.ts'

const CATEGORY = 'attack_success_rate[tag=exfiltration]'

/** A night with attacks whose seed is its own. */
const attacked = (night: number, rate: number, more: Record<string, string> = {}): Night =>
  nightOf(night, 0.9, {
    metrics: {
      accuracy: { value: 0.9, n: 100 },
      latency_p95_ms: { value: 900, n: 300 },
      attack_success_rate: { value: rate, n: 200 },
      [CATEGORY]: { value: rate, n: 200 },
      utility_under_attack: { value: 0.8, n: 200 },
    },
    fingerprint: { ...NIGHT.fingerprint, attacks: 'sha256:55', attack_seed: String(night), ...more },
  })
const RATES = [0.05, 0.06, 0.04, 0.055, 0.045, 0.05, 0.06, 0.05, 0.04, 0.055]
const usual = RATES.map((rate, at) => attacked(at + 1, rate))
const look = (tonight: Night) => {
  const { findings } = detect(seriesOf([...usual, tonight]), { night: dateOf(11) })
  return Object.fromEntries(findings.map(({ metric, state }) => [metric, state]))
}

test('success is followed by category, and utility under attack, through all the seeds', () => {
  expect(look(attacked(11, 0.05))).toEqual({
    accuracy: 'steady',
    latency_p95_ms: 'steady',
    [CATEGORY]: 'steady',
    utility_under_attack: 'steady',
  })
})

test('more successes are a regression, and fewer are not', () => {
  expect(look(attacked(11, 0.3))).toMatchObject({ accuracy: 'steady', [CATEGORY]: 'suspect' })
  expect(look(attacked(11, 0))[CATEGORY]).not.toBe('suspect')
})

test('other probes make the attacks stale, and not the accuracy', () => {
  expect(look(attacked(11, 0.3, { attacks: 'sha256:66' }))).toMatchObject({ accuracy: 'steady', [CATEGORY]: 'stale' })
})

test('attacks that are switched on leave the baseline of the accuracy where it is, and times are of other trials', () => {
  const metrics = { accuracy: { value: 0.9, n: 100 }, latency_p95_ms: { value: 500, n: 100 } }
  const before = Array.from({ length: 10 }, (_, at) => nightOf(at + 1, 0.9, { metrics }))
  const { findings } = detect(seriesOf([...before, attacked(11, 0.3)]), { night: dateOf(11) })
  expect(findings.map(({ metric, state }) => [metric, state])).toEqual([
    ['accuracy', 'steady'],
    ['latency_p95_ms', 'stale'],
    [CATEGORY, 'warming-up'],
    ['utility_under_attack', 'warming-up'],
  ])
})

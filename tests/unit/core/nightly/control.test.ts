import { readControl, withCause } from '@agent-ci/core/nightly/control'
import { detect } from '@agent-ci/core/nightly/detect'
import type { Night } from '@agent-ci/core/nightly/night'
import { seriesId, seriesOf } from '@agent-ci/core/nightly/series'
import { expect, test } from '@jest/globals'
import { dateOf, nightOf } from './nights.ts'

const SCATTER = [0.9, 0.92, 0.88, 0.91, 0.89, 0.93, 0.9, 0.87, 0.9, 0.92, 0.89, 0.91, 0.9, 0.88]
/** A run in which the first `failed` examples failed. */
const run = (failed: number, more: Partial<Night> = {}): Night =>
  nightOf(29, 1 - failed / 100, {
    imperfect: Object.fromEntries(Array.from({ length: failed }, (_, at) => [`e${at}`, [0, 1] as [number, number]])),
    ...more,
  })
const control = (failed: number, more: Partial<Night> = {}) => run(failed, { arm: 'control', ...more })

const series = seriesOf([...Array.from({ length: 28 }, (_, at) => nightOf(at + 1, SCATTER[at % 14]!)), run(25)])
const { judged, findings } = detect(series, { night: dateOf(29) })
const judgedSeries = judged.get(seriesId(series[0]!.key))!

test.each([
  ['provider', run(25), control(24)],
  ['us', run(25), control(10)],
  ['both', run(40), control(25)],
  ['unknown', run(14), control(12)],
] as const)('%s: told from both arms by the paired test', (cause, current, other) => {
  const reading = readControl(judgedSeries, [current], [other])
  expect(reading).toMatchObject({ cause, test: 'paired' })
})

test('the reason has the numbers of both tests, and the finding takes it', () => {
  const reading = readControl(judgedSeries, [run(25)], [control(10)])
  expect(reading.reason).toMatch(
    /^we moved: the control arm has 0\.900, p \S+ against the baseline; the current one 0\.750, p \S+ against the control arm \(paired\)$/,
  )
  const finding = withCause(findings[0]!, reading)
  expect(finding.cause).toBe('us')
  expect(finding.reason.endsWith(reading.reason)).toBe(true)
})

test('arms with other examples are two samples', () => {
  const other = control(10, { fingerprint: { dataset: 'other' } })
  expect(readControl(judgedSeries, [run(25)], [other])).toMatchObject({ cause: 'us', test: 'two-sample' })
})

test('an arm that measured nothing leaves the cause unknown', () => {
  for (const arms of [[[run(25)], []] as const, [[run(25)], [control(100, { verdict: 'errored' })]] as const]) {
    expect(readControl(judgedSeries, arms[0], arms[1])).toMatchObject({
      cause: 'unknown',
      test: null,
      reason: 'the control arm measured nothing',
    })
  }
})

test('a latency is two samples, and slower on both arms is the endpoint', () => {
  const latency = (at: number, value: number, arm: Night['arm'] = 'current') =>
    nightOf(at, 0.9, { arm, metrics: { latency_p95_ms: { value, n: 100 } } })
  const nights = Array.from({ length: 28 }, (_, at) => latency(at + 1, 1_000 + 20 * (at % 5)))
  const slow = seriesOf([...nights, latency(29, 1_500)])
  const found = detect(slow, { night: dateOf(29) })
  const one = found.judged.get(seriesId(slow[0]!.key))!
  expect(readControl(one, [latency(29, 1_500)], [latency(29, 1_480, 'control')])).toMatchObject({
    cause: 'provider',
    test: 'two-sample',
  })
  expect(readControl(one, [latency(29, 1_500)], [latency(29, 1_020, 'control')]).cause).toBe('us')
})

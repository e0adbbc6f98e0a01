import { measure } from '@agent-ci/delivery/analysis/measure'
import type { Measurement } from '@agent-ci/delivery/analysis/measurement'
import {
  DEFAULT_RULES,
  type EmptyMetric,
  type LatencyMetric,
  type Limits,
  type Metric,
  type ValueMetric,
} from '@agent-ci/delivery/analysis/metric'
import { errorRateOf, latencyOf } from '@agent-ci/delivery/analysis/packs/http'
import type { Reading } from '@agent-ci/delivery/analysis/reading'
import { addReading, type Tally } from '@agent-ci/delivery/analysis/tally'
import { describe, expect, test } from '@jest/globals'

/** What a check comes to, by the readings before it and its own. */
function judge(metric: Metric, ...readings: readonly Reading[]): Measurement {
  const tally = readings.reduce<Tally>((all, reading) => addReading(all, reading, metric.windowMs), [])
  return measure(metric, readings.at(-1)!, tally)
}

const errorRate = errorRateOf('request', { from: 'selectors', total: 'x{selector}', bad: 'x{selector}' })
const counts = (bad: number, total: number, atMs = 0, stable = { bad: 0, total: 100 }): Reading => ({
  kind: 'counts',
  atMs,
  arms: { canary: { bad, total }, stable },
})

describe("the guide's error rate", () => {
  test.each([
    [0, 100, 'pass', 'error-rate 0 %'],
    [5, 100, 'pass', 'error-rate 5 %'],
    [6, 100, 'fail', 'error-rate 6 % is above 5 %'],
    [11, 100, 'fail', 'error-rate 11 % is above 10 %, where a release goes back at once'],
    [0, 0, 'noData', 'the canary had no request'],
    [9, 29, 'insufficient', 'the canary has 29 of the 30 requests that error-rate needs'],
  ])('%i of %i: %s, %s', (bad, total, phase, reason) => {
    expect(judge(errorRate, counts(bad, total))).toMatchObject({ phase, reason, brake: bad === 11 })
  })

  test('is taken over the window: older checks leave it', () => {
    expect(judge(errorRate, counts(50, 50, 0), counts(0, 100, 300_000))).toMatchObject({ phase: 'pass', value: 0 })
    expect(judge(errorRate, counts(5, 50, 1), counts(0, 50, 300_000))).toMatchObject({ value: 0.05 })
  })
})

describe('latency', () => {
  const bounds = [1, 5, 10]
  const buckets = (canary: number[], stable = [100, 0, 0, 0], own = bounds): Reading => ({
    kind: 'buckets',
    atMs: 0,
    arms: { canary: { bounds: own, counts: canary }, stable: { bounds, counts: stable } },
  })
  const latency = latencyOf('x{selector}')

  test.each([
    [[96, 4, 0, 0], 'pass', 'latency p50 0.521 s'],
    [[90, 0, 10, 0], 'fail', 'latency p95 7.5 s is above 5 s'],
    // Above the last bound is above the limit that equals it.
    [[97, 0, 0, 3], 'fail', 'latency p99 of more than 10 s is above 10 s'],
    [[90, 0, 0, 10], 'fail', 'latency p95 of more than 10 s is above 5 s'],
    [[10, 0, 0, 0], 'insufficient', 'the canary has 10 of the 30 requests that latency needs'],
    [[0, 0, 0, 0], 'noData', 'the canary had no request'],
  ])('%j: %s, %s', (canary, phase, reason) => {
    expect(judge(latency, buckets(canary))).toMatchObject({ phase, reason })
  })

  test('a limit beyond the last bound cannot be seen to be kept', () => {
    const lenient: LatencyMetric = { ...latency, quantiles: [{ q: 0.95, limits: { max: 30 } }] }
    expect(judge(lenient, buckets([90, 0, 0, 10]))).toMatchObject({
      phase: 'inconclusive',
      reason: 'latency p95 of more than 10 s, the last bound of the histogram: the limit 30 s cannot be checked',
    })
    expect(judge(lenient, buckets([90, 0, 10, 0])).phase).toBe('pass')
  })

  test('a ratio is checked against stable', () => {
    const ratio: LatencyMetric = { ...latency, quantiles: [{ q: 0.95, limits: { maxRatio: 1.25 } }] }
    expect(judge(ratio, buckets([0, 100, 0, 0]))).toMatchObject({
      phase: 'fail',
      reason: "latency p95 4.8 s against stable's 0.95 s is more than 1.25 times",
    })
    expect(judge(ratio, buckets([100, 0, 0, 0], [0, 0, 0, 0])).phase).toBe('noData')
    expect(judge(ratio, buckets([100, 0, 0, 0], [29, 0, 0, 0])).phase).toBe('insufficient')
  })

  test('layouts without a bound in common cannot be judged', () => {
    expect(judge(latency, buckets([100, 0], [100, 0, 0, 0], [2]))).toMatchObject({ phase: 'error' })
  })
})

describe('a value', () => {
  const value = (limits: Limits, more: Partial<ValueMetric> = {}): ValueMetric => ({
    ...DEFAULT_RULES,
    kind: 'value',
    name: 'judge score',
    unit: '',
    query: 'x{selector}',
    samples: undefined,
    limits,
    onViolation: 'fail',
    minSamples: 30,
    windowMs: 60_000,
    ...more,
  })
  const read = (canary: number | undefined, stable: number | undefined | null = null, samples = {}): Reading => ({
    kind: 'value',
    atMs: 0,
    canary,
    stable,
    samples,
  })

  test.each<[Limits, Reading, string, string]>([
    [{ min: 0.8 }, read(0.8), 'pass', 'judge score 0.8'],
    [{ min: 0.8 }, read(0.79), 'fail', 'judge score 0.79 is below 0.8'],
    [{ max: 2 }, read(2.5), 'fail', 'judge score 2.5 is above 2'],
    [{ max: 2 }, read(undefined), 'noData', 'the canary has no judge score'],
    [{ max: 2 }, read(Number.NaN), 'noData', 'the canary has no judge score'],
    [{ max: 2 }, read(Number.POSITIVE_INFINITY), 'fail', 'judge score +Inf is above 2'],
    [{ min: 2 }, read(Number.POSITIVE_INFINITY), 'error', 'judge score is +Inf'],
    [{ max: 2 }, read(Number.NEGATIVE_INFINITY), 'error', 'judge score is -Inf'],
    [{ maxRatio: 1.2 }, read(1.2, 1), 'pass', 'judge score 1.2'],
    [{ maxRatio: 1.2 }, read(1.3, 1), 'fail', "judge score 1.3 against stable's 1 is more than 1.2 times"],
    [{ minRatio: 0.9 }, read(0.8, 1), 'fail', "judge score 0.8 against stable's 1 is less than 0.9 times"],
    [
      { maxRatio: 1.2 },
      { ...read(1), stable: undefined } as Reading,
      'noData',
      'stable has no judge score to compare with',
    ],
    [{ maxRatio: 1.2 }, read(1, Number.NaN), 'noData', 'stable has no judge score to compare with'],
    [{ maxRatio: 1.2 }, read(0, 0), 'pass', 'judge score 0'],
    [{ maxRatio: 1.2 }, read(1, 0), 'inconclusive', "judge score 1 against stable's 0 has no ratio"],
    [
      { max: 2 },
      read(1, null, { canary: 29 }),
      'insufficient',
      'the canary has 29 of the 30 samples that judge score needs',
    ],
    [
      { maxRatio: 2 },
      read(1, 1, { canary: 30, stable: 3 }),
      'insufficient',
      'stable has 3 of the 30 samples that judge score needs',
    ],
  ])('with %j: %j', (limits, reading, phase, reason) => {
    expect(judge(value(limits), reading)).toMatchObject({ phase, reason })
  })

  test('a broken limit pauses where the metric says so, but not beyond the brake', () => {
    const soft = value({ max: 1, brake: 5 }, { onViolation: 'inconclusive' })
    expect(judge(soft, read(2))).toMatchObject({ phase: 'inconclusive', brake: false })
    expect(judge(soft, read(6))).toMatchObject({ phase: 'fail', brake: true })
  })
})

describe('what must be empty', () => {
  const drift: EmptyMetric = {
    ...DEFAULT_RULES,
    kind: 'empty',
    name: 'model-drift',
    unit: 'model',
    query: 'x',
    evidence: 'y',
    finding: 'models that stable does not use',
    onViolation: 'inconclusive',
    minSamples: 0,
    windowMs: 1,
  }
  test.each([
    [['small-2', 'tiny'], true, 'inconclusive', 'models that stable does not use: small-2, tiny'],
    [[], true, 'pass', 'model-drift: none'],
    // Empty because nothing answers at all is no proof.
    [[], false, 'noData', 'the canary has no series for model-drift'],
  ])('%j with evidence %s', (found, evidence, phase, reason) => {
    expect(judge(drift, { kind: 'empty', atMs: 0, found, evidence })).toMatchObject({ phase, reason })
  })
})

test('a question that failed is an error, whatever was counted before', () => {
  const failed: Reading = { kind: 'error', atMs: 9, failure: 'timeout', message: 'no answer within 30 s' }
  expect(judge(errorRate, counts(0, 100), failed)).toMatchObject({
    phase: 'error',
    reason: 'no answer within 30 s',
    atMs: 9,
  })
})

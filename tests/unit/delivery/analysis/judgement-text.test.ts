import type { CanaryDecision, CanaryJudgement } from '@agent-ci/core/statistics/canary/judgement'
import { describeJudgement, metricOf } from '@agent-ci/delivery/analysis/judgement-text'
import { expect, test } from '@jest/globals'

const tally = (requests: number, errors: number) => ({ requests, errors, durations: [] })

const judged = (decision: CanaryDecision): CanaryJudgement => ({
  ...decision,
  evidence: { value: 24.31, threshold: 20, errors: 24, latency: 1, limits: 1 },
  whole: { canary: tally(412, 33), stable: tally(3_708, 74) },
  step: { canary: tally(200, 1), stable: tally(1_000, 10) },
  stepSeconds: 60,
})

const BOTH = '8.0 % of 412 requests failed on the canary, 2.0 % of 3708 on stable'

test('what is suspect for its latency is not told by its errors', () => {
  const decision: CanaryDecision = { judgement: 'hold', reason: { kind: 'suspect' } }
  const evidence = { value: 19.3, threshold: 50, errors: 0.5, latency: 18.8, limits: 0 }
  expect(describeJudgement({ ...judged(decision), evidence })).toBe(
    'there is some evidence against the canary, 19.3 of 50: it is slower than stable',
  )
})

test.each<[string, CanaryDecision, string | null, string]>([
  [
    'errors that the evidence found',
    { judgement: 'rollBack', reason: { kind: 'errors', ratio: 4.02, early: false } },
    'error-rate',
    `${BOTH}: 4.0 times as many, evidence 24.3 of 20`,
  ],
  [
    'errors that the early test found, which has no evidence',
    { judgement: 'rollBack', reason: { kind: 'errors', ratio: 4.02, early: true } },
    'error-rate',
    `${BOTH}: 4.0 times as many`,
  ],
  [
    'latency',
    { judgement: 'rollBack', reason: { kind: 'latency', ratio: 2.04, canaryP95: 0.6789, stableP95: 0.333 } },
    'latency',
    'the canary is 2.0 times as slow: p95 0.679 s against 0.333 s, evidence 24.3 of 20',
  ],
  [
    'latency beyond what the histogram can tell',
    { judgement: 'rollBack', reason: { kind: 'latency', ratio: 9, canaryP95: 'saturated', stableP95: 1 } },
    'latency',
    'the canary is 9.0 times as slow: p95 above its last bucket against 1 s, evidence 24.3 of 20',
  ],
  [
    'the limit of the error rate',
    { judgement: 'rollBack', reason: { kind: 'limit', metric: 'errorRate', limit: 0.05, over: 33, n: 412 } },
    'error-rate',
    'error rate is above its limit of 5.0 %: 33 of 412 requests are beyond it',
  ],
  [
    'the limit of a percentile',
    { judgement: 'rollBack', reason: { kind: 'limit', metric: 'p95', limit: 5, over: 33, n: 412 } },
    'latency-p95',
    'p95 is above its limit of 5 s: 33 of 412 requests are beyond it',
  ],
  [
    'far beyond a limit',
    { judgement: 'rollBack', reason: { kind: 'atOnce', metric: 'p95', limit: 30, over: 40, n: 50 } },
    'latency-p95',
    'p95 is far above 30 s: 40 of 50 requests are beyond it',
  ],
  [
    'half of all requests of one check',
    { judgement: 'rollBack', reason: { kind: 'emergency', over: 20, n: 30 } },
    'error-rate',
    '20 of the last 30 requests failed on the canary, and not on stable',
  ],
  [
    'good enough',
    { judgement: 'advance', reason: { kind: 'shown', evidence: 3, threshold: 3 } },
    null,
    'error rate 0.5 % of 200 requests, shown to be below its limit',
  ],
  [
    'no data',
    { judgement: 'hold', reason: { kind: 'noData' } },
    null,
    'the last check had no data that could be counted',
  ],
  ['no traffic', { judgement: 'hold', reason: { kind: 'noTraffic' } }, null, 'the canary has had no request yet'],
  [
    'a sick environment',
    { judgement: 'hold', reason: { kind: 'environment', metric: 'errorRate', limit: 0.05 } },
    null,
    'stable is beyond its limit too (error rate 5.0 %): no fault of the canary',
  ],
  [
    'too soon',
    { judgement: 'hold', reason: { kind: 'tooSoon', seconds: 59.6, minSeconds: 300 } },
    null,
    'watched for 60 of at least 300 s',
  ],
  [
    'suspect',
    { judgement: 'hold', reason: { kind: 'suspect' } },
    null,
    `there is some evidence against the canary, 24.3 of 20: ${BOTH}`,
  ],
  [
    'too few checks to compare',
    { judgement: 'hold', reason: { kind: 'tooFewChecks', checks: 2, leastChecks: 3 } },
    null,
    'compared with stable at 2 of at least 3 checks',
  ],
  [
    'not shown yet',
    { judgement: 'hold', reason: { kind: 'notShown', evidence: 1, threshold: 3, cleanRequests: 58 } },
    null,
    'an error rate below the limit is not shown yet: about 58 more requests without an error are needed',
  ],
  [
    'not compared yet',
    { judgement: 'hold', reason: { kind: 'uncompared', ratio: 3, evidence: 4.21, threshold: 20 } },
    null,
    `the comparison with stable has not shown an error rate below 3 times its own, as require-relative asks, evidence 4.2 of 20: ${BOTH}`,
  ],
  [
    'slow',
    { judgement: 'hold', reason: { kind: 'slow', metric: 'p99', value: 12.3, limit: 10 } },
    null,
    'p99 is 12.3 s, above its limit of 10 s',
  ],
])('%s', (_, decision, metric, text) => {
  expect({ text: describeJudgement(judged(decision)), metric: metricOf(judged(decision)) }).toEqual({ text, metric })
})

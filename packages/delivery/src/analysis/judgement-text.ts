import type { Quantile } from '@agent-ci/core/statistics/canary/histogram'
import type { CanaryJudgement } from '@agent-ci/core/statistics/canary/judgement'
import { errorRate } from '@agent-ci/core/statistics/canary/tally'

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
const seconds = (value: Quantile): string =>
  value === 'saturated' ? 'above its last bucket' : `${Number(value.toPrecision(3))} s`
const limitName = (metric: 'errorRate' | 'p95' | 'p99'): string => (metric === 'errorRate' ? 'error rate' : metric)
const limitValue = (metric: 'errorRate' | 'p95' | 'p99', limit: number): string =>
  metric === 'errorRate' ? percent(limit) : seconds(limit)

/** The metric that a judgement rests on, as outputs name it; null where none decided. */
export function metricOf({ judgement, reason }: CanaryJudgement): string | null {
  if (judgement !== 'rollBack') return null
  switch (reason.kind) {
    case 'errors':
    case 'emergency':
      return 'error-rate'
    case 'latency':
      return 'latency'
    case 'limit':
    case 'atOnce':
      return reason.metric === 'errorRate' ? 'error-rate' : `latency-${reason.metric}`
  }
}

/** A judgement in a sentence, with the numbers behind it. */
export function describeJudgement({ judgement, reason, whole, step, evidence }: CanaryJudgement): string {
  const both = `${percent(errorRate(whole.canary))} of ${whole.canary.requests} requests failed on the canary, ${percent(errorRate(whole.stable))} of ${whole.stable.requests} on stable`
  if (judgement === 'advance')
    return `error rate ${percent(errorRate(step.canary))} of ${step.canary.requests} requests, shown to be below its limit`
  if (judgement === 'rollBack')
    switch (reason.kind) {
      case 'errors':
        return `${both}: ${reason.ratio.toFixed(1)} times as many${reason.early ? '' : `, evidence ${evidence.value.toFixed(1)} of ${evidence.threshold.toFixed(0)}`}`
      case 'latency':
        return `the canary is ${reason.ratio.toFixed(1)} times as slow: p95 ${seconds(reason.canaryP95)} against ${seconds(reason.stableP95)}, evidence ${evidence.value.toFixed(1)} of ${evidence.threshold.toFixed(0)}`
      case 'limit':
        return `${limitName(reason.metric)} is above its limit of ${limitValue(reason.metric, reason.limit)}: ${reason.over} of ${reason.n} requests are beyond it`
      case 'atOnce':
        return `${limitName(reason.metric)} is far above ${limitValue(reason.metric, reason.limit)}: ${reason.over} of ${reason.n} requests are beyond it`
      case 'emergency':
        return `${reason.over} of the last ${reason.n} requests failed on the canary, and not on stable`
    }
  switch (reason.kind) {
    case 'noData':
      return 'the last check had no data that could be counted'
    case 'noTraffic':
      return 'the canary has had no request yet'
    case 'environment':
      return `stable is beyond its limit too (${limitName(reason.metric)} ${limitValue(reason.metric, reason.limit)}): no fault of the canary`
    case 'tooSoon':
      return `watched for ${Math.round(reason.seconds)} of at least ${Math.round(reason.minSeconds)} s`
    case 'tooFewChecks':
      return `compared with stable at ${reason.checks} of at least ${reason.leastChecks} checks`
    case 'suspect':
      return `there is some evidence against the canary, ${evidence.value.toFixed(1)} of ${evidence.threshold.toFixed(0)}: ${evidence.latency > Math.max(evidence.errors, evidence.limits) ? 'it is slower than stable' : both}`
    case 'notShown':
      return `an error rate below the limit is not shown yet: about ${reason.cleanRequests} more requests without an error are needed`
    case 'uncompared':
      return `the comparison with stable has not shown an error rate below ${reason.ratio} times its own, as require-relative asks, evidence ${reason.evidence.toFixed(1)} of ${reason.threshold.toFixed(0)}: ${both}`
    case 'slow':
      return `${reason.metric} is ${seconds(reason.value)}, above its limit of ${seconds(reason.limit)}`
  }
}

import type { Limits, Metric } from './metric.ts'

/** Limits that inputs set over those of a pack. */
export interface Thresholds {
  /** A fraction. */
  readonly maxErrorRate?: number
  readonly maxLatencyP95Seconds?: number
  readonly maxLatencyP99Seconds?: number
  /** What the canary may cost as long as it is one. */
  readonly maxSpendUsd?: number
  readonly intervalMs?: number
}

/** A limit above the brake moves the brake: what is allowed never goes back at once. */
function withMax(limits: Limits, max: number | undefined): Limits {
  if (max === undefined) return limits
  const { brake } = limits
  return { ...limits, max, ...(brake !== undefined && { brake: Math.max(brake, max) }) }
}

function withLimits(metric: Metric, thresholds: Thresholds): Metric {
  if (metric.kind === 'errorRate') {
    return { ...metric, limits: withMax(metric.limits, thresholds.maxErrorRate) }
  }
  if (metric.kind === 'value' && metric.name === 'spend' && thresholds.maxSpendUsd !== undefined) {
    return { ...metric, limits: { brake: thresholds.maxSpendUsd }, dryRun: false }
  }
  if (metric.kind !== 'latency' || metric.name !== 'latency') return metric
  const maxOf = (q: number) =>
    q === 0.95 ? thresholds.maxLatencyP95Seconds : q === 0.99 ? thresholds.maxLatencyP99Seconds : undefined
  return { ...metric, quantiles: metric.quantiles.map(({ q, limits }) => ({ q, limits: withMax(limits, maxOf(q)) })) }
}

/** A pack's metrics under the limits and the interval that inputs give. */
export const applyThresholds = (metrics: readonly Metric[], thresholds: Thresholds): Metric[] =>
  metrics.map((metric) => {
    const limited = withLimits(metric, thresholds)
    return thresholds.intervalMs === undefined ? limited : { ...limited, intervalMs: thresholds.intervalMs }
  })

import { longerThan, total } from './histogram.ts'
import type { Tally } from './tally.ts'

/** The most that a canary may do, whatever the stable arm does. Rates are fractions, durations seconds. */
export interface CanaryLimits {
  readonly errorRate: number
  readonly p95Seconds: number
  readonly p99Seconds: number
  /** Clearly beyond these it is taken back at once. */
  readonly atOnce: { readonly errorRate: number; readonly p95Seconds: number }
}

export const GUIDE_LIMITS: CanaryLimits = {
  errorRate: 0.05,
  p95Seconds: 5,
  p99Seconds: 10,
  atOnce: { errorRate: 0.1, p95Seconds: 30 },
}

export const LIMIT_METRICS = ['errorRate', 'p95', 'p99'] as const
export type LimitMetric = (typeof LIMIT_METRICS)[number]

/**
 * A limit as a share of requests: "p95 <= 5 s" says that at most 5 % of the requests last longer than 5 s, so that a percentile is judged
 * by counts as an error rate is, and no single slow request decides.
 */
export interface ShareLimit {
  readonly metric: LimitMetric
  /** The limit in its own unit: a rate, or seconds. */
  readonly limit: number
  readonly share: number
  /** The index of the duration bound that the requests must not exceed; null: the share is that of errors. */
  readonly bound: number | null
}

/**
 * The first bound at or above the limit: a bucket that the limit cuts in two is not held against the canary. undefined: durations beyond
 * the limit cannot be told.
 */
const boundAt = (bounds: readonly number[], seconds: number): number | undefined => {
  const index = bounds.findIndex((bound) => bound >= seconds * (1 - 1e-9))
  return index < 0 ? undefined : index
}

function durationLimit(metric: LimitMetric, bounds: readonly number[], limit: number, share: number): ShareLimit[] {
  const bound = boundAt(bounds, limit)
  return bound === undefined ? [] : [{ metric, limit, share, bound }]
}

/** The limits that these duration bounds can tell. */
export const shareLimits = (limits: CanaryLimits, bounds: readonly number[]): readonly ShareLimit[] => [
  { metric: 'errorRate', limit: limits.errorRate, share: limits.errorRate, bound: null },
  ...durationLimit('p95', bounds, limits.p95Seconds, 0.05),
  ...durationLimit('p99', bounds, limits.p99Seconds, 0.01),
]

export const atOnceLimits = ({ atOnce }: CanaryLimits, bounds: readonly number[]): readonly ShareLimit[] => [
  { metric: 'errorRate', limit: atOnce.errorRate, share: atOnce.errorRate, bound: null },
  ...durationLimit('p95', bounds, atOnce.p95Seconds, 0.05),
]

/** How many requests there were, and how many of them beyond the limit. */
export const beyond = ({ bound }: ShareLimit, tally: Tally): { readonly n: number; readonly over: number } =>
  bound === null
    ? { n: tally.requests, over: tally.errors }
    : { n: total(tally.durations), over: longerThan(tally.durations, bound) }

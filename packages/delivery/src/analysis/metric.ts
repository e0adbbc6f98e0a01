import type { Direction } from '@agent-ci/core/statistics/canary/kayenta'

/** What a check without data means for a metric. `inconclusive`: nothing is promoted until there is some. */
export const ON_NO_DATA = ['fail', 'inconclusive', 'pass'] as const
export type OnNoData = (typeof ON_NO_DATA)[number]

/** What too few samples mean when the time is up; before that, the analysis goes on. */
export const ON_INSUFFICIENT = ['fail', 'inconclusive', 'pass'] as const
export type OnInsufficient = (typeof ON_INSUFFICIENT)[number]

export const ON_VIOLATION = ['fail', 'inconclusive'] as const
export type OnViolation = (typeof ON_VIOLATION)[number]

/** When a metric is checked, and how many bad checks it takes. The numbers are those of Argo Rollouts. */
export interface CheckRules {
  readonly intervalMs: number
  /** The wait before the first check. */
  readonly initialDelayMs: number
  /** Conclusive checks after which the metric is decided; undefined: as long as the analysis runs. */
  readonly count: number | undefined
  /** Failed checks that are borne. */
  readonly failureLimit: number
  readonly inconclusiveLimit: number
  /** Errors one after another that are borne. */
  readonly consecutiveErrorLimit: number
  readonly onNoData: OnNoData
  readonly onInsufficient: OnInsufficient
  /** Measured and shown, but never decides. */
  readonly dryRun: boolean
}

export const DEFAULT_RULES: CheckRules = {
  intervalMs: 30_000,
  initialDelayMs: 0,
  count: undefined,
  failureLimit: 0,
  inconclusiveLimit: 0,
  consecutiveErrorLimit: 4,
  onNoData: 'inconclusive',
  onInsufficient: 'fail',
  dryRun: false,
}

/** After a failed question, apart from the interval. */
export const ERROR_RETRY_MS = 10_000

/** Bounds that a value must keep within; a value on a bound is within. */
export interface Limits {
  readonly min?: number
  readonly max?: number
  /** Of canary / stable. */
  readonly maxRatio?: number
  readonly minRatio?: number
  /** Beyond it, the release is rolled back at once, whatever the limits of checks say. */
  readonly brake?: number
}

interface Common extends CheckRules {
  readonly name: string
  /** What one count is, or what the value is measured in: `request`, `session`, `s`, `USD`. */
  readonly unit: string
  readonly onViolation: OnViolation
  /** Of each arm that is judged. */
  readonly minSamples: number
  /** What the checks look back on, `$w`. */
  readonly windowMs: number
}

/** Which series of a family count as bad: those where the label matches the whole pattern. */
export interface BadLabel {
  readonly label: string
  readonly pattern: string
}

/** Raw counters: range selectors are made of these templates, so they are selectors and not expressions. */
export type CountSource =
  | { readonly from: 'labels'; readonly total: string; readonly bad: BadLabel }
  | { readonly from: 'selectors'; readonly total: string; readonly bad: string }

/** A share of bad counts among all, for the sequential comparison. */
export interface CountMetric extends Common {
  /** `errorRate` is the release's own; a `counterRatio` is any other share, such as failed tool calls. */
  readonly kind: 'errorRate' | 'counterRatio'
  readonly counts: CountSource
  readonly limits: Limits
}

/** Durations in a classic histogram. */
export interface LatencyMetric extends Common {
  readonly kind: 'latency'
  /** A selector of the `_bucket` series. */
  readonly buckets: string
  /** By quantile in (0, 1), in the unit of the buckets. */
  readonly quantiles: readonly { readonly q: number; readonly limits: Limits }[]
}

/** One number an arm, computed by Prometheus. */
export interface ValueMetric extends Common {
  readonly kind: 'value'
  readonly query: string
  /** How many samples the value rests on; without it, `minSamples` is not checked. */
  readonly samples: string | undefined
  readonly limits: Limits
}

/** A query that must answer nothing; each series that it answers is a finding. */
export interface EmptyMetric extends Common {
  readonly kind: 'empty'
  readonly query: string
  /** Must answer a number above 0 for an empty answer to mean anything. */
  readonly evidence: string
  /** What a finding is, for the reason: `a model that stable does not use`. */
  readonly finding: string
}

/** One series of points an arm, for Kayenta's judge. */
export interface KayentaSeries {
  readonly name: string
  readonly query: string
  /** Which change is for the worse. */
  readonly direction: Direction
  /** What becomes of a point that is NaN: left out, or 0. */
  readonly nan: 'remove' | 'replace'
  /** A series that does not pass makes the score 0. */
  readonly critical: boolean
  readonly weight: number
  /** The ratio of means from which an increase counts, and up to which a decrease does. */
  readonly allowedIncrease: number
  readonly allowedDecrease: number
}

/** Kayenta's judge over some series: a score of 0 to 100. */
export interface KayentaMetric extends Common {
  readonly kind: 'kayenta'
  readonly series: readonly KayentaSeries[]
  /** Between points. */
  readonly stepMs: number
  /** The least score that passes, and the least that does not fail. */
  readonly pass: number
  readonly marginal: number
}

export type Metric = CountMetric | LatencyMetric | ValueMetric | EmptyMetric | KayentaMetric

/** `p95` of 0.95. */
export const quantileName = (q: number): string => `p${Number((q * 100).toFixed(4))}`

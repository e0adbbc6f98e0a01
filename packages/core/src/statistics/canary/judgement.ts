import type { Quantile } from './histogram.ts'
import type { LimitMetric } from './limits.ts'
import type { Arms } from './tally.ts'

/** Why a canary is taken back. */
export type RollBackReason =
  /** Its error rate exceeds the stable arm's; `early`: found by the early test, not by the evidence. */
  | { readonly kind: 'errors'; readonly ratio: number; readonly early: boolean }
  | { readonly kind: 'latency'; readonly ratio: number; readonly canaryP95: Quantile; readonly stableP95: Quantile }
  | {
      readonly kind: 'limit'
      readonly metric: LimitMetric
      readonly limit: number
      readonly over: number
      readonly n: number
    }
  /** Clearly beyond a limit that allows no waiting; `over` of `n` requests are errors, or last longer. */
  | {
      readonly kind: 'atOnce'
      readonly metric: LimitMetric
      readonly limit: number
      readonly over: number
      readonly n: number
    }
  /** Half of the requests of one check failed, and the stable arm's did not. */
  | { readonly kind: 'emergency'; readonly over: number; readonly n: number }

/** Why a canary stays where it is. */
export type HoldReason =
  /** Nothing was measured at this check, or what was cannot be counts. */
  | { readonly kind: 'noData' }
  | { readonly kind: 'noTraffic' }
  /** The stable arm is beyond the limit too, which is no fault of the canary's. */
  | { readonly kind: 'environment'; readonly metric: LimitMetric; readonly limit: number }
  | { readonly kind: 'tooSoon'; readonly seconds: number; readonly minSeconds: number }
  /** Both arms had requests at fewer checks than a comparison needs to find anything. */
  | { readonly kind: 'tooFewChecks'; readonly checks: number; readonly leastChecks: number }
  /** The evidence against it is not enough to take it back, and too much to go on. */
  | { readonly kind: 'suspect' }
  /** An error rate below the limit is not shown yet; `cleanRequests` more without an error would show it. */
  | { readonly kind: 'notShown'; readonly evidence: number; readonly threshold: number; readonly cleanRequests: number }
  /** The comparison with the stable arm has not shown its odds of an error to be below `ratio` times that arm's. */
  | { readonly kind: 'uncompared'; readonly ratio: number; readonly evidence: number; readonly threshold: number }
  | { readonly kind: 'slow'; readonly metric: 'p95' | 'p99'; readonly value: Quantile; readonly limit: number }

export interface AdvanceReason {
  readonly kind: 'shown'
  readonly evidence: number
  readonly threshold: number
}

/** Evidence is a factor: 1 says nothing, and a canary that is not worse reaches the threshold with a chance below alpha, ever. */
export interface CanaryEvidence {
  readonly value: number
  readonly threshold: number
  readonly errors: number
  readonly latency: number
  readonly limits: number
}

export type CanaryDecision =
  | { readonly judgement: 'advance'; readonly reason: AdvanceReason }
  | { readonly judgement: 'hold'; readonly reason: HoldReason }
  | { readonly judgement: 'rollBack'; readonly reason: RollBackReason }

/** One check's judgement and the figures for its line in the table. */
export type CanaryJudgement = CanaryDecision & {
  readonly evidence: CanaryEvidence
  /** What was counted since the start, and in this step. */
  readonly whole: Arms
  readonly step: Arms
  readonly stepSeconds: number
}

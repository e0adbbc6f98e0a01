import { logSumExp } from '../log-sum-exp.ts'
import type { CanaryEvidence } from './judgement.ts'
import { LatencyComparison, type LatencyState } from './latency-comparison.ts'
import { LimitWatch, type LimitWatchState } from './limit-watch.ts'
import { type ShareLimit, shareLimits } from './limits.ts'
import { CAP, type CanaryPlan, EARLY, WEIGHTS } from './plan.ts'
import { RelativeErrors, type RelativeErrorsState } from './relative-errors.ts'
import type { Arms, Tally } from './tally.ts'

export interface EvidenceState {
  readonly errors: RelativeErrorsState
  readonly latency: LatencyState
  readonly limits: readonly LimitWatchState[]
}

export type Component = 'errors' | 'latency' | 'limits'

/** Evidence is shown up to here: JSON knows no Infinity. */
const MOST_SHOWN = 1e12

export const shown = (log: number): number => Math.min(MOST_SHOWN, Math.exp(log))

/**
 * The weighted mean of three kinds of evidence against a canary, each worth 1 on average at most while it is no worse than the stable
 * arm and within its limits; so is their mean, and it exceeds 1/alpha with a chance of at most alpha, ever (Ville).
 */
export class Evidence {
  readonly errors: RelativeErrors
  readonly latency: LatencyComparison
  readonly limits: readonly LimitWatch[]
  /** ln of what the evidence must reach. */
  readonly logThreshold: number
  private readonly compare: boolean

  constructor(plan: CanaryPlan, before: Tally, state?: EvidenceState) {
    const options = { cap: CAP, plannedWindows: plan.plannedChecks }
    const early = { alpha: plan.alpha * EARLY.part, seconds: EARLY.seconds }
    this.compare = plan.compare
    this.logThreshold = -Math.log(plan.compare ? plan.alpha - early.alpha : plan.alpha)
    this.errors = new RelativeErrors(options, early, state?.errors)
    this.latency = new LatencyComparison(plan.durationBounds, options, before, state?.latency)
    this.limits = shareLimits(plan.limits, plan.durationBounds).map(
      (limit, i) => new LimitWatch(limit, CAP, plan.plannedChecks, state?.limits[i]),
    )
  }

  get state(): EvidenceState {
    return {
      errors: this.errors.state,
      latency: this.latency.state,
      limits: this.limits.map(({ state }) => state),
    }
  }

  observe(arms: Arms, seconds: number): void {
    if (this.compare) {
      this.errors.observe(arms, seconds)
      this.latency.observe(arms)
    }
    for (const limit of this.limits) limit.observe(arms)
  }

  /** A limit that the stable arm is beyond as well. */
  get environment(): ShareLimit | undefined {
    return this.limits.find(({ environment }) => environment)?.limit
  }

  /** The limit with the most evidence against the canary, of those that the stable arm keeps. */
  get worstLimit(): LimitWatch | undefined {
    return this.limits
      .filter(({ environment }) => !environment)
      .reduce<LimitWatch | undefined>((a, b) => (a && a.logEvidence >= b.logEvidence ? a : b), undefined)
  }

  /** ln of the weighted evidence of each component. */
  private get shares(): Readonly<Record<Component, number>> {
    const parts = this.compare ? WEIGHTS : { errors: 0, latency: 0, limits: 1 }
    const limits = this.limits.map(({ environment, logEvidence }, i) => {
      return (environment ? 0 : logEvidence) + Math.log(limitWeight(i, this.limits.length))
    })
    return {
      errors: Math.log(parts.errors) + this.errors.logEvidence,
      latency: Math.log(parts.latency) + this.latency.logEvidence,
      limits: Math.log(parts.limits) + logSumExp(limits),
    }
  }

  get log(): number {
    return logSumExp(Object.values(this.shares))
  }

  /** The component with the largest part in the evidence. */
  get leading(): Component {
    const { errors, latency, limits } = this.shares
    if (errors >= latency && errors >= limits) return 'errors'
    return latency >= limits ? 'latency' : 'limits'
  }

  get figures(): CanaryEvidence {
    const { errors, latency, limits } = this.shares
    return {
      value: shown(this.log),
      threshold: Math.exp(this.logThreshold),
      errors: shown(errors),
      latency: shown(latency),
      limits: shown(limits),
    }
  }
}

/** The error rate has half of the weight of the limits, or all of it; it comes first. */
const limitWeight = (index: number, count: number): number => (count === 1 ? 1 : index === 0 ? 0.5 : 0.5 / (count - 1))

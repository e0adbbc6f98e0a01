import { OddsBelow } from '../odds-process.ts'
import { isBeyond, isEmergency } from './at-once.ts'
import { Evidence, type EvidenceState, shown } from './evidence.ts'
import { histogramQuantile, type Quantile } from './histogram.ts'
import type { CanaryDecision, CanaryJudgement, HoldReason, RollBackReason } from './judgement.ts'
import { atOnceLimits, beyond, shareLimits } from './limits.ts'
import { type CanaryPlan, LEAST_CHECKS, PROMOTE_ALPHA } from './plan.ts'
import { Promotion, type PromotionState } from './promotion.ts'
import { errorRatio, LEAST_EARLY_RATIO, LEAST_ERRORS, matters } from './relative-errors.ts'
import { addCheck, addLately, join, type Lately, NO_SPAN, NOT_LATELY, type Span } from './span.ts'
import { type Arms, addArms, isTally, NO_ARMS, NOTHING, type Tally, windowOf } from './tally.ts'

/** What was counted since the check before: increments, not totals. */
export interface CanaryCheck {
  readonly seconds: number
  /** null: it could not be measured, or there is no such arm. */
  readonly canary: Tally | null
  readonly stable: Tally | null
}

/** All that an analysis has learnt; JSON keeps it as it is. */
export interface CanaryState {
  readonly before: Tally
  readonly whole: Span
  readonly lately: Lately
  /** Checks at which both arms had requests. */
  readonly compared: number
  readonly step: {
    readonly arms: Arms
    readonly seconds: number
    readonly promotion: PromotionState
  }
  readonly evidence: EvidenceState
  /** Where the plan asks for a comparison. */
  readonly relative?: readonly number[]
}

const LEAST_SLOWDOWN = 1.2
const LOG_PROMOTE = -Math.log(PROMOTE_ALPHA)

function slowdown(bounds: readonly number[], { canary, stable }: Arms, p: number): number {
  const quantile = (tally: Tally) => histogramQuantile({ bounds, counts: tally.durations }, p)
  const [ours, theirs] = [quantile(canary), quantile(stable)]
  if (ours === null || theirs === null || theirs === 'saturated') return 0
  return ours === 'saturated' ? Number.MAX_VALUE : ours / theirs
}

/**
 * Watches a canary beside the stable arm, check by check, and says whether to go a step up, to stay, or to take it back. A canary no worse
 * than the stable arm and within its limits is taken back with a chance of at most the plan's alpha over the whole rollout, however often
 * it is looked at; the traffic's split may change at any time.
 */
export class CanaryAnalysis {
  private readonly plan: CanaryPlan
  private readonly evidence: Evidence
  private readonly relative: OddsBelow | undefined
  private promotion: Promotion
  private now: Omit<CanaryState, 'evidence' | 'relative'>

  /**
   * @param from what was counted of the stable arm before the start, which tells where its latencies lie and makes the early test see
   *   more (half an hour is plenty; nothing is allowed); or the state of an analysis to go on with, under the same plan.
   */
  constructor(plan: CanaryPlan, from: { readonly before: Tally } | { readonly state: CanaryState }) {
    const state = 'state' in from ? from.state : undefined
    const before = 'state' in from ? from.state.before : from.before
    this.plan = plan
    this.evidence = new Evidence(plan, before, state?.evidence)
    this.promotion = new Promotion(plan.limits.errorRate, state?.step.promotion)
    if (plan.compare && plan.requireRelative !== null)
      this.relative = new OddsBelow(plan.requireRelative, state?.relative)
    this.now = state ?? {
      before,
      whole: NO_SPAN,
      lately: NOT_LATELY,
      compared: 0,
      step: { arms: NO_ARMS, seconds: 0, promotion: this.promotion.state },
    }
  }

  get state(): CanaryState {
    const { before, whole, lately, compared, step } = this.now
    return {
      before,
      whole,
      lately,
      compared,
      step: { ...step, promotion: this.promotion.state },
      evidence: this.evidence.state,
      ...(this.relative && { relative: this.relative.state }),
    }
  }

  /** The next step begins: it is watched as long as the first, and has to show anew that errors are below their limit. */
  nextStep(): void {
    this.promotion = new Promotion(this.plan.limits.errorRate)
    this.now = { ...this.now, step: { arms: NO_ARMS, seconds: 0, promotion: this.promotion.state } }
  }

  observe({ seconds, canary, stable }: CanaryCheck): CanaryJudgement {
    const arms = { canary: canary ?? NOTHING, stable: stable ?? NOTHING }
    const buckets = this.plan.durationBounds.length + 1
    // A check that was not measured says nothing, and its time does not count as time under watch.
    if (!canary || !isTally(arms.canary, buckets) || !isTally(arms.stable, buckets) || (this.plan.compare && !stable))
      return this.judged({ judgement: 'hold', reason: { kind: 'noData' } })
    this.add(arms, seconds)
    const reason = this.faultOf(arms)
    if (reason) return this.judged({ judgement: 'rollBack', reason })
    const hold = this.holdReason(arms)
    if (hold) return this.judged({ judgement: 'hold', reason: hold })
    return this.judged({ judgement: 'advance', reason: { kind: 'shown', ...this.shownBelow() } })
  }

  private add(arms: Arms, seconds: number): void {
    const { whole, lately, compared, step } = this.now
    this.evidence.observe(arms, seconds)
    this.promotion.observe(arms.canary)
    this.relative?.observe(windowOf(arms))
    this.now = {
      ...this.now,
      whole: addCheck(whole, arms),
      lately: addLately(lately, arms),
      compared: compared + (arms.canary.requests > 0 && arms.stable.requests > 0 ? 1 : 0),
      step: { ...step, arms: addArms(step.arms, arms), seconds: step.seconds + seconds },
    }
  }

  private get recent(): Span {
    return join(this.now.lately.previous, this.now.lately.current)
  }

  private faultOf(check: Arms): RollBackReason | null {
    if (isEmergency(check)) return { kind: 'emergency', over: check.canary.errors, n: check.canary.requests }
    return this.beyondAtOnce(check) ?? this.foundEarly() ?? this.shownFault()
  }

  private beyondAtOnce(check: Arms): RollBackReason | null {
    const { limits, durationBounds } = this.plan
    const ordinary = shareLimits(limits, durationBounds)
    for (const limit of atOnceLimits(limits, durationBounds)) {
      const usual = ordinary.find(({ metric }) => metric === limit.metric)?.share ?? limit.share
      for (const arms of [check, this.recent.arms]) {
        if (isBeyond(limit, usual, arms))
          return { kind: 'atOnce', metric: limit.metric, limit: limit.limit, ...beyond(limit, arms.canary) }
      }
    }
    return null
  }

  private foundEarly(): RollBackReason | null {
    const { whole, before } = this.now
    const found = matters(whole, this.recent, LEAST_EARLY_RATIO) && this.evidence.errors.isEarly(whole.arms, before)
    return found ? { kind: 'errors', ratio: errorRatio(whole.arms), early: true } : null
  }

  private shownFault(): RollBackReason | null {
    const { evidence, recent } = this
    const { whole } = this.now
    if (evidence.log < evidence.logThreshold) return null
    const leading = evidence.leading
    if (leading === 'errors') {
      const ratio = Math.max(errorRatio(whole.arms), errorRatio(recent.arms))
      return matters(whole, recent) ? { kind: 'errors', ratio, early: false } : null
    }
    if (leading === 'latency') return this.slower()
    const limit = evidence.worstLimit?.limit
    if (!limit) return null
    const { over, n } = beyond(limit, whole.arms.canary)
    return over >= LEAST_ERRORS ? { kind: 'limit', metric: limit.metric, limit: limit.limit, over, n } : null
  }

  private slower(): RollBackReason | null {
    const { durationBounds } = this.plan
    const ratio = Math.max(
      ...[this.now.whole, this.recent].flatMap(({ arms }) => [0.5, 0.95].map((p) => slowdown(durationBounds, arms, p))),
    )
    if (ratio < LEAST_SLOWDOWN) return null
    const p95 = (tally: Tally) => this.quantile(tally, 0.95) ?? 'saturated'
    return {
      kind: 'latency',
      ratio,
      canaryP95: p95(this.now.whole.arms.canary),
      stableP95: p95(this.now.whole.arms.stable),
    }
  }

  private quantile(tally: Tally, p: number): Quantile | null {
    return histogramQuantile({ bounds: this.plan.durationBounds, counts: tally.durations }, p)
  }

  private holdReason(check: Arms): HoldReason | null {
    const { evidence, promotion } = this
    const { whole, step, compared } = this.now
    const { environment } = evidence
    if (environment) return { kind: 'environment', metric: environment.metric, limit: environment.limit }
    if (step.arms.canary.requests === 0) return { kind: 'noTraffic' }
    if (step.seconds < this.plan.minSeconds)
      return { kind: 'tooSoon', seconds: step.seconds, minSeconds: this.plan.minSeconds }
    // Where stable has no more traffic nothing is left to compare, at 100 %.
    if (this.plan.compare && check.stable.requests > 0 && compared < LEAST_CHECKS)
      return { kind: 'tooFewChecks', checks: compared, leastChecks: LEAST_CHECKS }
    if (evidence.log >= evidence.logThreshold / 2 || (evidence.errors.alarmed && matters(whole, this.recent)))
      return { kind: 'suspect' }
    if (promotion.logEvidence < LOG_PROMOTE)
      return { kind: 'notShown', ...this.shownBelow(), cleanRequests: promotion.cleanRequests(LOG_PROMOTE) }
    return this.uncompared() ?? this.tooSlow()
  }

  /** Over the whole canary, for all its steps are of the same release. */
  private uncompared(): HoldReason | null {
    const log = this.relative?.log ?? LOG_PROMOTE
    if (log >= LOG_PROMOTE) return null
    return { kind: 'uncompared', ratio: this.plan.requireRelative!, evidence: shown(log), threshold: 1 / PROMOTE_ALPHA }
  }

  /** The step's own percentiles against their limits; durations that should be there and are not hold as well. */
  private tooSlow(): HoldReason | null {
    const { limits, durationBounds } = this.plan
    if (durationBounds.length === 0) return null
    for (const [metric, p, limit] of [
      ['p95', 0.95, limits.p95Seconds],
      ['p99', 0.99, limits.p99Seconds],
    ] as const) {
      const value = this.quantile(this.now.step.arms.canary, p)
      if (value === null) return { kind: 'noData' }
      if (value === 'saturated' || value > limit) return { kind: 'slow', metric, value, limit }
    }
    return null
  }

  private shownBelow(): { readonly evidence: number; readonly threshold: number } {
    return { evidence: shown(this.promotion.logEvidence), threshold: 1 / PROMOTE_ALPHA }
  }

  private judged(decision: CanaryDecision): CanaryJudgement {
    const { whole, step } = this.now
    return {
      ...decision,
      evidence: this.evidence.figures,
      whole: whole.arms,
      step: step.arms,
      stepSeconds: step.seconds,
    }
  }
}

import { binomialUpper } from '../binomial.ts'
import { ERROR_ODDS_GRID } from '../odds-process.ts'
import { ChangingOdds, type ChangingOddsState } from './changing-odds.ts'
import { type EarlyOptions, type EarlyState, EarlyTest } from './early-test.ts'
import type { Span } from './span.ts'
import { type Arms, addTally, type Tally, windowOf } from './tally.ts'

export interface RelativeErrorsState {
  readonly odds: ChangingOddsState
  readonly early: EarlyState
}

export const LEAST_ERRORS = 3
const LEAST_OTHER_ERRORS = 2
const LEAST_RATIO = 1.25
/** The early test is for large differences. */
export const LEAST_EARLY_RATIO = 2
/**
 * The early alarm also wants the canary's errors to be this unlikely, given the stable arm's whole past: less likely the more was learnt, as
 * that is so many more occasions to be unlucky. It only ever restricts the alarm, and keeps a healthy canary under steady traffic from it
 * in 99 of 100 runs (simulated).
 */
const earlyTail = (information: number) => 0.0065 / (1 + information / 3)

/** How many times the stable arm's error rate the canary's is, each drawn a little towards a half. */
export const errorRatio = ({ canary, stable }: Arms): number =>
  (canary.errors + 0.5) / (canary.requests + 1) / ((stable.errors + 0.5) / (stable.requests + 1))

/** The ratio without the canary's worst check: a burst, or an outage that one arm's counters show sooner, is in one check. */
const ratioWithoutWorst = ({ arms: { canary, stable }, worst }: Span): number => {
  const rest = {
    ...canary,
    requests: canary.requests - worst.canary.requests,
    errors: canary.errors - worst.canary.errors,
  }
  return rest.errors < LEAST_OTHER_ERRORS ? 0 : errorRatio({ canary: rest, stable })
}

/** Whether the difference matters, over the whole canary or lately, and does not rest on a single check. */
export const matters = (whole: Span, recent: Span, leastRatio = LEAST_RATIO): boolean =>
  whole.arms.canary.errors >= LEAST_ERRORS &&
  [whole, recent].some((span) => Math.min(errorRatio(span.arms), ratioWithoutWorst(span)) >= leastRatio)

/** The comparison of error rates: an exact test that spends its chance of a false alarm early, and evidence that lasts. */
export class RelativeErrors {
  private readonly odds: ChangingOdds
  private readonly early: EarlyTest

  constructor(
    options: { readonly cap: number; readonly plannedWindows: number },
    early: EarlyOptions,
    state?: RelativeErrorsState,
  ) {
    this.odds = new ChangingOdds({ ...options, grid: ERROR_ODDS_GRID }, state?.odds)
    this.early = new EarlyTest(early, state?.early)
  }

  get state(): RelativeErrorsState {
    return { odds: this.odds.state, early: this.early.state }
  }

  observe(arms: Arms, seconds: number): void {
    const window = windowOf(arms)
    this.odds.observe(window)
    this.early.observe(window, seconds)
  }

  get logEvidence(): number {
    return this.odds.logEvidence
  }

  /** Whether the early test has raised its alarm at any time; it does not end by itself. */
  get alarmed(): boolean {
    return this.early.alarmed
  }

  /** The early alarm, where the stable arm's past agrees. */
  isEarly({ canary, stable }: Arms, before: Tally): boolean {
    if (!this.early.alarmed) return false
    const reference = addTally(stable, before)
    const exposure = canary.requests / (canary.requests + reference.requests)
    return binomialUpper(canary.errors, canary.errors + reference.errors, exposure) <= earlyTail(this.early.information)
  }
}

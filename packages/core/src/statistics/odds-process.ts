import { logMeanExp, logSumExp } from './log-sum-exp.ts'

/** What was counted in one window, in both arms; increments, not totals. */
export interface ArmWindow {
  readonly canaryN: number
  readonly canaryErr: number
  readonly stableN: number
  readonly stableErr: number
}

export const ERROR_ODDS_GRID = [1.5, 2, 3, 5, 10, 20, 50] as const
export const LATENCY_ODDS_GRID = [1.5, 2, 3, 5, 10] as const
/** Parts of an odds ratio that are tried below it. */
const BELOW_ODDS_GRID = [0.1, 0.2, 0.35, 0.5, 0.7] as const

/**
 * ln of the mean of omega^X for each omega, X the canary's errors among the window's e errors if all requests were alike
 * (hypergeometric): it makes omega^x the likelihood ratio of "the canary's odds are omega times the stable arm's" against "equal".
 */
function logTilts({ canaryN, canaryErr, stableN, stableErr }: ArmWindow, grid: readonly number[]): number[] {
  const errors = canaryErr + stableErr
  const least = Math.max(0, errors - stableN)
  const logs = [0]
  for (let j = least; j < Math.min(errors, canaryN); j++) {
    logs.push(logs.at(-1)! + Math.log(((canaryN - j) * (errors - j)) / ((j + 1) * (stableN - errors + j + 1))))
  }
  const plain = logSumExp(logs)
  return grid.map((omega) => logSumExp(logs.map((log, i) => log + (least + i) * Math.log(omega))) - plain)
}

export interface OddsOptions {
  readonly grid?: readonly number[]
  /** The most that one window may multiply the evidence by; null: no cap. */
  readonly cap?: number | null
  /** What is kept, before each window, of what was learnt about omega. */
  readonly forget?: number
}

/**
 * The sequential evidence that the canary's odds of an error exceed the stable arm's, in windows: conditional on each window's errors, so
 * it is exact for any split of the traffic and any outage common to both. `next` gives ln of the factor that a window multiplies the
 * evidence by; the running product exceeds 1/alpha with a chance of at most alpha, ever, if the odds never exceed (Ville).
 */
export class OddsProcess {
  private readonly grid: readonly number[]
  private readonly logCap: number
  private readonly forget: number
  private weights: number[]

  constructor({ grid = ERROR_ODDS_GRID, cap = 5, forget = 1 }: OddsOptions = {}, state?: readonly number[]) {
    this.grid = grid
    this.logCap = cap === null ? Infinity : Math.log(cap)
    this.forget = forget
    this.weights = grid.map((_, i) => state?.[i] ?? 0)
  }

  /** What was learnt, for another process of the same options to go on from. */
  get state(): readonly number[] {
    return this.weights
  }

  next(window: ArmWindow): number {
    const errors = window.canaryErr + window.stableErr
    const requests = window.canaryN + window.stableN
    if (errors === 0 || errors >= requests || window.canaryN === 0 || window.stableN === 0) return 0
    const kept = this.weights.map((weight) => weight * this.forget)
    const tilts = logTilts(window, this.grid)
    this.weights = kept.map((weight, i) => weight + window.canaryErr * Math.log(this.grid[i]!) - tilts[i]!)
    return Math.min(this.logCap, logSumExp(this.weights) - logSumExp(kept))
  }
}

/**
 * The sequential evidence that the canary's odds of an error are less than `ratio` times the stable arm's, conditional on each window's
 * errors as `OddsProcess` is: the running product exceeds 1/alpha with a chance of at most alpha, ever, if they are not. Windows in which
 * nobody failed, or one arm had no request, say nothing.
 */
export class OddsBelow {
  /** The ratio, and what is tried below it. */
  private readonly odds: readonly number[]
  private weights: number[]

  constructor(ratio: number, state?: readonly number[]) {
    this.odds = [ratio, ...BELOW_ODDS_GRID.map((part) => part * ratio)]
    this.weights = BELOW_ODDS_GRID.map((_, i) => state?.[i] ?? 0)
  }

  get state(): readonly number[] {
    return this.weights
  }

  /** ln of the evidence. */
  get log(): number {
    return logMeanExp(this.weights)
  }

  observe(window: ArmWindow): void {
    const errors = window.canaryErr + window.stableErr
    const requests = window.canaryN + window.stableN
    if (errors === 0 || errors >= requests || window.canaryN === 0 || window.stableN === 0) return
    const [least, ...tilts] = logTilts(window, this.odds)
    this.weights = this.weights.map(
      (weight, i) => weight + window.canaryErr * Math.log(BELOW_ODDS_GRID[i]!) - tilts[i]! + least!,
    )
  }
}

/** ln of the evidence of the changes already begun (null before the first window, as JSON knows no -Infinity), and the windows so far. */
export interface StartState {
  readonly log: number | null
  readonly windows: number
}

/**
 * Evidence mixed over the window at which a change began: half of the prior on the first, the rest spread over the planned ones, so that
 * a fault late in a long canary is not drowned by the quiet before it. `add` takes ln of a window's factor and gives ln of the evidence.
 */
export class StartMixture {
  private readonly planned: number
  private readonly first: number
  private log = -Infinity
  private windows = 0

  constructor(plannedWindows: number, firstStartPrior = 0.5, state?: StartState) {
    this.planned = plannedWindows
    this.first = plannedWindows > 1 ? firstStartPrior : 1
    if (state) {
      this.log = state.log ?? -Infinity
      this.windows = state.windows
    }
  }

  get state(): StartState {
    return { log: this.windows === 0 ? null : this.log, windows: this.windows }
  }

  /** ln of the evidence so far. */
  get logEvidence(): number {
    const ahead = this.windows === 0 ? 1 : this.prior(1) * Math.max(0, this.planned - this.windows)
    return logSumExp([this.log, Math.log(ahead)])
  }

  add(logFactor: number): number {
    this.log = logSumExp([this.log, Math.log(this.prior(this.windows))]) + logFactor
    this.windows++
    return this.logEvidence
  }

  /** The prior on a change at the window of this number, from 0. */
  private prior(window: number): number {
    if (window === 0) return this.first
    return window < this.planned ? (1 - this.first) / (this.planned - 1) : 0
  }
}

import { logMeanExp } from './log-sum-exp.ts'

/** Shares of the capital staked at each step; the mixture over them needs no tuning. */
export const BETTING_GRID = [0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95] as const

/**
 * A wager against "the mean of `total` scores in [0, 1] is at most `threshold`", the scores coming in random order without
 * replacement: under that hypothesis its capital exceeds 1/alpha with a chance of at most alpha, ever (Ville; Waudby-Smith & Ramdas
 * 2023, Stark 2022).
 */
export class Wager {
  private readonly total: number
  private readonly target: number
  private readonly grid: readonly number[]
  private readonly logCapitals: number[]
  private seen = 0
  private sum = 0

  constructor(total: number, threshold: number, grid: readonly number[] = BETTING_GRID) {
    this.total = total
    this.target = total * threshold
    this.grid = grid
    this.logCapitals = grid.map(() => 0)
  }

  /** The mean of the scores to come if the hypothesis just held; below 0 it is refuted for certain, above 1 it holds for certain. */
  get meanAhead(): number {
    return (this.target - this.sum) / (this.total - this.seen)
  }

  /** ln of the capital; Infinity once the hypothesis is refuted for certain. */
  get logCapital(): number {
    return logMeanExp(this.logCapitals)
  }

  bet(score: number): void {
    const mean = this.meanAhead
    this.seen++
    this.sum += score
    if (mean > 1) return
    if (mean < 1e-12) {
      if (this.sum > this.target + 1e-9) this.logCapitals.fill(Number.POSITIVE_INFINITY)
      return
    }
    for (const [i, stake] of this.grid.entries()) this.logCapitals[i]! += Math.log1p(stake * (score / mean - 1))
  }
}

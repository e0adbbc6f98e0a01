import { logMeanExp } from './log-sum-exp.ts'

/** Shares of the capital staked at each step; the mixture over them needs no tuning. */
export const BETTING_GRID = [0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95] as const

export interface Wager {
  bet(score: number): void
  /** ln of the capital; Infinity once the hypothesis is refuted for certain. */
  logCapital(): number
}

/**
 * A wager against "the mean of `total` scores in [0, 1] is at most `threshold`", the scores coming in random order without
 * replacement: under that hypothesis its capital exceeds 1/alpha with a chance of at most alpha, ever (Ville; Waudby-Smith & Ramdas
 * 2023, Stark 2022).
 */
export function wager(total: number, threshold: number, grid: readonly number[] = BETTING_GRID): Wager {
  let logCapitals = grid.map(() => 0)
  let left = total
  /** What the scores to come add up to if the hypothesis just holds. */
  let ahead = total * threshold
  return {
    bet(score) {
      const mean = ahead / left
      left--
      ahead -= score
      // Above 1 the hypothesis holds for certain, below 0 it is refuted.
      if (mean > 1) return
      if (mean >= 1e-12) logCapitals = logCapitals.map((log, i) => log + Math.log1p(grid[i]! * (score / mean - 1)))
      else if (ahead < -1e-9) logCapitals = [Infinity]
    },
    logCapital: () => logMeanExp(logCapitals),
  }
}

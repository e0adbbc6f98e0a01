import { binomialLower, binomialUpper } from './binomial.ts'
import { isSure } from './confidence.ts'

/**
 * How many of n must pass for "share >= threshold" to hold; with `strict`, for "share > threshold". Shares are compared as whole numbers:
 * 0.07·100 is above 7 in doubles, so a product within 1e-9 of a whole number counts as that number.
 */
export function needPasses(n: number, threshold: number, strict = false): number {
  const need = strict ? Math.floor(threshold * n + 1e-9) + 1 : Math.ceil(threshold * n - 1e-9)
  return Math.max(0, strict ? need : Math.min(n, need))
}

/** The smallest whole number in [low, high] for which `holds`, where it holds from some number on; high + 1 when it never does. */
export function firstWhere(low: number, high: number, holds: (value: number) => boolean): number {
  let below = low - 1
  let above = high + 1
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2)
    if (holds(middle)) above = middle
    else below = middle
  }
  return above
}

/** Which counts of n passes decide against a threshold at some confidence a side. */
export interface CriticalCounts {
  /** The fewest passes that confirm "share >= threshold"; n + 1 when none does. */
  readonly confirm: number
  /** The most passes that refute it; -1 when none does. */
  readonly refute: number
}

/** The critical counts of the exact binomial test with whole n; they agree with `judgeShare`. */
export function criticalCounts(n: number, threshold: number, confidence: number): CriticalCounts {
  return {
    confirm: threshold <= 0 ? 0 : firstWhere(0, n, (s) => isSure(binomialUpper(s, n, threshold), confidence)),
    refute: firstWhere(0, n, (s) => !isSure(binomialLower(s, n, threshold), confidence)) - 1,
  }
}

import { normalQuantile } from '../normal.ts'

/** By how much the values of one sample are larger than those of another. */
export interface Shift {
  /** Hodges and Lehmann's estimate: the median of all pairs' differences. */
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** At a shift: how many pairs differ by more, ties counting a half, less half of all pairs; and its standard deviation if that is the shift. */
function centredAt(shift: number, x: readonly number[], y: readonly number[]): { offset: number; sd: number } {
  const [m, n] = [x.length, y.length]
  const moved = x.map((value) => value - shift)
  let offset = (-m * n) / 2
  for (const a of moved) for (const b of y) offset += a > b ? 1 : a === b ? 0.5 : 0
  const counts = new Map<number, number>()
  for (const value of [...moved, ...y]) counts.set(value, (counts.get(value) ?? 0) + 1)
  let tied = 0
  for (const count of counts.values()) tied += count ** 3 - count
  return { offset, sd: Math.sqrt(((m * n) / 12) * (m + n + 1 - tied / ((m + n) * (m + n - 1)))) }
}

/**
 * The shift of x against y with its confidence interval, by inverting the rank test in its normal approximation with corrections for
 * continuity and ties (Hodges & Lehmann 1963, as in R's wilcox.test). The bounds are among the pairs' differences, where R's root search
 * ends within 1e-4 of them. The work grows with the square of the sizes: for samples of some hundreds at most.
 */
export function shiftOf(x: readonly number[], y: readonly number[], confidence: number): Shift {
  const differences = Float64Array.from(x.flatMap((a) => y.map((b) => a - b))).sort()
  const z = normalQuantile(1 - (1 - confidence) / 2)
  /** Whether the true shift is, at this level, above `shift`. */
  const above = (shift: number, level: number) => {
    const { offset, sd } = centredAt(shift, x, y)
    const corrected = offset - Math.sign(offset) * 0.5
    return sd === 0 ? corrected > 0 : corrected / sd > level
  }
  const distinct = [...new Set(differences)]
  /** The first of the pairs' differences beyond which the test statistic has fallen to the level; between them it does not change. */
  const fallsTo = (level: number) => {
    let [low, high] = [0, distinct.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (above((distinct[middle]! + distinct[middle + 1]!) / 2, level)) low = middle + 1
      else high = middle
    }
    return distinct[low]!
  }
  const middle = differences.length >> 1
  const estimate =
    differences.length % 2 === 1 ? differences[middle]! : (differences[middle - 1]! + differences[middle]!) / 2
  return { estimate, low: fallsTo(z), high: fallsTo(-z) }
}

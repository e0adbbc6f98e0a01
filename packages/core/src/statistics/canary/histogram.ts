import { sumOf } from '../sum.ts'

/**
 * Requests by duration: `counts[i]` lasted at most `bounds[i]` and longer than the bound before; the one count more than there are
 * bounds holds the rest (Prometheus' bucket +Inf). Bounds rise and are finite; counts are of each bucket alone, not running sums.
 */
export interface Histogram {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}

/** `saturated`: the quantile lies beyond the last finite bound, so that any number would be made up. */
export type Quantile = number | 'saturated'

export const total = (counts: readonly number[]): number => sumOf(counts, (count) => count)

/** How many requests lasted longer than the bound of this index. */
export const longerThan = (counts: readonly number[], bound: number): number => total(counts.slice(bound + 1))

/**
 * The p-quantile, interpolated inside its bucket as Prometheus' histogram_quantile does, in the bounds' unit; null without a request. p95
 * is saturated exactly when more than 5 % lasted longer than the last bound.
 */
export function histogramQuantile({ bounds, counts }: Histogram, p: number): Quantile | null {
  const all = total(counts)
  if (all === 0) return null
  const rank = p * all
  let below = 0
  for (const [i, bound] of bounds.entries()) {
    const count = counts[i] ?? 0
    if (count > 0 && below + count >= rank - 1e-9) {
      const low = i === 0 ? 0 : bounds[i - 1]!
      return low + (bound - low) * Math.max(0, (rank - below) / count)
    }
    below += count
  }
  return 'saturated'
}

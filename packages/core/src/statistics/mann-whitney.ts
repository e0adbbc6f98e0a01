import { normalCdf } from './normal.ts'
import { sumOf } from './sum.ts'

export interface MannWhitney {
  /** How many pairs (x, y) have x > y, ties counting a half. */
  readonly u: number
  /** P(U >= u) over all ways to deal the same values, ties included, to the two samples. */
  readonly exact: number
  /** The same by the normal approximation with continuity and tie corrections. */
  readonly approximate: number
}

/** For each of the values twice its rank, tied ones sharing the mean of theirs. */
const doubledRanks = (values: readonly number[]): number[] =>
  values.map((value) => 1 + sumOf(values, (other) => (other < value ? 2 : other === value ? 1 : 0)))

/** The one-sided rank test of "x tends to be larger than y" (Mann & Whitney 1947), for samples of at most some dozens. */
export function mannWhitney(x: readonly number[], y: readonly number[]): MannWhitney {
  const [m, n] = [x.length, y.length]
  const values = [...x, ...y]
  const ranks = doubledRanks(values)
  const rankSum = ranks.slice(0, m).reduce((sum, rank) => sum + rank, 0)
  const most = ranks.reduce((sum, rank) => sum + rank, 0)
  /** [j][r]: the ways to choose j of the values seen so far with doubled ranks that add up to r. */
  const ways = Array.from({ length: m + 1 }, () => new Float64Array(most + 1))
  ways[0]![0] = 1
  for (const [seen, rank] of ranks.entries()) {
    for (let j = Math.min(m, seen + 1); j >= 1; j--) {
      for (let r = rank; r <= most; r++) ways[j]![r]! += ways[j - 1]![r - rank]!
    }
  }
  const all = ways[m]!.reduce((sum, count) => sum + count, 0)
  const atLeast = ways[m]!.subarray(rankSum).reduce((sum, count) => sum + count, 0)
  const u = (rankSum - m * (m + 1)) / 2
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const tied = sumOf(counts.values(), (count) => count ** 3 - count)
  const variance = ((m * n) / 12) * (m + n + 1 - tied / ((m + n) * (m + n - 1)))
  return { u, exact: atLeast / all, approximate: normalCdf(-(u - (m * n) / 2 - 0.5) / Math.sqrt(variance)) }
}

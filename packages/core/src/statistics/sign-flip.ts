import { sumOf } from './sum.ts'

export interface SignFlip {
  /** P(sum <= observed): small when the candidate lost. */
  readonly regression: number
  /** P(sum >= observed). */
  readonly improvement: number
  readonly twoSided: number
}

/**
 * The exact sign-flip test of paired whole-number differences (candidate minus baseline): were the arms alike, each difference could as
 * well have had the other sign. The distribution of the sum of the positive parts is built up one difference at a time, in O(m·Σ|d|).
 */
export function signFlip(differences: Iterable<number>): SignFlip {
  const changed = [...differences].filter((difference) => difference !== 0)
  const most = sumOf(changed, Math.abs)
  const positive = sumOf(changed, (difference) => Math.max(0, difference))
  const chance = new Float64Array(most + 1)
  chance[0] = 1
  let reach = 0
  for (const difference of changed) {
    const size = Math.abs(difference)
    reach += size
    for (let j = reach; j >= 0; j--) chance[j] = 0.5 * chance[j]! + (j >= size ? 0.5 * chance[j - size]! : 0)
  }
  const total = (some: Float64Array) =>
    Math.min(
      1,
      sumOf(some, (one) => one),
    )
  const regression = total(chance.subarray(0, positive + 1))
  const improvement = total(chance.subarray(positive))
  return { regression, improvement, twoSided: Math.min(1, 2 * Math.min(regression, improvement)) }
}

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
  if (!changed.every(Number.isInteger)) throw new RangeError('Expected whole differences')
  const most = changed.reduce((sum, difference) => sum + Math.abs(difference), 0)
  const positive = changed.reduce((sum, difference) => sum + Math.max(0, difference), 0)
  const chance = new Float64Array(most + 1)
  chance[0] = 1
  let reach = 0
  for (const difference of changed) {
    const size = Math.abs(difference)
    reach += size
    for (let j = reach; j >= 0; j--) chance[j] = 0.5 * chance[j]! + (j >= size ? 0.5 * chance[j - size]! : 0)
  }
  let [regression, improvement] = [0, 0]
  for (let j = 0; j <= positive; j++) regression += chance[j]!
  for (let j = most; j >= positive; j--) improvement += chance[j]!
  ;[regression, improvement] = [Math.min(1, regression), Math.min(1, improvement)]
  return { regression, improvement, twoSided: Math.min(1, 2 * Math.min(regression, improvement)) }
}

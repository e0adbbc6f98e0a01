/** A night of an example whose trials are independent: how many were measured, and the chance that one of them fails. */
export interface TrialNight {
  readonly runs: number
  readonly failure: number
}

/** Flips are counted in sixteenths: repeats make fractions of them. */
const STEPS = 16

/** How much two nights disagree, in sixteenths: the chance that a trial of one passes and a trial of the other does not. */
export const flipSteps = (a: number, b: number): number => Math.round(STEPS * (a * (1 - b) + b * (1 - a)))

/** The chance of each number of passes. */
function passChances({ runs, failure }: TrialNight): number[] {
  let chances = [1]
  for (let run = 0; run < runs; run++) {
    const next = new Array<number>(chances.length + 1).fill(0)
    for (const [passes, chance] of chances.entries()) {
      next[passes] = next[passes]! + chance * failure
      next[passes + 1] = next[passes + 1]! + chance * (1 - failure)
    }
    chances = next
  }
  return chances
}

/**
 * P(sum of `flipSteps` >= s) for every s, over the neighbouring nights of each chain. Exact: neighbouring pairs share a night, so that one
 * failure alone is two flips, and the sum is not binomial.
 * @param chains nights in a row, each measured; no pair reaches from one chain to the next
 */
export function flipTail(chains: readonly (readonly TrialNight[])[]): Float64Array {
  const pairs = chains.reduce((sum, chain) => sum + Math.max(0, chain.length - 1), 0)
  const size = pairs * STEPS + 1
  let sums = new Float64Array(size)
  sums[0] = 1
  for (const chain of chains) {
    let before: { readonly share: number; readonly sums: Float64Array }[] = [{ share: Number.NaN, sums }]
    for (const night of chain) {
      before = passChances(night).map((chance, passes) => {
        const share = passes / night.runs
        const after = new Float64Array(size)
        for (const each of before) {
          const steps = Number.isNaN(each.share) ? 0 : flipSteps(each.share, share)
          for (let sum = 0; sum + steps < size; sum++) after[sum + steps]! += chance * each.sums[sum]!
        }
        return { share, sums: after }
      })
    }
    sums = before.reduce((total, each) => total.map((value, at) => value + each.sums[at]!), new Float64Array(size))
  }
  for (let at = size - 2; at >= 0; at--) sums[at]! += sums[at + 1]!
  return sums
}

import { clusters, tallyOf } from './effective-size.ts'
import { estimateMean } from './mean-estimate.ts'
import { sumOf } from './sum.ts'

/** One example's mean cost, latency or the like in both arms. */
export interface PairedAmounts {
  readonly base: number
  readonly candidate: number
  readonly group?: string | undefined
}

export interface PairedDelta {
  readonly examples: number
  readonly base: number
  readonly candidate: number
  /** candidate - base, in the amounts' unit. */
  readonly delta: number
  /** Each bound of delta holds with the confidence of one side; infinite for a single example. */
  readonly interval: readonly [number, number]
  /** delta/base; null where base is 0. */
  readonly relative: number | null
  /** Small when the candidate is higher. */
  readonly higherTail: number
  /** Small when the candidate is lower. */
  readonly lowerTail: number
}

/** The mean difference of amounts paired by example, by the paired t clustered by group (`estimateMean`); null without a pair. */
export function pairedDelta(pairs: readonly PairedAmounts[], confidence: number): PairedDelta | null {
  const estimate = estimateMean(clusters(pairs.map((pair) => tallyOf([pair.candidate - pair.base], pair.group))))
  if (!estimate) return null
  const base = sumOf(pairs, (pair) => pair.base) / pairs.length
  const candidate = sumOf(pairs, (pair) => pair.candidate) / pairs.length
  const delta = estimate.value
  const { low, high } = delta === 0 && estimate.standardError === 0 ? { low: 1, high: 1 } : estimate.tails(0)
  return {
    examples: pairs.length,
    base,
    candidate,
    delta,
    interval: estimate.interval(confidence),
    relative: base === 0 ? null : delta / base,
    higherTail: high,
    lowerTail: low,
  }
}

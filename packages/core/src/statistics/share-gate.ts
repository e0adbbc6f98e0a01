import { binomialLower, binomialUpper } from './binomial.ts'
import { isSure } from './confidence.ts'
import type { Sample } from './effective-size.ts'
import { clopperPearson, type Interval } from './intervals.ts'

/** Without `errored`: statistics judge measurements only. */
export type SampledVerdict = 'passed' | 'inconclusive' | 'failed'

export interface ShareJudgement {
  readonly verdict: SampledVerdict
  readonly value: number
  /** Each bound holds with the confidence of one side; never on the wrong side of the threshold for the verdict. */
  readonly interval: Interval
  /** How likely a share of exactly the threshold would give a value as good as this one, or better. Small: the gate is met. */
  readonly tailGood: number
  /** How likely it would give a value as bad as this one, or worse. Small: the gate is missed. */
  readonly tailBad: number
}

/** `atLeast`: the share must reach the threshold; `atMost`: it must not exceed it. */
export type Direction = 'atLeast' | 'atMost'

/**
 * Judges "true share >= threshold" (or <=) by the exact binomial tails on the effective sample (Clopper & Pearson 1934): `passed` and
 * `failed` are each wrong with a chance of at most 1 - confidence whatever the true share; everything between is `inconclusive`.
 */
export function judgeShare(
  { mean, size }: Pick<Sample, 'mean' | 'size'>,
  threshold: number,
  confidence: number,
  direction: Direction = 'atLeast',
): ShareJudgement {
  const passes = mean * size
  // Every share is at least 0 and at most 1: such a rule needs no data.
  const upper = direction === 'atLeast' && threshold <= 0 ? 0 : binomialUpper(passes, size, threshold)
  const lower = direction === 'atMost' && threshold >= 1 ? 0 : binomialLower(passes, size, threshold)
  const [low, high] = clopperPearson(passes, size, confidence, false)
  const above = isSure(upper, confidence)
  const below = !above && isSure(lower, confidence)
  const good = direction === 'atLeast' ? above : below
  return {
    verdict: good ? 'passed' : above || below ? 'failed' : 'inconclusive',
    value: mean,
    interval: [
      above ? Math.max(low, threshold) : Math.min(low, threshold),
      below ? Math.min(high, threshold) : Math.max(high, threshold),
    ],
    tailGood: direction === 'atLeast' ? upper : lower,
    tailBad: direction === 'atLeast' ? lower : upper,
  }
}

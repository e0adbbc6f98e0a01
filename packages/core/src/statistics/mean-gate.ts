import { isSure } from './confidence.ts'
import { clusters, tallyOf } from './effective-size.ts'
import { estimateMean } from './mean-estimate.ts'
import type { Measurements } from './quantile-gate.ts'
import type { Direction, SampledVerdict } from './share-gate.ts'

export interface MeanJudgement {
  readonly verdict: SampledVerdict
  readonly value: number
  /** Each bound holds with the confidence of one side; infinite for a single unit. */
  readonly interval: readonly [number, number]
  readonly standardError: number
  /** Independent units: examples, or groups of them. */
  readonly units: number
  /** How likely a mean of exactly the limit would give a value as good as this one, or better. */
  readonly tailGood: number
  /** How likely it would give a value as bad as this one, or worse. */
  readonly tailBad: number
}

/**
 * Judges "the true mean is <= limit" (or >=) by the clustered t with a correction for skewness (`estimateMean`). null when nothing was
 * measured, inconclusive for a single unit.
 */
export function judgeMean(
  measurements: readonly Measurements[],
  limit: number,
  confidence: number,
  direction: Direction = 'atMost',
): MeanJudgement | null {
  const estimate = estimateMean(clusters(measurements.map(({ values, group }) => tallyOf(values, group))))
  if (!estimate) return null
  const { low, high } = estimate.tails(limit)
  const [tailGood, tailBad] = direction === 'atMost' ? [low, high] : [high, low]
  return {
    verdict: isSure(tailGood, confidence) ? 'passed' : isSure(tailBad, confidence) ? 'failed' : 'inconclusive',
    value: estimate.value,
    interval: estimate.interval(confidence),
    standardError: estimate.standardError,
    units: estimate.units,
    tailGood,
    tailBad,
  }
}

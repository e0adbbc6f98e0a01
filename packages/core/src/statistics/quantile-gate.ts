import { binomialLower, binomialUpper } from './binomial.ts'
import { isSure } from './confidence.ts'
import { effectiveSample, type Tally } from './effective-size.ts'
import { firstWhere } from './need.ts'
import { judgeShare, type SampledVerdict } from './share-gate.ts'

/** One example's measured values (milliseconds, dollars …) and the group it is of. */
export interface Measurements {
  readonly values: readonly number[]
  readonly group?: string | undefined
}

export interface QuantileJudgement {
  readonly verdict: SampledVerdict
  /** The observed quantile by nearest rank. */
  readonly value: number
  /** Each bound holds with the confidence of one side; -Infinity or Infinity where there are too few values for a bound. */
  readonly interval: readonly [number, number]
  /** The effective number of independent values. */
  readonly size: number
  /** How likely a quantile of exactly the limit would give as few values above it. */
  readonly tailGood: number
  readonly tailBad: number
}

/**
 * Judges "the true p-quantile is <= limit" without any assumption on the distribution: how many values exceed the limit is binomial, so
 * it is the share gate "at least p of the values are <= limit", and the interval's bounds are order statistics (David & Nagaraja 2003,
 * 7.1). Repeats and groups shrink the sample to its effective size, taken from the shares of values within the limit (Woodruff 1952).
 * null when nothing was measured. With `strict`: "< limit".
 */
export function judgeQuantile(
  measurements: readonly Measurements[],
  p: number,
  limit: number,
  confidence: number,
  strict = false,
): QuantileJudgement | null {
  const within = (value: number) => (strict ? value < limit : value <= limit)
  const tallies = measurements.map(({ values, group }): Tally => {
    const sum = values.filter(within).length
    return { trials: values.length, sum, squares: sum, group }
  })
  const sample = effectiveSample(tallies, confidence)
  if (!sample) return null
  const { size, trials } = sample
  const judgement = judgeShare(sample, p, confidence)
  const sorted = Float64Array.from(measurements.flatMap(({ values }) => [...values])).sort()
  // The value of this rank is the upper bound: were it within the limit, the share within would confirm p.
  const upperRank = firstWhere(1, trials, (rank) => isSure(binomialUpper((rank / trials) * size, size, p), confidence))
  const lowerRank = firstWhere(0, trials, (rank) => !isSure(binomialLower((rank / trials) * size, size, p), confidence))
  return {
    verdict: judgement.verdict,
    value: sorted[Math.max(0, Math.ceil(p * trials - 1e-9) - 1)]!,
    interval: [
      lowerRank === 0 ? -Infinity : sorted[lowerRank - 1]!,
      upperRank > trials ? Infinity : sorted[upperRank - 1]!,
    ],
    size,
    tailGood: judgement.tailGood,
    tailBad: judgement.tailBad,
  }
}

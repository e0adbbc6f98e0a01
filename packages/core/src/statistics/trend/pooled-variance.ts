import { digamma, inverseTrigamma, trigamma } from '../digamma.ts'
import { sumOf } from '../sum.ts'

/** A variance estimated from `df + 1` values. */
export interface SampleVariance {
  readonly variance: number
  readonly df: number
}

/**
 * Variances that borrow strength from each other: each becomes the mean of its own and of a common one, weighed by their degrees of
 * freedom. How far the true ones differ is estimated from their scatter, so that unlike variances are left alone (Smyth 2004, "limma").
 * The common one never counts for more degrees of freedom than the others hold. Variances of 0 are kept as they are.
 */
export function pooledVariances(samples: readonly SampleVariance[]): SampleVariance[] {
  const scattered = samples.filter(({ variance, df }) => variance > 0 && df > 0)
  if (scattered.length < 2) return [...samples]
  const logs = scattered.map(({ variance, df }) => Math.log(variance) - digamma(df / 2) + Math.log(df / 2))
  const mean = sumOf(logs, (log) => log) / logs.length
  const scatter = sumOf(logs, (log) => (log - mean) ** 2) / (logs.length - 1)
  const excess = scatter - sumOf(scattered, ({ df }) => trigamma(df / 2)) / logs.length
  const estimated = excess > 0 ? 2 * inverseTrigamma(excess) : Number.POSITIVE_INFINITY
  const common = Math.exp(mean + (excess > 0 ? digamma(estimated / 2) - Math.log(estimated / 2) : 0))
  const allDf = sumOf(scattered, ({ df }) => df)
  return samples.map((sample) => {
    if (sample.variance === 0) return sample
    const borrowed = Math.min(estimated, allDf - sample.df)
    const df = sample.df + borrowed
    return { variance: (sample.df * sample.variance + borrowed * common) / df, df }
  })
}

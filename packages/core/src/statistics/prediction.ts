import { tCdf } from './student-t.ts'
import { sumOf } from './sum.ts'

export interface Prediction {
  /** How many standard errors the new value lies below the baseline's mean. */
  readonly t: number
  /** Small when it lies lower than the baseline's own scatter explains. */
  readonly tail: number
}

/**
 * Whether the mean of the `width` latest values lies below a pinned baseline of earlier ones, by the t of a new observation. The baseline's
 * standard deviation is not believed below 0.5/examples, the step of the metric. Needs at least two baseline values.
 */
export function predictionT(baseline: readonly number[], latest: number, examples: number, width = 1): Prediction {
  const n = baseline.length
  if (n < 2) throw new RangeError(`Expected at least 2 baseline values, got ${n}`)
  const mean = sumOf(baseline, (value) => value) / n
  const variance = sumOf(baseline, (value) => (value - mean) ** 2) / (n - 1)
  const deviation = Math.max(0.5 / examples, Math.sqrt(variance))
  const t = (mean - latest) / (deviation * Math.sqrt(1 / width + 1 / n))
  return { t, tail: tCdf(-t, n - 1) }
}

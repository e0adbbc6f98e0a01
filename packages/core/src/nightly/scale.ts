import { type MetricUnit, withoutSelector } from '../metric.ts'

/**
 * How a metric is compared: turned so that less is worse. Fractions as they are; times, costs and tokens by their logarithm, because
 * they scatter in proportion to themselves.
 */
export interface Scale {
  readonly relative: boolean
  readonly of: (value: number) => number
  /** Back in the metric's own unit. */
  readonly back: (score: number) => number
  /** The least standard deviation that is believed, for values over n trials. */
  readonly leastDeviation: (n: number) => number
  /** What one trial adds to the variance, up to a factor that series of the same metric share. */
  readonly trialVariance: (score: number, n: number) => number
}

/** Nothing costs nothing: below this an amount is taken for it, so that it has a logarithm. */
const LEAST_AMOUNT = 1e-9

const fraction = (sign: 1 | -1): Scale => ({
  relative: false,
  of: (value) => sign * value,
  back: (score) => sign * score,
  leastDeviation: (n) => 0.5 / n,
  trialVariance: (score, n) => {
    // Drawn a little inwards: a series that always passes has some variance too.
    const share = (Math.abs(score) * n + 1) / (n + 2)
    return share * (1 - share)
  },
})

const HIGHER_IS_BETTER = fraction(1)
const LOWER_IS_BETTER = fraction(-1)
const RELATIVE: Scale = {
  relative: true,
  of: (value) => -Math.log(Math.max(LEAST_AMOUNT, value)),
  back: (score) => Math.exp(-score),
  leastDeviation: () => 0.01,
  trialVariance: () => 1,
}

const LOWER = new Set(['error_rate', 'attack_success_rate', 'false_refusal_rate'])

/** Accuracies and scores are better when higher; rates of errors, attacks and refusals, times, costs and tokens when lower. */
export function scaleOf(metric: string, unit: MetricUnit): Scale {
  if (unit !== 'fraction') return RELATIVE
  return LOWER.has(withoutSelector(metric)) ? LOWER_IS_BETTER : HIGHER_IS_BETTER
}

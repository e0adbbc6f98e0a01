import { binomialUpper } from './binomial.ts'
import { logChoose } from './hypergeometric.ts'

export interface McNemar {
  readonly twoSided: number
  /** P(X >= lost), X binomial over the changed examples with chance 1/2: small when the candidate lost. */
  readonly regression: number
  /** The same with only half of the observed count's own chance (less conservative, not exact). */
  readonly midP: number
}

/** McNemar's exact test: `lost` examples passed before and fail now, `won` the reverse. */
export function mcnemarExact(lost: number, won: number): McNemar {
  const n = lost + won
  if (n === 0) return { twoSided: 1, regression: 1, midP: 0.5 }
  const regression = binomialUpper(lost, n, 0.5)
  const own = Math.exp(logChoose(n, lost) - n * Math.LN2)
  const twoSided = Math.min(1, 2 * Math.min(regression, binomialUpper(won, n, 0.5)))
  return { twoSided, regression, midP: regression - own / 2 }
}

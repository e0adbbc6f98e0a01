import { betaPoint, incompleteBeta } from './beta.ts'
import { expectNumber, expectProbability } from './expect-number.ts'

/** P(T <= t) of Student's distribution with df > 0 degrees of freedom; its upper tail is tCdf(-t, df). */
export function tCdf(t: number, df: number): number {
  expectNumber(df > 0, 'df', 'above 0', df)
  if (Math.abs(t) === Infinity) return t > 0 ? 1 : 0
  const square = t * t
  const both = incompleteBeta(df / (df + square), df / 2, 0.5, square / (df + square))
  return t < 0 ? both.lower / 2 : 0.5 + both.upper / 2
}

/** The t at which P(T <= t) = p, for p in [0, 1] and df > 0 degrees of freedom. */
export function tQuantile(p: number, df: number): number {
  expectNumber(df > 0, 'df', 'above 0', df)
  expectProbability(p)
  const q = Math.min(p, 1 - p)
  if (q === 0) return p === 0 ? -Infinity : Infinity
  const { x, y } = betaPoint(2 * q, df / 2, 0.5)
  const size = Math.sqrt((df * y) / x)
  return p < 0.5 ? -size : size
}

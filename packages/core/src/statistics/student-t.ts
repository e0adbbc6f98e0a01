import { betaPoint, incompleteBeta } from './beta.ts'

/** P(T <= t) of Student's distribution with df > 0 degrees of freedom; its upper tail is tCdf(-t, df). */
export function tCdf(t: number, df: number): number {
  const square = t * t
  const both = incompleteBeta(df / (df + square), df / 2, 0.5, 1 / (1 + df / square))
  return t < 0 ? both.lower / 2 : 0.5 + both.upper / 2
}

/** The t at which P(T <= t) = p, for p in [0, 1] and df > 0 degrees of freedom. */
export function tQuantile(p: number, df: number): number {
  const { x, y } = betaPoint(2 * Math.min(p, 1 - p), df / 2, 0.5)
  return Math.sign(p - 0.5) * Math.sqrt((df * y) / x)
}

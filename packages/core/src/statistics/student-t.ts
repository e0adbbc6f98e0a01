import { betaPoint, incompleteBeta } from './beta.ts'

/** P(T <= t) of Student's distribution with df > 0 degrees of freedom; its upper tail is tCdf(-t, df). */
export function tCdf(t: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`Expected \`df\` to be above 0, got ${df}`)
  if (Math.abs(t) === Number.POSITIVE_INFINITY) return t > 0 ? 1 : 0
  const square = t * t
  const both = incompleteBeta(df / (df + square), df / 2, 0.5, square / (df + square))
  return t < 0 ? both.lower / 2 : 0.5 + both.upper / 2
}

/** The t at which P(T <= t) = p, for p in [0, 1] and df > 0 degrees of freedom. */
export function tQuantile(p: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`Expected \`df\` to be above 0, got ${df}`)
  if (!(p >= 0 && p <= 1)) throw new RangeError(`Expected \`p\` to be in [0, 1], got ${p}`)
  const q = Math.min(p, 1 - p)
  if (q === 0) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const { x, y } = betaPoint(2 * q, df / 2, 0.5)
  const size = Math.sqrt((df * y) / x)
  return p < 0.5 ? -size : size
}

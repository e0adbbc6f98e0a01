import { incompleteBeta } from './beta.ts'

/**
 * P(X >= s) for X binomial with n trials of chance p. n and s need not be whole (an effective sample size): then it is I_p(s, n-s+1).
 * `q` is 1 - p, where it is known more exactly.
 */
export const binomialUpper = (s: number, n: number, p: number, q = 1 - p): number =>
  s <= 0 ? 1 : s > n ? 0 : incompleteBeta(p, s, n - s + 1, q).lower

/** P(X <= s) for X binomial with n trials of chance p: that at least n - s of them fail. */
export const binomialLower = (s: number, n: number, p: number, q = 1 - p): number => binomialUpper(n - s, n, q, p)

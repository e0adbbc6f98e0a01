import { expectProbability } from './expect-number.ts'

/** The complementary error function: the series of erf below 2, its continued fraction above; relative error below 1e-13. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  if (x < 2) {
    let term = x
    let sum = x
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  // erfc(x) = exp(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))), evaluated from the far end.
  let fraction = x
  for (let n = 120; n >= 1; n--) fraction = x + n / 2 / fraction
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI))
}

/** P(Z <= z) of the standard normal distribution; its upper tail is normalCdf(-z). */
export const normalCdf = (z: number): number => 0.5 * erfc(-z / Math.SQRT2)

/**
 * The z at which P(Z <= z) = p, for p in [0, 1], with an absolute error of about 1e-15: Newton's steps on the logarithm of the smaller tail,
 * which is concave, so that they converge from a start on the far side of the solution.
 */
export function normalQuantile(p: number): number {
  expectProbability(p)
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity
  if (p > 0.5) return -normalQuantile(1 - p)
  let z = -Math.sqrt(-2 * Math.log(p))
  for (let round = 0; round < 60; round++) {
    const tail = normalCdf(z)
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
    const step = (Math.log(tail / p) * tail) / density
    z -= step
    if (Math.abs(step) < 1e-8) break
  }
  return z
}

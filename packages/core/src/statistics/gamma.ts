import { expectNumber } from './expect-number.ts'

const HALF_LOG_TWO_PI = 0.9189385332046728

/** The coefficients of x^-1, x^-3, … in Stirling's series: B(2j) / (2j (2j - 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400]

/** ln(1 + u) - u for u > -1, without the cancellation near 0. */
export function log1pMinus(u: number): number {
  if (Math.abs(u) > 0.5) return Math.log1p(u) - u
  // ln(1+u) = 2 artanh(r), r = u / (2+u); the series of its part beyond 2r.
  const r = u / (2 + u)
  const square = r * r
  let sum = 0
  let power = square
  for (let odd = 3; ; odd += 2) {
    const term = power / odd
    sum += term
    if (term <= sum * 1e-17) break
    power *= square
  }
  return r * (2 * sum - u)
}

/** What Stirling's formula lacks: ln Γ(x) - ((x - 1/2) ln x - x + ln(2π)/2), for x > 0. */
export function stirlingRemainder(x: number): number {
  let shift = 0
  let at = x
  for (; at < 12; at++) shift += (at + 0.5) * Math.log1p(1 / at) - 1
  const square = 1 / (at * at)
  let series = 0
  for (let j = STIRLING.length - 1; j >= 0; j--) series = series * square + STIRLING[j]!
  return shift + series / at
}

/** ln Γ(x) for x > 0; absolute error near the zeros at 1 and 2 below 1e-15, relative elsewhere. */
export function logGamma(x: number): number {
  expectNumber(x > 0, 'x', 'above 0', x)
  if (x === Infinity) return x
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingRemainder(x)
}

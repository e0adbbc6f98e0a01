import { expectNumber } from './expect-number.ts'
import { log1pMinus, stirlingRemainder } from './gamma.ts'

/** Both tails of a distribution function at a point; each keeps its relative precision when it is small. */
export interface Tails {
  readonly lower: number
  readonly upper: number
}

/** x (a+b) - a, from whichever of x and y = 1 - x is small. */
const offMean = (x: number, y: number, a: number, b: number): number => (x <= y ? x * (a + b) - a : b - y * (a + b))

/**
 * ln(x^a y^b / B(a, b)), y = 1 - x, in the saddle form: both large terms vanish at the mean a/(a+b), so nothing large is subtracted
 * (Loader 2000).
 */
function logKernel(x: number, y: number, a: number, b: number): number {
  const n = a + b
  const off = offMean(x, y, a, b)
  // ln(1 + u) - u with 1 + u = share·n/shape; far from the mean 1 + u is known better than u.
  const part = (share: number, shape: number, u: number) =>
    shape * (Math.abs(u) < 0.5 ? log1pMinus(u) : Math.log((share * n) / shape) - u)
  return (
    part(x, a, off / a) +
    part(y, b, -off / b) +
    0.5 * (Math.log(a) + Math.log(b / n) - Math.log(2 * Math.PI)) +
    stirlingRemainder(n) -
    stirlingRemainder(a) -
    stirlingRemainder(b)
  )
}

/**
 * The continued fraction of the incomplete beta function in its even form, by the modified Lentz method; fast for x < (a+1)/(a+b+2).
 * It takes x and y = 1 - x apart, so that a rounded y close to 1 costs nothing (Didonato & Morris 1992).
 */
function continuedFraction(x: number, y: number, a: number, b: number): number {
  const tiny = 1e-300
  const guard = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  const cap = 200 + 20 * Math.sqrt(Math.max(a, b))
  const gap = 1 - offMean(x, y, a, b)
  let fraction = guard((a * gap) / (a + 1))
  let c = fraction
  let d = 0
  for (let m = 1; m <= cap; m++) {
    const [odd, even] = [a + 2 * m - 1, a + 2 * m + 1]
    const above = ((((a + m - 1) / odd) * (a + b + m - 1)) / odd) * m * (b - m) * x * x
    const below = m + (m * (b - m) * x) / odd + ((a + m) * (gap + m * (1 + y))) / even
    d = 1 / guard(below + above * d)
    c = guard(below + above / c)
    const change = c * d
    fraction *= change
    if (Math.abs(change - 1) < 1e-16) break
  }
  return 1 / fraction
}

/**
 * The regularised incomplete beta function I_x(a, b) and its complement, for x in [0, 1] and a, b >= 0 (at 0: the point mass that
 * the beta distribution tends to). Give `y` = 1 - x where it is known more exactly. Relative error about 1e-12 up to shapes of 1e5.
 */
export function incompleteBeta(x: number, a: number, b: number, y = 1 - x): Tails {
  expectNumber(a >= 0 && b >= 0, 'shape', 'at least 0', Math.min(a, b))
  expectNumber(x >= 0 && y >= 0, 'x', 'in [0, 1]', x)
  if (a === 0 || y === 0) return { lower: 1, upper: 0 }
  if (b === 0 || x === 0) return { lower: 0, upper: 1 }
  const kernel = Math.exp(logKernel(x, y, a, b))
  if (offMean(x, y, a + 1, b + 1) < 0) {
    const lower = Math.min(1, kernel * continuedFraction(x, y, a, b))
    return { lower, upper: 1 - lower }
  }
  const upper = Math.min(1, kernel * continuedFraction(y, x, b, a))
  return { lower: 1 - upper, upper }
}

/**
 * The point x at which I_x(a, b) = p, and y = 1 - x, both to their last digits; p in [0, 1], q = 1 - p where it is known more exactly, a, b
 * > 0. The smaller of x and y is sought, by Newton's steps in its logarithm on the logarithm of the smaller tail, in a shrinking bracket.
 */
export function betaPoint(p: number, a: number, b: number, q = 1 - p): { readonly x: number; readonly y: number } {
  expectNumber(p >= 0 && q >= 0, 'p', 'in [0, 1]', p)
  expectNumber(a > 0 && b > 0, 'shape', 'above 0', Math.min(a, b))
  if (p === 0) return { x: 0, y: 1 }
  if (q === 0) return { x: 1, y: 0 }
  const turned = incompleteBeta(0.5, a, b).lower < p
  const [below, above, first, second] = turned ? [q, p, b, a] : [p, q, a, b]
  let low = Number.MIN_VALUE
  let high = 0.5
  let x = Math.min(first / (first + second), 0.25)
  for (let round = 0; round < 100; round++) {
    const { lower, upper } = incompleteBeta(x, first, second)
    const [miss, tail] = below < above ? [Math.log(lower / below), lower] : [Math.log(above / upper), upper]
    if (miss > 0) high = x
    else low = x
    const step = (-miss * tail * (1 - x)) / Math.exp(logKernel(x, 1 - x, first, second))
    const next = x * Math.exp(step)
    const last = Math.abs(step) < 1e-10
    x = last || (next > low && next < high) ? next : Math.sqrt(low) * Math.sqrt(high)
    // The error after a step is of the order of its square.
    if (last) break
  }
  return turned ? { x: 1 - x, y: x } : { x, y: 1 - x }
}

/** The x at which I_x(a, b) = p, or with `tail` 'upper' 1 - I_x(a, b) = p; p in [0, 1], a, b > 0. */
export const inverseIncompleteBeta = (p: number, a: number, b: number, tail: keyof Tails = 'lower'): number =>
  (tail === 'lower' ? betaPoint(p, a, b) : betaPoint(1 - p, a, b, p)).x

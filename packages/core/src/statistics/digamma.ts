import { expectNumber } from './expect-number.ts'

/** ψ(x), the slope of ln Γ at x > 0: shifted up to 10, then its asymptotic series (Abramowitz & Stegun 6.3.18). */
export function digamma(x: number): number {
  expectNumber(x > 0, 'x', 'above 0', x)
  let shift = 0
  let at = x
  for (; at < 10; at++) shift -= 1 / at
  const square = 1 / (at * at)
  const series =
    square *
    (1 / 12 -
      square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square * (1 / 132 - square * (691 / 32760))))))
  return shift + Math.log(at) - 0.5 / at - series
}

/** ψ′(x) at x > 0 (Abramowitz & Stegun 6.4.12). */
export function trigamma(x: number): number {
  expectNumber(x > 0, 'x', 'above 0', x)
  let shift = 0
  let at = x
  for (; at < 10; at++) shift += 1 / (at * at)
  const square = 1 / (at * at)
  const series =
    square *
    (1 / 6 - square * (1 / 30 - square * (1 / 42 - square * (1 / 30 - square * (5 / 66 - square * (691 / 2730))))))
  return shift + (1 + 0.5 / at + series) / at
}

/** The x at which ψ′(x) = y, for y > 0: Newton's steps on 1/ψ′, which is convex and nearly straight (Smyth 2004, appendix). */
export function inverseTrigamma(y: number): number {
  expectNumber(y > 0, 'y', 'above 0', y)
  if (y > 1e7) return 1 / Math.sqrt(y)
  if (y < 1e-6) return 1 / y
  let x = 0.5 + 1 / y
  for (let step = 0; step < 50; step++) {
    const value = trigamma(x)
    const slope = (trigamma(x * (1 + 1e-5)) - trigamma(x * (1 - 1e-5))) / (2e-5 * x)
    const change = (value * (1 - value / y)) / slope
    x += change
    if (Math.abs(change) < 1e-8 * x) break
  }
  return x
}

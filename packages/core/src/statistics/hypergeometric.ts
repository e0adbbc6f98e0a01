import { expectNumber } from './expect-number.ts'

/** ln n! for n = 0 …, summed as far as was ever asked for and kept; `lost` is what Kahan's summation carries over. */
const table = [0]
let lost = 0

/** ln n! for a whole n >= 0, correct to the last digit. */
export function logFactorial(n: number): number {
  expectNumber(n >= 0 && Number.isInteger(n), 'n', 'a whole number', n)
  while (table.length <= n) {
    const sum = table.at(-1)!
    const term = Math.log(table.length) - lost
    const next = sum + term
    lost = next - sum - term
    table.push(next)
  }
  return table[n]!
}

/** ln of the number of ways to choose k of n; -Infinity where there is none. */
export const logChoose = (n: number, k: number): number =>
  k < 0 || k > n ? -Infinity : logFactorial(n) - logFactorial(k) - logFactorial(n - k)

/** ln P(X = x), X the marked ones among `draws` of `total` of which `marked` are marked. */
export const logHypergeometric = (x: number, total: number, marked: number, draws: number): number =>
  logChoose(marked, x) + logChoose(total - marked, draws - x) - logChoose(total, draws)

/** P(X >= s): from its largest term outwards, so that a small tail keeps its relative precision (about 1e-11 at a total of 10,000). */
export function hypergeometricUpper(s: number, total: number, marked: number, draws: number): number {
  const least = Math.max(0, draws - (total - marked))
  const most = Math.min(draws, marked)
  if (s <= least) return 1
  if (s > most) return 0
  if (s <= (draws * marked) / total) return 1 - hypergeometricLower(s - 1, total, marked, draws)
  let term = Math.exp(logHypergeometric(s, total, marked, draws))
  let sum = term
  for (let x = s; x < most && term > sum * 1e-17; x++) {
    term *= ((marked - x) * (draws - x)) / ((x + 1) * (total - marked - draws + x + 1))
    sum += term
  }
  return sum
}

/** P(X <= s): that at least draws - s of the drawn are not marked. */
export const hypergeometricLower = (s: number, total: number, marked: number, draws: number): number =>
  hypergeometricUpper(draws - s, total, total - marked, draws)

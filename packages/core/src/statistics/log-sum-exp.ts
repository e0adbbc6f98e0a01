import { sumOf } from './sum.ts'

/** ln Σ exp(x) without overflow; -Infinity for an empty list. */
export function logSumExp(values: Iterable<number>): number {
  const list = [...values]
  const most = list.reduce((a, b) => Math.max(a, b), -Infinity)
  if (!Number.isFinite(most)) return most
  return most + Math.log(sumOf(list, (value) => Math.exp(value - most)))
}

/** ln of the mean of exp(x). */
export const logMeanExp = (values: readonly number[]): number => logSumExp(values) - Math.log(values.length)

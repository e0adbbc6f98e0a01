/** ln Σ exp(x) without overflow; -Infinity for an empty list. */
export function logSumExp(values: Iterable<number>): number {
  const list = [...values]
  const most = list.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (!Number.isFinite(most)) return most
  return most + Math.log(list.reduce((sum, value) => sum + Math.exp(value - most), 0))
}

/** ln of the mean of exp(x). */
export const logMeanExp = (values: readonly number[]): number => logSumExp(values) - Math.log(values.length)

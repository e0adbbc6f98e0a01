import { type Comparator, meets } from './gate.ts'
import type { Metric } from './metric.ts'

/**
 * Whether the observed metric meets the threshold. Shares are compared as whole numbers of passes, so that 0.6666666667 is two thirds;
 * `0.07 * 100` is more than 7 in doubles, and is 7 here. An unknown value meets nothing.
 */
export function plainlyMeets(
  metric: Pick<Metric, 'value' | 'n' | 'passes'>,
  comparator: Comparator,
  threshold: number,
): boolean {
  if (metric.value === null) return false
  if (metric.passes === undefined) return meets(metric.value, comparator, threshold)
  const exact = threshold * metric.n
  const nearest = Math.round(exact)
  return meets(metric.passes, comparator, Math.abs(exact - nearest) < 1e-9 ? nearest : exact)
}

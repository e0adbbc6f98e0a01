/** Adjusted p-values of a step-up rule with the factor `scale`: p(i)·scale·m/i, made monotone from the largest down. */
function stepUp(p: readonly number[], scale: number): number[] {
  const order = p.map((_, i) => i).sort((i, j) => p[j]! - p[i]!)
  const adjusted = new Array<number>(p.length)
  let least = 1
  for (const [fromTop, i] of order.entries()) {
    least = Math.min(least, p[i]! * ((scale * p.length) / (p.length - fromTop)))
    adjusted[i] = least
  }
  return adjusted
}

/** Benjamini & Hochberg's (1995) adjusted p-values: rejecting those <= q keeps the false discovery rate at most q. */
export const bhAdjusted = (p: readonly number[]): number[] => stepUp(p, 1)

/** Benjamini & Yekutieli's (2001): the same under any dependence. */
export const byAdjusted = (p: readonly number[]): number[] =>
  stepUp(
    p,
    p.reduce((sum, _, i) => sum + 1 / (i + 1), 0),
  )

/** The e-BH rule (Wang & Ramdas 2022): which of the e-values are rejected at false discovery rate q, under any dependence. */
export function eBH(e: readonly number[], q: number): boolean[] {
  const sorted = [...e].sort((a, b) => b - a)
  let count = 0
  for (const [i, value] of sorted.entries()) if ((i + 1) * value >= e.length / q) count = i + 1
  return e.map((value) => count > 0 && value >= sorted[count - 1]!)
}

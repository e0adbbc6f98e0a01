import { logChoose } from './hypergeometric.ts'
import type { Runs } from './paired.ts'

/** The chance that at least one of k runs passes: 1 - C(n-c, k)/C(n, k), unbiased (Chen et al. 2021). null for k above the runs. */
export function passAtK({ passes, runs }: Runs, k: number): number | null {
  if (k > runs) return null
  return 1 - Math.exp(logChoose(runs - passes, k) - logChoose(runs, k))
}

/** The chance that all of k runs pass: C(c, k)/C(n, k), unbiased; (c/n)^k is not. null for k above the runs. */
export function passToTheK({ passes, runs }: Runs, k: number): number | null {
  if (k > runs) return null
  return Math.exp(logChoose(passes, k) - logChoose(runs, k))
}

/** The chance that two runs of the example disagree, unbiased: 0 is steady, 0.5 a coin. null for fewer than two runs. */
export function flakiness({ passes, runs }: Runs): number | null {
  return runs < 2 ? null : (2 * passes * (runs - passes)) / (runs * (runs - 1))
}

/** The mean over the examples for which a value is known; null when there is none. */
export function meanOf(examples: Iterable<Runs>, value: (example: Runs) => number | null): number | null {
  let [n, sum] = [0, 0]
  for (const example of examples) {
    const one = value(example)
    if (one === null) continue
    n++
    sum += one
  }
  return n === 0 ? null : sum / n
}

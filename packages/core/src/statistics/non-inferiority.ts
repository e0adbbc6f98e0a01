import { tCdf } from './student-t.ts'
import { sumOf } from './sum.ts'

/**
 * Tango's score statistic for "candidate share - baseline share = delta" in n pairs (Tango 1998): `lost` passed before and fail now, `won`
 * the reverse. Large at delta = -margin: the candidate is not worse by the margin.
 */
export function tangoZ(lost: number, won: number, n: number, delta: number): number {
  const a = 2 * n
  const b = -lost - won + (2 * n - won + lost) * delta
  const c = -lost * delta * (1 - delta)
  const q = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a)
  const off = won - lost - n * delta
  const variance = n * (2 * q + delta * (1 - delta))
  if (variance <= 0) return off === 0 ? 0 : Math.sign(off) * Infinity
  return off / Math.sqrt(variance)
}

export interface MeanDifference {
  readonly mean: number
  readonly standardError: number
}

/**
 * The mean of paired differences in [-1, 1] and its standard error, with `pseudoPairs` added that are changed by half and whose changes
 * cancel: 0 gives the plain ones, 2 Agresti & Min's (2005), with which a column of zeros has a standard error too.
 */
export function meanDifference(differences: readonly number[], pseudoPairs: 0 | 2): MeanDifference {
  const n = differences.length + pseudoPairs
  const mean = sumOf(differences, (difference) => difference) / n
  const squares = pseudoPairs / 2 + sumOf(differences, (difference) => difference * difference)
  const variance = (squares - n * mean * mean) / (n - 1)
  return { mean, standardError: Math.sqrt(Math.max(0, variance) / n) }
}

export interface NonInferiority extends MeanDifference {
  readonly t: number
  /** P(T >= t): small when the candidate is not worse by the margin. */
  readonly tail: number
}

/** Tests "the candidate is worse by `margin` or more" on paired differences by the t form with Agresti & Min's adjustment. */
export function nonInferiorityT(differences: readonly number[], margin: number): NonInferiority {
  const shrunk = meanDifference(differences, 2)
  const t = (shrunk.mean + margin) / shrunk.standardError
  return { ...shrunk, t, tail: differences.length < 2 ? 1 : tCdf(-t, differences.length - 1) }
}

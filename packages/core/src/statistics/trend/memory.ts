import { sumOf } from '../sum.ts'

/** How far back nights are compared with each other: the longer scale reaches over so many steps. */
export const LAGS = 6
/** Pairs of nights that weigh as much as the assumption that nights are independent. */
const PRIOR_PAIRS = 100

/** The correlation of nights that lie 1 … LAGS apart. */
export type Memory = readonly number[]

/** Nights without memory. */
export const NO_MEMORY: Memory = new Array<number>(LAGS).fill(0)

/**
 * How far nights of the same series resemble their neighbours, pooled over series of at least 3 values. Corrected for the known bias
 * that a series is taken against its own mean, and drawn towards none where the pairs are few.
 */
export function memoryOf(series: readonly (readonly number[])[]): Memory {
  const correlation = new Array<number>(LAGS).fill(0)
  const pairs = new Array<number>(LAGS).fill(0)
  for (const values of series) {
    const n = values.length
    const mean = sumOf(values, (value) => value) / n
    const variance = sumOf(values, (value) => (value - mean) ** 2) / (n - 1)
    if (n < 3 || !(variance > 1e-15)) continue
    for (let lag = 1; lag <= Math.min(LAGS, n - 1); lag++) {
      for (let at = lag; at < n; at++) {
        correlation[lag - 1]! += ((values[at]! - mean) * (values[at - lag]! - mean)) / variance + 1 / n
        pairs[lag - 1]!++
      }
    }
  }
  return correlation.map((sum, at) => sum / (pairs[at]! + PRIOR_PAIRS))
}

/** How many times the variance of the mean of `width` neighbouring nights is what it were without memory; never below 1. */
export function inflation(memory: Memory, width: number): number {
  let factor = 1
  for (let lag = 1; lag <= Math.min(LAGS, width - 1); lag++) factor += 2 * (1 - lag / width) * memory[lag - 1]!
  return Math.max(1, factor)
}

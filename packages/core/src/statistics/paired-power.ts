import { inverseIncompleteBeta } from './beta.ts'
import { normalQuantile } from './normal.ts'

/**
 * The smallest drop, of all examples alike, that a paired comparison calls a regression with a chance of `power`. It must stand out of the
 * noise of the mean difference seen in this run and of the scatter that it brings itself over `trials` candidate trials; and it must lose
 * as many trials as an exact test needs at least, log2(1/alpha). null when there are fewer than that.
 */
export function pairedDetectableDrop(
  standardError: number,
  trials: number,
  confidence: number,
  power: number,
): number | null {
  const fewest = Math.ceil(-Math.log2(1 - confidence))
  if (trials < fewest) return null
  const floor = inverseIncompleteBeta(power, fewest, trials - fewest + 1)
  // drop = z·sqrt(standardError² + drop/trials), solved for drop.
  const z = normalQuantile(confidence) + normalQuantile(power)
  const half = (z * z) / (2 * trials)
  const drop = half + Math.sqrt(half * half + z * z * standardError ** 2)
  return Math.min(1, Math.max(floor, drop))
}

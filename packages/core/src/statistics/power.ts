import { inverseIncompleteBeta } from './beta.ts'
import { binomialLower, binomialUpper } from './binomial.ts'
import { criticalCounts, firstWhere } from './need.ts'

/** The chance that we want of an answer before we call something detectable. */
export const DETECTION_POWER = 0.8

/** Above this many examples the advice "run more" is none. */
const MOST_EXAMPLES = 2 ** 20

/** The chance that a gate "share >= threshold" over n examples confirms a system whose true share is `truth`. */
export const confirmChance = (n: number, threshold: number, truth: number, confidence: number): number =>
  binomialUpper(criticalCounts(n, threshold, confidence).confirm, n, truth)

/** The chance that it refutes such a system. */
export const refuteChance = (n: number, threshold: number, truth: number, confidence: number): number =>
  binomialLower(criticalCounts(n, threshold, confidence).refute, n, truth)

/**
 * The number of examples from which on a gate decides, with a chance of `power` or more, on a system of true share `truth`: confirms it
 * where it lies above the threshold, refutes it where it lies below. null when about `most` would not do.
 */
export function examplesNeeded(
  threshold: number,
  truth: number,
  confidence: number,
  power = DETECTION_POWER,
  most = MOST_EXAMPLES,
): number | null {
  if (truth === threshold) return null
  const chance = truth > threshold ? confirmChance : refuteChance
  const enough = (n: number) => chance(n, threshold, truth, confidence) >= power
  let high = 1
  while (!enough(high)) {
    high *= 2
    if (high > 2 * most) return null
  }
  const rough = firstWhere(high / 2, high, enough)
  // The chance saw-tooths in n: it falls whenever one more pass is needed. About 2/|truth - threshold| examples make up for a tooth.
  const teeth = Math.min(20_000, Math.ceil(4 / Math.abs(truth - threshold) + 4 / Math.min(threshold, 1 - threshold)))
  let n = rough + teeth
  while (n > 1 && enough(n - 1)) n--
  return n
}

/** The fewest examples, all of them passing, that confirm "share >= threshold"; null for a threshold of 1, which no sample confirms. */
export function leastExamples(threshold: number, confidence: number): number | null {
  if (threshold >= 1) return null
  return threshold <= 0 ? 1 : Math.ceil(Math.log(1 - confidence) / Math.log(threshold) - 1e-9)
}

/**
 * The smallest drop below the threshold that a gate over n examples refutes with a chance of `power`: a true share of threshold - drop.
 * null when n examples can refute nothing.
 */
export function detectableDrop(
  n: number,
  threshold: number,
  confidence: number,
  power = DETECTION_POWER,
): number | null {
  const { refute } = criticalCounts(n, threshold, confidence)
  if (refute < 0) return null
  // P(X <= refute | p) = 1 - I_p(refute+1, n-refute) = power
  return refute >= n ? 0 : threshold - inverseIncompleteBeta(power, refute + 1, n - refute, 'upper')
}

/** The smallest true share that a gate over n examples confirms with a chance of `power`; null when it can confirm none. */
export function confirmableShare(
  n: number,
  threshold: number,
  confidence: number,
  power = DETECTION_POWER,
): number | null {
  const { confirm } = criticalCounts(n, threshold, confidence)
  if (confirm > n) return null
  return confirm <= 0 ? 0 : inverseIncompleteBeta(power, confirm, n - confirm + 1)
}

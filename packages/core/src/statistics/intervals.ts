import { incompleteBeta, inverseIncompleteBeta } from './beta.ts'
import { normalQuantile } from './normal.ts'

export type Interval = readonly [number, number]

/** The tail left out on each side: `twoSided` keeps `confidence` between the bounds, otherwise each bound holds with `confidence` alone. */
const tailOf = (confidence: number, twoSided: boolean): number => (twoSided ? (1 - confidence) / 2 : 1 - confidence)

/** Wilson's score interval for a share (Wilson 1927). */
export function wilson(successes: number, n: number, confidence: number, twoSided = true): Interval {
  const z = normalQuantile(1 - tailOf(confidence, twoSided))
  const share = successes / n
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n)
  return [successes <= 0 ? 0 : Math.max(0, centre - half), successes >= n ? 1 : Math.min(1, centre + half)]
}

/** The exact interval for a share (Clopper & Pearson 1934); successes and n may be fractions (an effective sample size). */
export function clopperPearson(successes: number, n: number, confidence: number, twoSided = true): Interval {
  const tail = tailOf(confidence, twoSided)
  return [
    successes <= 0 ? 0 : inverseIncompleteBeta(tail, successes, n - successes + 1),
    successes >= n ? 1 : inverseIncompleteBeta(tail, successes + 1, n - successes, 'upper'),
  ]
}

/** The interval of Jeffreys' prior Beta(1/2, 1/2), its bounds moved to 0 and 1 at the ends (Brown, Cai & DasGupta 2001). */
export function jeffreys(successes: number, n: number, confidence: number, twoSided = true): Interval {
  const tail = tailOf(confidence, twoSided)
  const [a, b] = [successes + 0.5, n - successes + 0.5]
  return [
    successes <= 0 ? 0 : inverseIncompleteBeta(tail, a, b),
    successes >= n ? 1 : inverseIncompleteBeta(tail, a, b, 'upper'),
  ]
}

/** The chance that the true share is at least `threshold`, given the successes and a Beta prior. */
export const posteriorProbGe = (successes: number, n: number, threshold: number, prior: Interval): number =>
  incompleteBeta(threshold, successes + prior[0], n - successes + prior[1]).upper

import { incompleteBeta } from '../beta.ts'
import { logGamma } from '../gamma.ts'

const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b)

/**
 * ln of the evidence that more than the canary's share of the events (restarts, failures whose requests are not counted) are its own, when
 * its share of the traffic is known to be exactly `share`: a mixture over larger shares, a Beta prior cut at `share`. It exceeds 1/alpha
 * with a chance of at most alpha, ever; the evidence of several steps, each with its share, multiplies (after Lindon & Malek 2022).
 */
export function logEventEvidence(share: number, canaryEvents: number, stableEvents: number, strength = 10): number {
  const [a, b] = [strength * share, strength * (1 - share)]
  const [c, d] = [a + canaryEvents, b + stableEvents]
  return (
    logBeta(c, d) +
    Math.log(incompleteBeta(share, c, d).upper) -
    logBeta(a, b) -
    Math.log(incompleteBeta(share, a, b).upper) -
    canaryEvents * Math.log(share) -
    stableEvents * Math.log(1 - share)
  )
}

import { binomialUpper } from '../binomial.ts'
import { hypergeometricUpper } from '../hypergeometric.ts'
import { beyond, type ShareLimit } from './limits.ts'
import { type Arms, errorRate } from './tally.ts'

const EMERGENCY_REQUESTS = 10
const LEAST_REQUESTS = 20
/** So many beyond the limit, or so many of both arms' in the canary, would come by chance once in a thousand checks. */
const RARE = 1e-3

/** Half of a check's requests fail and the stable arm is well: no test is needed (chance below 2e-4 in 30 checks for a rate of 3 %). */
export const isEmergency = ({ canary, stable }: Arms): boolean =>
  canary.requests >= EMERGENCY_REQUESTS && errorRate(canary) >= 0.5 && errorRate(stable) < 0.25

/**
 * Whether the canary is clearly beyond a limit that takes it back at once: its share beyond is larger, not by chance even for a canary at
 * `ordinary` (the share that is the limit otherwise), and not by chance given how many requests of both arms are beyond.
 */
export function isBeyond(limit: ShareLimit, ordinary: number, { canary, stable }: Arms): boolean {
  const { n, over } = beyond(limit, canary)
  if (n < LEAST_REQUESTS || over <= limit.share * n) return false
  const theirs = beyond(limit, stable)
  if (theirs.n > 0 && hypergeometricUpper(over, n + theirs.n, over + theirs.over, n) > RARE) return false
  return binomialUpper(over, n, ordinary) <= RARE
}

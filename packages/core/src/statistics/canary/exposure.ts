import { clopperPearson, type Interval } from '../intervals.ts'

export interface Exposure {
  /** The canary's share of the requests; 0 without any. */
  readonly share: number
  readonly interval: Interval
  /** false: the share is shown to be off the weight by more than is tolerated. */
  readonly compatible: boolean
}

/**
 * Whether the canary gets the share of the traffic that was asked for: it does unless the exact interval of its share lies outside weight
 * ± tolerance altogether (Clopper & Pearson 1934). Routers that keep a client on one side deal unevenly; hence the tolerance.
 */
export function realisedExposure(
  canaryRequests: number,
  allRequests: number,
  weight: number,
  { tolerance = 0.02, confidence = 0.999 } = {},
): Exposure {
  if (allRequests === 0) return { share: 0, interval: [0, 1], compatible: true }
  const interval = clopperPearson(canaryRequests, allRequests, confidence)
  const compatible = interval[0] <= weight + tolerance && interval[1] >= weight - tolerance
  return { share: canaryRequests / allRequests, interval, compatible }
}

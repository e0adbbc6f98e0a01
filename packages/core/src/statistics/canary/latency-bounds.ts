import { type Histogram, longerThan, total } from './histogram.ts'

/** The shares of longer requests that the compared bounds should have: near the stable arm's p50, p90 and p97. */
const SOUGHT = [0.5, 0.1, 0.03] as const
/** A bound with fewer or more longer requests tells little of small changes. */
const LEAST = 0.005
const MOST = 0.9
/** With fewer requests a histogram does not tell where its quantiles are. */
export const BASELINE_REQUESTS = 200

const logOdds = (share: number) => Math.log(share / (1 - share))

/**
 * The bounds (by index, at most three, all different) at which latencies are compared: those whose share of longer requests in the stable
 * arm is nearest, in odds, to that of its p50, its p90 and a point between p95 and p99. Where these are not three, the lowest bound that
 * the stable arm hardly ever exceeds is one more: where all its requests are in one bucket, a canary that leaves the bucket is seen there.
 * They have to be chosen from requests before those that are compared. Empty: every bound is exceeded by nearly all requests. null: too
 * few requests to choose.
 */
export function chooseLatencyBounds({ bounds, counts }: Histogram): readonly number[] | null {
  const all = total(counts)
  if (all < BASELINE_REQUESTS) return null
  const shares = bounds.map((_, i) => longerThan(counts, i) / all)
  const chosen: number[] = []
  for (const sought of SOUGHT) {
    let best = -1
    for (const [i, share] of shares.entries()) {
      if (share < LEAST || share > MOST || chosen.includes(i)) continue
      const distance = Math.abs(logOdds(share) - logOdds(sought))
      if (best < 0 || distance < Math.abs(logOdds(shares[best]!) - logOdds(sought))) best = i
    }
    if (best >= 0) chosen.push(best)
  }
  const rare = shares.findIndex((share) => share < LEAST)
  if (chosen.length < SOUGHT.length && rare >= 0) chosen.push(rare)
  return chosen.sort((a, b) => a - b)
}

import { expectNumber } from '../expect-number.ts'

export interface Traffic {
  /** Of both arms together. */
  readonly requestsPerSecond: number
  /** The canary's share of them. */
  readonly weight: number
  /** The stable arm's share of requests that fail. */
  readonly errorRate: number
}

export interface Sight {
  /** How many times the stable arm's error rate the canary's is. */
  readonly ratio: number
  /** The time after which the evidence is expected to be enough, in seconds; Infinity: never. */
  readonly seconds: number
  /** Whether that is within the time there is. */
  readonly seen: boolean
}

/** ln of the factor that the evidence has to gain: 1/alpha, the weight of the errors, and a grid of ratios of which about 3 in 9 help. */
const logGain = (alpha: number) => Math.log(3 / (0.6 * alpha))

/**
 * The seconds after which a canary's higher error rate is expected to be found: what has to be gained, divided by the errors a second
 * and by what each tells, KL(q || weight) with q the canary's share of them. About right for the median where it is over a minute; a
 * check's interval comes on top.
 */
export function secondsToSee({ requestsPerSecond, weight, errorRate }: Traffic, ratio: number, alpha = 0.05): number {
  expectNumber(weight > 0 && weight <= 1, 'weight', 'above 0 and at most 1', weight)
  expectNumber(ratio > 1, 'ratio', 'above 1', ratio)
  // A canary cannot fail more than always.
  const times = errorRate > 0 ? Math.min(ratio, 1 / errorRate) : ratio
  const spread = 1 - weight + weight * times
  const q = (weight * times) / spread
  const part = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b))
  const told = part(q, weight) + part(1 - q, 1 - weight)
  const perSecond = requestsPerSecond * spread * errorRate * told
  return perSecond > 0 ? logGain(alpha) / perSecond : Infinity
}

/**
 * The seconds after which a canary as good as stable is expected to have shown that its odds of an error are below `ratio` times the
 * stable arm's; Infinity where nobody fails. About right for the median (simulated).
 */
export function secondsToShowBelow(
  { requestsPerSecond, weight, errorRate }: Traffic,
  ratio: number,
  alpha = 0.05,
): number {
  const q = (weight * ratio) / (1 - weight + weight * ratio)
  const told = weight * Math.log(weight / q) + (1 - weight) * Math.log((1 - weight) / (1 - q))
  const perSecond = requestsPerSecond * errorRate * told
  return perSecond > 0 ? -Math.log(alpha) / perSecond : Infinity
}

/** What can be seen within the time there is, by ratio. */
export const sights = (traffic: Traffic, withinSeconds: number, ratios: readonly number[] = [2, 5, 20]): Sight[] =>
  ratios.map((ratio) => {
    const seconds = secondsToSee(traffic, ratio)
    return { ratio, seconds, seen: seconds <= withinSeconds }
  })

import { type CanaryLimits, GUIDE_LIMITS } from './limits.ts'

/** What is fixed before the canary starts; all of it may be kept in a journal. */
export interface CanaryPlan {
  /** Whether a stable arm exists to compare with; a first release has none. */
  readonly compare: boolean
  /** The finite upper bounds of the duration buckets in seconds, rising; empty: durations are not watched. */
  readonly durationBounds: readonly number[]
  readonly limits: CanaryLimits
  /** The chance that a canary no worse than the stable arm, and within the limits, is ever taken back. */
  readonly alpha: number
  /** What the canary's odds of an error must be shown to be below, in times the stable arm's, before it goes a step up; null: nothing. */
  readonly requireRelative: number | null
  /** How long a step is watched at least, in seconds. */
  readonly minSeconds: number
  /** How many checks there will be at most: the longest duration divided by the interval. */
  readonly plannedChecks: number
}

export const DEFAULT_PLAN: CanaryPlan = {
  compare: true,
  durationBounds: [],
  limits: GUIDE_LIMITS,
  alpha: 0.05,
  requireRelative: null,
  minSeconds: 300,
  plannedChecks: 180,
}

/** The part of alpha that the early test spends, and over how many seconds; the evidence processes have the rest. */
export const EARLY = { part: 0.6, seconds: 300 } as const

/** How the evidence against the canary is averaged, with a stable arm. */
export const WEIGHTS = { errors: 0.45, latency: 0.3, limits: 0.25 } as const

/** The most that one check may multiply any evidence by: one burst must not decide. */
export const CAP = 5

/**
 * At so many checks at least both arms have had requests before a canary goes up: with fewer, the cap on each keeps even the worst
 * latencies (0.3 of the weight, half of it on the first check) below where a canary is held.
 */
export const LEAST_CHECKS = 3

/** What a step up needs: the chance that a canary at its limit for errors is promoted at one step. */
export const PROMOTE_ALPHA = 0.05

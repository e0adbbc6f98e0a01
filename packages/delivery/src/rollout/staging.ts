import type { History, ReleaseRecord } from '../releases/history/record.ts'
import type { TrafficSettings } from '../traffic/create.ts'
import type { TrafficRouter } from '../traffic/router.ts'
import type { Check, VerifyRules } from './verify.ts'
import type { RolloutFollower, StepWeight, Watch } from './watch.ts'

/** What to do at the end of a step that showed nothing either way. */
export const ON_INCONCLUSIVE = ['pause', 'fail', 'pass'] as const
export type OnInconclusive = (typeof ON_INCONCLUSIVE)[number]

/** What the way back needs. */
export interface WayBack {
  readonly router: TrafficRouter
  readonly follower: RolloutFollower
  /** How long a route may take to accept a weight. */
  readonly routeTimeoutMs: number
}

/** A rollout by steps: how its traffic moves, and who watches it. */
export interface Staging extends WayBack {
  readonly strategy: 'canary' | 'blue-green'
  /** null: scripts move it, and are not kept for others to run. */
  readonly traffic: TrafficSettings | null
  readonly steps: readonly StepWeight[]
  readonly watch: Watch
  /** The longest that a step may take to show that the canary is good enough. */
  readonly stepTimeoutMs: number
  readonly onInconclusive: OnInconclusive
  /** Run against the canary before any traffic, or where pods make the weight, right after the first step. */
  readonly checks: readonly Check[]
  /** Watches the promoted release; undefined where there is nothing to watch it with. */
  readonly bake: { readonly watch: Watch; readonly durationMs: number } | undefined
}

/** One staged rollout from its canary to its end; everything in it can be repeated by a later run. */
export interface StagedRollout {
  readonly record: ReleaseRecord
  readonly before: ReleaseRecord
  readonly history: History
  readonly rules: VerifyRules
  readonly staging: Staging
  /** What the canary needs and the cluster has not got yet; nothing where an earlier run wrote it. */
  readonly prepare?: () => Promise<void>
}

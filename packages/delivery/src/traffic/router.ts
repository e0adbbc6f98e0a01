import type { Problem } from '@agent-ci/core/errors'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { Permission } from '../kubernetes/permissions.ts'
import type { Pod } from '../kubernetes/workload.ts'

export type Labels = Readonly<Record<string, string>>

/** What a router needs from outside. */
export interface TrafficTimes {
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface Cancellable {
  /** Ends waits and retries; the calls of the cluster have their own, see `through`. */
  readonly signal: AbortSignal
}

/** What was found before anything is changed; every problem at once, each with what to do. */
export interface Preflight {
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** A weight that was asked for and the one that can be had; both in percent. */
export interface AchievableWeight {
  readonly asked: number
  readonly real: number
  /** `asked 10 %, 3 pods give 25 % (1 canary of 4)`; empty where the weight is had as asked. */
  readonly how: string
  /** The weight before it is the same in reality: a step that would change nothing. */
  readonly repeats: boolean
}

/**
 * Whether a weight is in force. `lost`: somebody else changed it after us, which is drift and says nothing about the canary. `why` is ready for
 * the log.
 */
export type RouteState =
  | { readonly state: 'accepted' }
  | { readonly state: 'waiting'; readonly why: string }
  | { readonly state: 'lost'; readonly why: string }

/**
 * What sends the canary its share of the traffic. Every call can be repeated after a crash, by another process too: what it needs to know is in
 * the cluster. The order of a rollout is
 *
 *     preflight, prepare, { scale the canary up, set(weight), verify(weight) until accepted } per step,
 *     promotion or way back, set(0), restore
 *
 * where the scaling and the promotion belong to the caller, or not, as `moves` says.
 */
export interface TrafficRouter {
  /**
   * - `weight`: only the route changes. The caller scales the canary before it raises the weight, and brings stable to the new release while
   *   the canary has all traffic.
   * - `pods`: `set` scales both Deployments itself, for the weight is a ratio of pods. The caller scales nothing.
   * - `release`: a controller or a script does all: `set(100)` promotes and `set(0)` takes back. There is no canary's Deployment; a controller
   *   follows the app's own, into which the caller writes the pod template of the new release before the first weight.
   */
  readonly moves: 'weight' | 'pods' | 'release'
  /** What it does, and its way back, needs to be allowed to do. */
  readonly permissions: readonly Permission[]
  /** `HTTPRoute agent: agent (stable) and agent-canary`. */
  describe(): string
  /** Looks at all that a rollout will need; changes nothing. */
  preflight(): Promise<Preflight>
  achievable(weights: readonly number[]): Promise<readonly AchievableWeight[]>
  /** The labels of a canary pod, made from those of a stable one, by which this router tells the two apart. */
  canaryLabels(podLabels: Labels): Promise<Labels>
  /** The pods of the new release, where they are not those of a canary's Deployment. */
  canaryPods?(): Promise<readonly Pod[]>
  /** Puts the canary into the route with weight 0, and waits until the route has taken that. @throws Error when it does not in time */
  prepare(options: Cancellable): Promise<void>
  /** In place of `prepare` where an earlier run passed all steps: starts again what it aborted. */
  retry?(options: Cancellable): Promise<void>
  /** The canary's weight in percent as the cluster has it now; undefined when the canary is not in the route, or nobody can say. */
  read(): Promise<number | undefined>
  /** Writes a weight in percent; writes nothing where it is in place. Does not wait for the route to take it: `verify` tells. */
  set(weight: number, options: Cancellable): Promise<void>
  verify(weight: number): Promise<RouteState>
  /** Weight 0, then takes away what `prepare` added, so that every object is what it was before. */
  restore(options: Cancellable): Promise<void>
  /** The same router on another connection: for the way back after the job was cancelled. */
  through(cluster: Cluster): TrafficRouter
}

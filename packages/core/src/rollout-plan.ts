import type { RolloutTimeline } from './rollout-timeline.ts'

/** What a rollout would do to an object of the cluster. */
export interface PlannedObject {
  readonly kind: string
  readonly name: string
  readonly change: 'created' | 'changed' | 'unchanged' | 'deleted'
  /** The fields that change: `spec.template.spec.containers[agent].image`. */
  readonly fields: readonly string[]
}

/** How long a canary that is worse by a factor goes unseen at a step's weight, at the expected traffic. */
export interface Detection {
  /** The canary's error rate, in multiples of stable's. */
  readonly ratio: number
  /** null: never, at this traffic. */
  readonly seconds: number | null
}

export interface PlannedStep {
  /** Percent of the traffic: asked for, and what can be had. */
  readonly asked: number
  readonly real: number
  /** What gives that weight: `1 of 4 pods`, `HTTPRoute weights`. */
  readonly how: string
  readonly durationMs: number
  /** Why the step is left out; null: it is made. */
  readonly dropped: string | null
  readonly detection: readonly Detection[]
}

export interface PlannedMetric {
  readonly name: string
  readonly state: 'found' | 'no-data' | 'error'
  /** The series that it is read from, or what went wrong. */
  readonly source: string
  /** Its limits in words; empty where it has none. */
  readonly limit: string
}

/** What `operation: plan` found out from the real cluster; nothing was changed. */
export interface RolloutPlan {
  readonly app: string
  readonly environment: string
  readonly strategy: RolloutTimeline['strategy']
  readonly release: RolloutTimeline['release']
  readonly previous: RolloutTimeline['previous']
  /** What the release changes in the one before, a phrase each. */
  readonly changes: readonly string[]
  readonly objects: readonly PlannedObject[]
  /** The traffic provider: `gateway-api`. */
  readonly traffic: string
  readonly steps: readonly PlannedStep[]
  /** How long the promoted release is watched. */
  readonly bakeMs: number
  /** What the detection rests on; null: nothing could be measured. */
  readonly expected: { readonly requestsPerSecond: number; readonly errorRate: number } | null
  readonly metrics: readonly PlannedMetric[]
  readonly warnings: readonly string[]
  /** Each says what to do; with one of them nothing would be deployed. */
  readonly problems: readonly string[]
}

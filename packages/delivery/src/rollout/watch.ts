import type { RolloutCheck } from '@agent-ci/core/rollout-timeline'

/** The share of the traffic that a step gives the canary, in percent: asked for, and what the router can give. */
export interface StepWeight {
  readonly index: number
  readonly asked: number
  readonly real: number
}

/** What one look at the canary came to. */
export interface Look {
  readonly check: RolloutCheck
  /** `advance`: shown to be good enough for the next step; `hold`: not shown either way; `rollBack`: shown to be bad. */
  readonly decision: 'advance' | 'hold' | 'rollBack'
  /** In a sentence, with the numbers behind it. */
  readonly reason: string
  /** The metric that decided, where one did. */
  readonly metric: string | null
}

/** Watches a canary while it has traffic. */
export interface Watch {
  /** How often it looks. */
  readonly intervalMs: number
  /** A step begins: traffic is really at its weight. */
  begin(step: StepWeight): Promise<void>
  look(signal: AbortSignal): Promise<Look>
  /** All that it has learnt, for a run that goes on after this one. */
  state(): string
}

/** Who follows a rollout: the log, the timeline, GitHub's deployments. Nothing that goes wrong there changes the rollout. */
export interface RolloutFollower {
  /** A rollout of so many steps begins; what was told before is of another one, which was left unfinished. */
  begin(steps: number): void
  phase(text: string): void
  step(step: StepWeight): void
  look(look: Look, step: StepWeight): void
  decision(text: string): void
  problem(text: string): void
}

/** A follower that only tells what happens. */
export const tellingFollower = (tell: (line: string) => void): RolloutFollower => ({
  begin: () => undefined,
  phase: tell,
  step: ({ index, real }) => tell(`step ${index + 1}: ${real} %`),
  look: ({ reason }) => tell(reason),
  decision: tell,
  problem: tell,
})

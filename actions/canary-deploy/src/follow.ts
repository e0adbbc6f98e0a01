import type { Host } from '@agent-ci/core/host'
import type { RolloutCheck, RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { forLog } from '@agent-ci/core/untrusted'
import type { Look, RolloutFollower, StepWeight } from '@agent-ci/delivery/rollout/watch'

type Step = RolloutTimeline['steps'][number]
type Event = RolloutTimeline['events'][number]

/** Keeps a rollout as it goes, for the timeline, and shows it in the log. */
export class Follower implements RolloutFollower {
  readonly steps: Step[] = []
  readonly checks: RolloutCheck[] = []
  readonly events: Event[] = []
  readonly startedAt: string
  private readonly host: Host
  private readonly listen: (description: string) => void

  /** `listen` is told in a few words where the rollout is, whenever that changes. */
  constructor(host: Host, listen: (description: string) => void) {
    this.host = host
    this.startedAt = host.date().toISOString()
    this.listen = listen
  }

  phase(text: string): void {
    this.add('phase', text)
    this.listen(text)
  }

  step(step: StepWeight): void {
    this.endStep()
    this.steps.push({ ...step, started_at: this.now(), ended_at: null })
    this.add('phase', `step ${step.index + 1}: ${step.real} %`)
    this.listen(`canary ${step.real} % (step ${step.index + 1})`)
  }

  look({ check, reason }: Look): void {
    this.checks.push(check)
    const { canary, stable, evidence } = check
    const share = (rate: number | null) => (rate === null ? '–' : `${(rate * 100).toFixed(1)} %`)
    const weight = check.weight.route ?? check.weight.asked
    this.host.info(
      forLog(
        `${check.at.slice(11, 19)}  ${weight ?? '–'} %  canary ${canary.requests ?? '–'} requests, ${share(canary.error_rate)} errors; stable ${stable.requests ?? '–'}, ${share(stable.error_rate)}; evidence ${evidence.value?.toFixed(1) ?? '–'} of ${evidence.limit}; ${reason}`,
      ),
    )
  }

  decision(text: string): void {
    this.add('decision', text)
  }

  problem(text: string): void {
    this.add('problem', text)
  }

  /** The step under way ends now. */
  endStep(): void {
    const last = this.steps.at(-1)
    if (last && last.ended_at === null) this.steps[this.steps.length - 1] = { ...last, ended_at: this.now() }
  }

  private add(kind: Event['kind'], text: string): void {
    const line = forLog(text, 500)
    this.events.push({ at: this.now(), kind, text: line })
    this.host.info(line)
  }

  private now(): string {
    return this.host.date().toISOString()
  }
}

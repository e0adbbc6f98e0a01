import type { Host } from '@agent-ci/core/host'
import type { RolloutCheck, RolloutEvent, RolloutStep } from '@agent-ci/core/rollout-timeline'
import { forLog } from '@agent-ci/core/untrusted'
import type { Look, RolloutFollower, StepWeight } from '@agent-ci/delivery/rollout/watch'
import { renderCheck, renderEvent } from '@agent-ci/reporting/rollout/console'

/** Keeps a rollout as it goes, for the timeline, and shows it in the log. */
export class Follower implements RolloutFollower {
  readonly steps: RolloutStep[] = []
  readonly checks: RolloutCheck[] = []
  readonly events: RolloutEvent[] = []
  readonly startedAt: string
  stepsPlanned = 0
  private readonly host: Host
  private readonly listen: (description: string) => void
  private told = ''

  /** `listen` is told in a few words where the rollout is, whenever that changes. */
  constructor(host: Host, listen: (description: string) => void) {
    this.host = host
    this.startedAt = host.date().toISOString()
    this.listen = listen
  }

  begin(steps: number): void {
    for (const list of [this.steps, this.checks, this.events]) list.length = 0
    this.stepsPlanned = steps
  }

  phase(text: string): void {
    this.add('phase', text)
    this.listen(text)
  }

  step(step: StepWeight): void {
    this.endStep()
    this.stepsPlanned = Math.max(this.stepsPlanned, step.index + 1)
    this.steps.push({ ...step, index: step.index + 1, started_at: this.now(), ended_at: null })
    this.add('phase', `step ${step.index + 1} of ${this.stepsPlanned}: ${step.real} %`)
    this.listen(`canary ${step.real} % (step ${step.index + 1}/${this.stepsPlanned})`)
  }

  look({ check: seen, decision, reason }: Look): void {
    const check = { ...seen, step: seen.step + 1 }
    const lines = renderCheck(check, this.checks.at(-1), { colour: this.host.colour, stepsPlanned: this.stepsPlanned })
    this.checks.push(check)
    for (const line of lines) this.host.info(line)
    // The table has the numbers; why it holds is said when that changes.
    const told = `${decision}: ${reason.replaceAll(/[\d.]+/g, '#')}`
    if (decision === 'hold' && told !== this.told) this.host.info(forLog(`          ${reason}`))
    this.told = told
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

  private add(kind: RolloutEvent['kind'], text: string): void {
    const event = { at: this.now(), kind, text: forLog(text, 500) }
    this.events.push(event)
    this.host.info(renderEvent(event, { colour: this.host.colour }))
  }

  private now(): string {
    return this.host.date().toISOString()
  }
}

import type { Host, Progress } from '@agent-ci/core/host'

/** One view of how far the night is, over all its legs. */
export class NightProgress {
  private readonly host: Host
  private readonly startedMs: number
  /** Trials of everything that is to be run. */
  private planned: number
  private ended = { planned: 0, passed: 0, failed: 0, errored: 0, resumed: 0 }
  private endedCost: number | undefined
  private current: Progress | undefined

  constructor(planned: number, host: Host) {
    this.planned = planned
    this.host = host
    this.startedMs = host.now()
  }

  /** Re-runs and a control arm are found to be needed only on the way. */
  add(planned: number): void {
    this.planned += planned
  }

  show(leg: Progress): void {
    this.current = leg
    const { ended, endedCost } = this
    this.host.progress({
      planned: this.planned,
      passed: ended.passed + leg.passed,
      failed: ended.failed + leg.failed,
      errored: ended.errored + leg.errored,
      costUsd: sum(endedCost, leg.costUsd),
      elapsedMs: this.host.now() - this.startedMs,
      resumed: ended.resumed + leg.resumed,
    })
  }

  /** A leg has ended, perhaps before its last trial: what it did not run is not waited for. */
  legEnded(planned: number): void {
    const { current } = this
    this.current = undefined
    const ran = current ? current.passed + current.failed + current.errored : 0
    this.planned -= planned - ran
    if (!current) return
    for (const key of ['passed', 'failed', 'errored', 'resumed'] as const) this.ended[key] += current[key]
    this.endedCost = sum(this.endedCost, current.costUsd)
  }
}

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0)

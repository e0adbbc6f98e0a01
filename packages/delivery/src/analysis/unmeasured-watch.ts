import type { RolloutCheck } from '@agent-ci/core/rollout-timeline'
import type { Look, StepWeight, Watch } from '../rollout/watch.ts'

const NOTHING = { requests: null, errors: null, error_rate: null, p50_ms: null, p95_ms: null, p99_ms: null }

/**
 * Lets a step pass after its time, on the word of the user that no metrics shall be watched: pods, health and smoke examples are all that
 * can stop the rollout then.
 */
export class UnmeasuredWatch implements Watch {
  readonly intervalMs: number
  private readonly stepMs: number
  private readonly now: () => number
  private readonly date: () => Date
  private since = 0
  private step: StepWeight = { index: 0, asked: 0, real: 0 }

  constructor(times: { intervalMs: number; stepMs: number; now: () => number; date: () => Date }) {
    this.intervalMs = Math.min(times.intervalMs, times.stepMs)
    this.stepMs = times.stepMs
    this.now = times.now
    this.date = times.date
  }

  state(): string {
    return ''
  }

  async begin(step: StepWeight): Promise<void> {
    this.step = step
    this.since = this.now()
  }

  async look(): Promise<Look> {
    const waited = this.now() - this.since
    const check: RolloutCheck = {
      at: this.date().toISOString(),
      step: this.step.index,
      weight: { asked: this.step.asked, route: null, served: null },
      canary: NOTHING,
      stable: NOTHING,
      evidence: { value: null, limit: 20 },
      metrics: [],
    }
    const reason = `no metrics are watched; ${Math.round(waited / 1_000)} s passed without trouble`
    return { check, decision: waited >= this.stepMs ? 'advance' : 'hold', reason, metric: null }
  }
}

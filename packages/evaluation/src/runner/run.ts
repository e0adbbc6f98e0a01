import type { Agent } from '@agent-ci/core/agent'
import type { EarlyStop } from '@agent-ci/core/early-stop'
import type { Dataset, Example } from '@agent-ci/core/example'
import type { Ending, RunEnd } from '@agent-ci/core/run-end'
import type { Scorer } from '@agent-ci/core/score'
import type { Trial } from '@agent-ci/core/trial'
import type { Limiter } from '../agents/limiter.ts'
import type { Journal } from './journal.ts'
import { judgeReply } from './judge-reply.ts'

export interface RunPlan {
  readonly dataset: Dataset
  /** Positions of the examples, in the order of their dispatch. */
  readonly order: Uint32Array
  readonly repeats: number
  readonly concurrency: number
  readonly model?: string
  readonly runTimeoutMs?: number
  /** The least share of the planned trials that must be measured. */
  readonly minCoverage: number
}

export interface RunDeps {
  readonly agent: Agent
  readonly limiter: Limiter
  readonly scorersFor: (example: Example) => Promise<readonly Scorer[]>
  readonly journal: Pick<Journal, 'trialOf' | 'append'>
  /** Wall clock as ISO 8601. */
  readonly timestamp: () => string
  /** Aborted when the run is to end early (a signal from outside). */
  readonly signal: AbortSignal
  /** Asked before each trial and told of each result; undefined: the run makes every planned trial. */
  readonly earlyStop?: EarlyStop
  /** After the trial has been journaled. */
  readonly onTrial: (trial: Trial, example: Example) => void
}

/** So many first trials in a row that all fail by the infrastructure mean that the agent cannot be reached at all. */
const UNREACHABLE_AFTER = 10

/**
 * Makes the planned trials that the journal does not hold yet, `concurrency` at a time in dispatch order, and journals each as it ends.
 * Ends early when every gate is decided, when the signal or the run's time limit says so, when the agent cannot be reached, or when the
 * coverage can no longer reach its floor.
 */
export function runTrials(plan: RunPlan, deps: RunDeps): Promise<RunEnd> {
  return new Run(plan, deps).finish()
}

class Run {
  private readonly plan: RunPlan
  private readonly deps: RunDeps
  private readonly planned: number
  private readonly ended = new AbortController()
  private readonly signal: AbortSignal
  private end: Pick<RunEnd, 'ending' | 'reason'> = { ending: 'complete', reason: '' }
  private started = 0
  private inFlight = 0
  private measured = 0
  private errored = 0
  private defect: { readonly thrown: unknown } | undefined
  private settle: () => void = () => undefined

  constructor(plan: RunPlan, deps: RunDeps) {
    this.plan = plan
    this.deps = deps
    this.planned = plan.order.length * plan.repeats
    this.signal = AbortSignal.any([deps.signal, this.ended.signal])
  }

  async finish(): Promise<RunEnd> {
    const { runTimeoutMs } = this.plan
    const timer =
      runTimeoutMs === undefined
        ? undefined
        : setTimeout(
            () => this.endWith('run-timeout', `The run reached its time limit of ${runTimeoutMs / 1_000} s`),
            runTimeoutMs,
          )
    await new Promise<void>((settle) => {
      this.settle = settle
      this.dispatch()
    })
    clearTimeout(timer)
    if (this.defect) throw this.defect.thrown
    if (this.deps.signal.aborted) {
      return {
        ending: 'interrupted',
        reason: `The run was interrupted after ${this.measured + this.errored} of ${this.planned} trials`,
        started: this.started,
      }
    }
    return { ...this.end, started: this.started }
  }

  private endWith(ending: Ending, reason: string): void {
    if (this.signal.aborted) return
    this.end = { ending, reason }
    this.ended.abort()
  }

  /** Starts as many trials as may run now; called whenever one has ended. */
  private dispatch(): void {
    while (
      !this.signal.aborted &&
      this.started < this.planned &&
      this.inFlight < this.plan.concurrency &&
      this.mayStart()
    ) {
      const position = this.started++
      const index = this.plan.order[Math.floor(position / this.plan.repeats)]!
      const repeat = position % this.plan.repeats
      const earlier = this.deps.journal.trialOf(index, repeat)
      if (earlier) {
        this.measured++
        this.tellStop(position, earlier)
        continue
      }
      this.inFlight++
      this.runTrial(position, index, repeat)
        .catch((thrown: unknown) => {
          if (this.signal.aborted) return
          this.defect = { thrown }
          this.ended.abort()
        })
        .finally(() => {
          this.inFlight--
          this.dispatch()
        })
    }
    if (this.inFlight === 0 && (this.signal.aborted || this.started === this.planned)) this.settle()
  }

  private mayStart(): boolean {
    return !this.deps.earlyStop || this.deps.earlyStop.lookAhead(this.inFlight, 1) > 0
  }

  private tellStop(position: number, trial: Trial): void {
    const { earlyStop } = this.deps
    if (!earlyStop) return
    earlyStop.record(position, trial)
    if (earlyStop.decided && this.started < this.planned)
      this.endWith('decided', `Every gate was decided after ${this.started} of ${this.planned} trials`)
  }

  private async runTrial(position: number, index: number, repeat: number): Promise<void> {
    const { dataset, model } = this.plan
    const { agent, limiter, journal, scorersFor, timestamp, onTrial } = this.deps
    const example = dataset.at(index)
    await limiter.acquire(this.signal)
    let rateLimited = false
    try {
      const startedAt = timestamp()
      const scorers = await scorersFor(example)
      const reply = await agent.run({ example, repeat, ...(model !== undefined && { model }), signal: this.signal })
      rateLimited = reply.failure?.kind === 'rate-limit'
      if (this.signal.aborted) return
      const trial = await judgeReply(
        { exampleId: example.id, index, repeat, startedAt },
        example,
        reply,
        scorers,
        this.signal,
      )
      if (this.signal.aborted) return
      journal.append(trial, example)
      onTrial(trial, example)
      this.count(trial)
      this.tellStop(position, trial)
    } finally {
      limiter.release(rateLimited ? 'rate-limited' : 'ok')
    }
  }

  private count(trial: Trial): void {
    if (trial.outcome !== 'errored') {
      this.measured++
      return
    }
    this.errored++
    const { planned, errored } = this
    const last = trial.reply.failure?.message ?? trial.scores.find((score) => score.passed === null)?.reason ?? ''
    if (trial.reply.failure?.kind === 'budget')
      this.endWith('budget', `The budget was used up after ${this.measured} of ${planned} trials: ${last}`)
    else if (this.measured === 0 && errored >= Math.min(UNREACHABLE_AFTER, planned))
      this.endWith('unreachable', `The first ${errored} trials all failed: ${last}`)
    else if (planned - errored < this.plan.minCoverage * planned - 1e-9) {
      this.endWith(
        'coverage',
        `${errored} of ${planned} trials could not be measured, too many for the coverage of ${this.plan.minCoverage}; the last: ${last}`,
      )
    }
  }
}

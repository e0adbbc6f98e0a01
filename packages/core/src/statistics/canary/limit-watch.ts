import { LimitProcess } from '../limit-process.ts'
import { StartMixture, type StartState } from '../odds-process.ts'
import { beyond, type ShareLimit } from './limits.ts'
import type { Arms } from './tally.ts'

export interface LimitWatchState {
  readonly canary: readonly number[]
  readonly start: StartState
  readonly stable: readonly number[]
  readonly stableLog: number
}

/** The evidence of the stable arm's own that blames the environment. */
const ENVIRONMENT = Math.log(20)

/**
 * The evidence that the canary lies above a limit, mixed over the window since when; and whether the stable arm does too, which then is
 * no fault of the canary's.
 */
export class LimitWatch {
  readonly limit: ShareLimit
  private readonly canary: LimitProcess
  private readonly start: StartMixture
  private readonly stable: LimitProcess
  private stableLog: number

  constructor(limit: ShareLimit, cap: number, plannedWindows: number, state?: LimitWatchState) {
    this.limit = limit
    this.canary = new LimitProcess(limit.share, 'above', { cap }, state?.canary)
    this.start = new StartMixture(plannedWindows, undefined, state?.start)
    this.stable = new LimitProcess(limit.share, 'above', { cap }, state?.stable)
    this.stableLog = state?.stableLog ?? 0
  }

  get state(): LimitWatchState {
    return {
      canary: this.canary.state,
      start: this.start.state,
      stable: this.stable.state,
      stableLog: this.stableLog,
    }
  }

  observe({ canary, stable }: Arms): void {
    const [mine, theirs] = [beyond(this.limit, canary), beyond(this.limit, stable)]
    this.start.add(this.canary.next(mine.n, mine.over))
    // Bounded below, so that an outage after hours of quiet still shows.
    this.stableLog = Math.max(0, this.stableLog + this.stable.next(theirs.n, theirs.over))
  }

  /** Whether the stable arm is beyond the limit itself. */
  get environment(): boolean {
    return this.stableLog >= ENVIRONMENT
  }

  /** ln of the evidence against the canary. */
  get logEvidence(): number {
    return this.start.logEvidence
  }
}

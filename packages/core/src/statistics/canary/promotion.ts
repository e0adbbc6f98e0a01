import { LimitProcess } from '../limit-process.ts'
import type { Tally } from './tally.ts'

export interface PromotionState {
  readonly weights: readonly number[]
  readonly log: number
}

/** The evidence, within one step, that the canary's error rate is below its limit. */
export class Promotion {
  private readonly limit: number
  private readonly process: LimitProcess
  private log: number

  constructor(limit: number, state?: PromotionState) {
    this.limit = limit
    this.process = new LimitProcess(limit, 'below', {}, state?.weights)
    this.log = state?.log ?? 0
  }

  get state(): PromotionState {
    return { weights: this.process.state, log: this.log }
  }

  observe({ requests, errors }: Tally): void {
    this.log += this.process.next(requests, errors)
  }

  get logEvidence(): number {
    return this.log
  }

  /** How many more requests without an error would raise the evidence to ln of the threshold. */
  cleanRequests(logThreshold: number): number {
    if (this.log >= logThreshold) return 0
    const after = (n: number) => this.log + new LimitProcess(this.limit, 'below', {}, this.process.state).next(n, 0)
    let [low, high] = [0, 1]
    while (after(high) < logThreshold) [low, high] = [high, 2 * high]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (after(middle) < logThreshold) low = middle
      else high = middle
    }
    return high
  }
}

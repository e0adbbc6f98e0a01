import { type Wager, wager } from './betting.ts'
import { expectNumber } from './expect-number.ts'
import type { Decision, EarlyGate } from './sequential-gate.ts'

/**
 * The state of a gate "mean of `total` scores >= threshold" while its run goes on, for scores between 0 and 1: two wagers along the
 * dispatch order, each wrong with a chance of at most `maxDisagreement`; 0: only the certain stop. A lost trial counts against whatever
 * is claimed, as in `SequentialGate`.
 */
export class SequentialScoreGate implements EarlyGate {
  readonly total: number
  recorded = 0
  decision: Decision | null = null
  private readonly target: number
  private readonly minLook: number
  private readonly limit: number
  private readonly forMet: Wager
  private readonly forMissed: Wager
  private readonly results: Float64Array
  private committed = 0
  private committedSum = 0
  private sum = 0
  /** Lost and open trials: what the sum can still gain. */
  private open: number

  constructor(total: number, threshold: number, maxDisagreement: number, minLook = 20) {
    this.total = total
    this.target = total * threshold
    this.minLook = minLook
    this.limit = maxDisagreement > 0 ? -Math.log(maxDisagreement) : Infinity
    this.forMet = wager(total, threshold)
    this.forMissed = wager(total, 1 - threshold)
    // NaN: not in yet; -1: lost.
    this.results = new Float64Array(total).fill(Number.NaN)
    this.open = total
    this.decide()
  }

  record(place: number, result: number | null): void {
    expectNumber(Number.isNaN(this.results[place]), 'place', `open and below ${this.total}`, place)
    if (this.decision) return
    this.results[place] = result ?? -1
    this.recorded++
    if (result !== null) {
      this.sum += result
      this.open--
    }
    this.decide()
  }

  private decide(): void {
    if (this.sum >= this.target - 1e-9) this.settle(true, 'certain')
    else if (this.sum + this.open < this.target - 1e-9) this.settle(false, 'certain')
    while (!this.decision && this.committed < this.total && !Number.isNaN(this.results[this.committed])) {
      const result = this.results[this.committed++]!
      const lost = result === -1
      if (!lost) this.committedSum += result
      this.forMet.bet(lost ? 0 : result)
      this.forMissed.bet(lost ? 0 : 1 - result)
      if (this.committed < this.minLook) continue
      if (this.forMet.logCapital() >= this.limit) this.settle(true, 'confident')
      else if (this.forMissed.logCapital() >= this.limit) this.settle(false, 'confident')
    }
  }

  private settle(met: boolean, by: Decision['by']): void {
    this.decision = { met, by, committed: this.committed, passes: this.committedSum }
  }
}

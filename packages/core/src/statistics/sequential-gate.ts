import type { Boundary } from './boundary.ts'
import { expectNumber } from './expect-number.ts'
import { finalCountRange } from './final-count.ts'

/** When a run may stop before its end. */
export const STOPS = ['certain', 'confident', 'never'] as const
export type Stop = (typeof STOPS)[number]

/** That the full run would, or would not, meet a gate: what that means, the gate says. */
export interface Decision {
  readonly met: boolean
  /** `certain`: nothing still to come can change it. `confident`: it is wrong with a chance of at most the agreed disagreement. */
  readonly by: 'certain' | 'confident'
  /** How many results, in dispatch order and without a gap, were in when it fell; and how many of them passed (their scores' sum). */
  readonly committed: number
  readonly passes: number
}

/** What the run's driver needs of any gate that can be decided early. */
export interface EarlyGate {
  /** How many results it takes in all. */
  readonly total: number
  /** Results in, lost ones included. */
  readonly recorded: number
  readonly decision: Decision | null
  /**
   * Takes the result at a place (0 …) in the dispatch order: 1 a pass, 0 a failure, between them a score, null a trial lost to the
   * infrastructure. After a decision nothing changes any more.
   */
  record(place: number, result: number | null): void
}

/**
 * The state of a gate on passes and failures while its run goes on. Results may come in any order; the boundary is looked at only along
 * the dispatch order, because slow failures would bias the order of arrival. A lost trial counts against whatever is claimed: as a
 * failure for "met", as a pass for "missed", which keeps both claims true of the trials that were measured.
 */
export class SequentialGate implements EarlyGate {
  readonly boundary: Boundary
  recorded = 0
  decision: Decision | null = null
  /** Results without a gap from the first on, the passes and the lost among them. */
  committed = 0
  committedPasses = 0
  committedLost = 0
  /** Among all results. */
  passes = 0
  failures = 0
  /** By place; undefined while one is not in. */
  readonly results: (number | null | undefined)[] = []

  constructor(boundary: Boundary) {
    this.boundary = boundary
    this.decide()
  }

  get total(): number {
    return this.boundary.total
  }

  record(place: number, result: number | null): void {
    const { results, total } = this
    expectNumber(results[place] === undefined && place < total, 'place', `open and below ${total}`, place)
    if (this.decision) return
    results[place] = result
    this.recorded++
    if (result) this.passes++
    else if (result === 0) this.failures++
    this.decide()
  }

  /** The numbers of passes that the full run can still come to, with a confidence that holds at the moment of a stop too; 1: for certain. */
  finalPasses(confidence: number): readonly [number, number] {
    const { total, recorded, committed, committedPasses, committedLost: lost, passes } = this
    const [low, high] = finalCountRange(total - lost, committed - lost, committedPasses, confidence)
    return [Math.max(low, passes), Math.min(high, total - recorded + passes)]
  }

  private decide(): void {
    const { total, need, mostMissed, passAt, failAt } = this.boundary
    const settle = (met: boolean, by: Decision['by']) => {
      this.decision ??= { met, by, committed: this.committed, passes: this.committedPasses }
    }
    if (this.passes >= need) settle(true, 'certain')
    if (this.failures >= total - mostMissed) settle(false, 'certain')
    while (!this.decision) {
      const next = this.results[this.committed]
      if (next === undefined) return
      const committed = ++this.committed
      if (next) this.committedPasses++
      if (next === null) this.committedLost++
      if (this.committedPasses >= passAt[committed]!) settle(true, 'confident')
      if (this.committedPasses + this.committedLost <= failAt[committed]!) settle(false, 'confident')
    }
  }
}

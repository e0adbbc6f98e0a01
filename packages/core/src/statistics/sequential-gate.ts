import type { Boundary } from './boundary.ts'
import { finalCountRange } from './final-count.ts'

/** When a run may stop before its end. */
export const STOPS = ['certain', 'confident', 'never'] as const
export type Stop = (typeof STOPS)[number]

/** That the full run would, or would not, meet a gate. */
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

const UNKNOWN = 0
const PASSED = 1
const FAILED = 2
const LOST = 3

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
  private readonly results: Uint8Array

  constructor(boundary: Boundary) {
    this.boundary = boundary
    this.results = new Uint8Array(boundary.total)
    this.decide()
  }

  get total(): number {
    return this.boundary.total
  }

  /** Whether the trial at a place passed; null for a lost one, undefined while it is not in. */
  resultAt(place: number): boolean | null | undefined {
    const result = this.results[place]
    if (result === undefined || result === UNKNOWN) return undefined
    return result === LOST ? null : result === PASSED
  }

  record(place: number, result: number | null): void {
    if (this.results[place] !== UNKNOWN) throw new RangeError(`Expected an open place of ${this.total}, got ${place}`)
    if (this.decision) return
    this.results[place] = result === null ? LOST : result === 1 ? PASSED : FAILED
    this.recorded++
    if (result === 1) this.passes++
    else if (result === 0) this.failures++
    this.decide()
  }

  /** The numbers of passes that the full run can still come to, with a confidence that holds at the moment of a stop too; 1: for certain. */
  finalPasses(confidence: number): readonly [number, number] {
    const lost = this.committedLost
    const [low, high] = finalCountRange(this.total - lost, this.committed - lost, this.committedPasses, confidence)
    return [Math.max(low, this.passes), Math.min(high, this.total - lost - this.failures)]
  }

  private decide(): void {
    const { total, need, passAt, failAt } = this.boundary
    if (this.passes >= need) this.settle(true, 'certain')
    else if (this.failures > total - need) this.settle(false, 'certain')
    while (!this.decision && this.committed < total && this.results[this.committed] !== UNKNOWN) {
      const result = this.results[this.committed++]
      if (result === PASSED) this.committedPasses++
      else if (result === LOST) this.committedLost++
      if (this.committedPasses >= passAt[this.committed]!) this.settle(true, 'confident')
      else if (this.committedPasses + this.committedLost <= failAt[this.committed]!) this.settle(false, 'confident')
    }
  }

  private settle(met: boolean, by: Decision['by']): void {
    this.decision = { met, by, committed: this.committed, passes: this.committedPasses }
  }
}

import { Coverage } from './coverage.ts'
import { lookAhead } from './look-ahead.ts'
import { firstWhere } from './need.ts'
import { type EarlyGate, SequentialGate } from './sequential-gate.ts'

/** A gate and the trials that it counts. */
export interface WatchedGate {
  readonly gate: EarlyGate
  /** The positions in the run's dispatch order, ascending, whose trials the gate counts; as many as its total. */
  readonly positions: ArrayLike<number>
}

/** The first index of some ascending values that is not below `wanted`. */
const indexOf = (ascending: ArrayLike<number>, wanted: number): number =>
  firstWhere(0, ascending.length - 1, (i) => ascending[i]! >= wanted)

/**
 * Several gates over one run: it may stop once all of them are decided, and the run and each gate rest on a share `minCoverage` of the
 * trials asked for until then; what the trials left out might have lost does not count. Without a gate it never stops early.
 */
export class RunStop {
  private readonly watched: readonly WatchedGate[]
  private readonly minCoverage: number
  private readonly whole = new Coverage()
  private readonly each: readonly Coverage[]

  constructor(watched: readonly WatchedGate[], minCoverage = 0) {
    this.watched = watched
    this.minCoverage = minCoverage
    this.each = watched.map(() => new Coverage())
  }

  get decided(): boolean {
    return (
      this.watched.length > 0 &&
      this.watched.every(({ gate }) => gate.decision !== null) &&
      [this.whole, ...this.each].every((coverage) => coverage.reaches(this.minCoverage))
    )
  }

  /** How many trials of a gate, by its place among them, are not in. */
  openOf(gate: number): number {
    return this.watched[gate]!.gate.total - this.each[gate]!.asked
  }

  /**
   * Takes the result of the trial at a dispatch position: a value for each gate in order, ignored where it does not count this trial.
   * `measured`: whether the run as a whole could make something of it.
   */
  record(position: number, results: readonly (number | null)[], measured = true): void {
    this.whole.count(measured)
    for (const [i, { gate, positions }] of this.watched.entries()) {
      const place = indexOf(positions, position)
      if (positions[place] !== position) continue
      const result = results[i] ?? null
      this.each[i]!.count(result !== null)
      gate.record(place, result)
    }
  }

  /** How many more trials may be started, at most `most`, with `inFlight` under way: as far as the gate that needs the most looks ahead. */
  lookAhead(inFlight: number, most: number): number {
    if (this.watched.every(({ gate }) => gate.decision !== null)) return this.decided ? 0 : most
    const started = this.whole.asked + inFlight
    const rooms = this.watched.map(({ gate, positions }) => {
      if (gate.decision) return 0
      if (!(gate instanceof SequentialGate)) return most
      const startedHere = indexOf(positions, started)
      const more = lookAhead(gate, startedHere - gate.recorded, most)
      return (positions[startedHere + more] ?? Infinity) - started
    })
    return Math.min(most, Math.max(...rooms))
  }
}

import { lookAhead } from './look-ahead.ts'
import { firstWhere } from './need.ts'
import { type EarlyGate, SequentialGate } from './sequential-gate.ts'

/** A gate and the trials that it counts. */
export interface WatchedGate {
  readonly gate: EarlyGate
  /** The positions in the run's dispatch order, ascending, whose trials the gate counts; as many as its total. */
  readonly positions: ArrayLike<number>
}

/** How many of some ascending positions lie below a limit: the place of the limit, if it is one of them. */
export const countBelow = (ascending: ArrayLike<number>, limit: number): number =>
  firstWhere(0, ascending.length - 1, (i) => ascending[i]! >= limit)

/** Several gates over one run: it may stop once all of them are decided. Without a gate it never stops early. */
export class RunStop {
  private readonly watched: readonly WatchedGate[]
  private recorded = 0

  constructor(watched: readonly WatchedGate[]) {
    this.watched = watched
  }

  get decided(): boolean {
    return this.watched.length > 0 && this.watched.every(({ gate }) => gate.decision !== null)
  }

  /** Takes the result of the trial at a dispatch position: a value for each gate in order, ignored where it does not count this trial. */
  record(position: number, results: readonly (number | null)[]): void {
    this.recorded++
    for (const [i, { gate, positions }] of this.watched.entries()) {
      const place = countBelow(positions, position)
      if (positions[place] === position) gate.record(place, results[i] ?? null)
    }
  }

  /** How many more trials may be started, at most `most`, with `inFlight` under way: as far as the gate that needs the most looks ahead. */
  lookAhead(inFlight: number, most: number): number {
    const started = this.recorded + inFlight
    const rooms = this.watched.map(({ gate, positions }) => {
      if (gate.decision) return 0
      if (!(gate instanceof SequentialGate)) return most
      const startedHere = countBelow(positions, started)
      const more = lookAhead(gate, startedHere - gate.recorded, most)
      return (positions[startedHere + more] ?? Infinity) - started
    })
    return rooms.length === 0 ? most : Math.min(most, Math.max(...rooms))
  }
}

import type { SequentialGate } from './sequential-gate.ts'

/**
 * How many more calls may be started now, at most `most`, with `inFlight` calls under way: a call is worth starting when the chance that
 * everything started before it leaves the gate undecided is at least `least`. It spares calls that would be paid for and thrown away, at
 * hardly any cost in time. At least 1 while the gate is undecided, open and nothing is under way.
 */
export function lookAhead(gate: SequentialGate, inFlight: number, most: number, least = 0.7): number {
  if (gate.decision) return 0
  const { passAt, failAt, total } = gate.boundary
  const chance = (gate.committedPasses + 1) / (gate.committed - gate.committedLost + 2)
  const started = gate.recorded + inFlight
  const room = Math.min(most, total - started)
  // Both lines rise by at most one a step: what cannot reach one of them at the end cannot do so on the way.
  const end = started + room
  const tooFew = gate.committedPasses + (end - gate.committed) < passAt[end]!
  if (tooFew && gate.committedPasses + gate.committedLost > failAt[end]!) return room
  /** By passes among the results still out: the chance of so many without a decision. */
  let open = [1]
  let { committedPasses: known, committedLost: lost } = gate
  for (let place = gate.committed; place < started + room; place++) {
    if (place >= started && open.reduce((sum, mass) => sum + mass) < least) return place - started
    const result = gate.results[place]
    if (result === undefined) open = [...open, 0].map((mass, i) => mass * (1 - chance) + (open[i - 1] ?? 0) * chance)
    else if (result === null) lost++
    else known += result
    open = open.map((mass, more) => {
      const passes = known + more
      return passes >= passAt[place + 1]! || passes + lost <= failAt[place + 1]! ? 0 : mass
    })
  }
  return room
}

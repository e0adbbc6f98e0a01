import type { SequentialGate } from './sequential-gate.ts'

/**
 * How many more calls may be started now, at most `most`, with `inFlight` calls under way: a call is worth starting when it is more
 * likely than `least` that everything started before it leaves the gate undecided. Keeps calls close to a decision from being paid for
 * and thrown away. At least 1 while the gate is undecided and nothing is under way.
 */
export function lookAhead(gate: SequentialGate, inFlight: number, most: number, least = 0.7): number {
  if (gate.decision) return 0
  const { passAt, failAt, total } = gate.boundary
  const chance = (gate.committedPasses + 1) / (gate.committed - gate.committedLost + 2)
  const started = gate.recorded + inFlight
  const room = Math.min(most, total - started)
  /** By passes gained since the last committed result. */
  let mass = [1]
  let lost = gate.committedLost
  let undecided = 1
  for (let place = gate.committed; place < started + room; place++) {
    if (place >= started && undecided < least) return place - started
    const result = gate.resultAt(place)
    const up = result === undefined ? chance : result ? 1 : 0
    if (result === null) lost++
    const next = new Array<number>(mass.length + 1).fill(0)
    for (const [gained, here] of mass.entries()) {
      next[gained + 1]! += here * up
      next[gained]! += here * (1 - up)
    }
    undecided = 0
    for (const [gained, here] of next.entries()) {
      const passes = gate.committedPasses + gained
      if (passes >= passAt[place + 1]! || passes + lost <= failAt[place + 1]!) next[gained] = 0
      else undecided += here
    }
    mass = next
  }
  return room
}

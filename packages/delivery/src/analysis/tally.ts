import { type Buckets, commonBounds, rebucket } from './histogram.ts'
import type { Counts, PerArm, Reading } from './reading.ts'

/** The increments of the checks within a window: plain JSON. */
export type Tally = readonly Extract<Reading, { kind: 'counts' | 'buckets' }>[]

/** A tally with one more reading, and without what has become older than the window. */
export function addReading(tally: Tally, reading: Reading, windowMs: number): Tally {
  if (reading.kind !== 'counts' && reading.kind !== 'buckets') return tally
  return [...tally.filter(({ atMs }) => atMs > reading.atMs - windowMs), reading]
}

const plus = (a: Counts, b: Counts): Counts => ({ bad: a.bad + b.bad, total: a.total + b.total })

/** Both arms' counts within the window. */
export function countsOf(tally: Tally): PerArm<Counts> {
  let canary: Counts = { bad: 0, total: 0 }
  let stable = canary
  for (const reading of tally) {
    if (reading.kind !== 'counts') continue
    canary = plus(canary, reading.arms.canary)
    stable = plus(stable, reading.arms.stable)
  }
  return { canary, stable }
}

/** Both arms' buckets within the window, between the bounds that all of them share. */
export function bucketsWithin(tally: Tally): PerArm<Buckets> {
  const all = tally.flatMap((reading) => (reading.kind === 'buckets' ? [reading.arms] : []))
  const seen = all.flatMap(({ canary, stable }) => [canary, stable]).filter(({ bounds }) => bounds.length > 0)
  const bounds = commonBounds(seen.map((buckets) => buckets.bounds))
  const sum = (arm: 'canary' | 'stable'): Buckets => ({
    bounds,
    counts: all
      .filter((arms) => arms[arm].bounds.length > 0)
      .map((arms) => rebucket(arms[arm], bounds).counts)
      .reduce<number[]>(
        (total, counts) => total.map((count, i) => count + counts[i]!),
        Array.from({ length: bounds.length + 1 }, () => 0),
      ),
  })
  return { canary: sum('canary'), stable: sum('stable') }
}

import { expectNumber } from './expect-number.ts'
import { hypergeometricUpper } from './hypergeometric.ts'

/** When a run over `total` calls may stop early. */
export interface Boundary {
  readonly total: number
  /** The fewest passes with which the full run is met. */
  readonly need: number
  /** The most passes with which it is missed: need - 1, or fewer where a full run may be neither. */
  readonly mostMissed: number
  /** At [t], after t committed results: stop as met with this many passes or more. Length total + 1; more than t where it cannot happen. */
  readonly passAt: Int32Array
  /** At [t]: stop as missed with this many passes or fewer; -1 where it cannot happen. */
  readonly failAt: Int32Array
}

/** What a walk along the boundary comes to. */
export interface Walk {
  /** The chance of stopping as met, and as missed. */
  readonly met: number
  readonly missed: number
  /** The expected number of results until the stop. */
  readonly calls: number
}

type Lines = Pick<Boundary, 'total' | 'passAt' | 'failAt'>

/**
 * Walks all paths of passes and failures between the two lines, step by step. `chance` is that of a pass after t results with s
 * passes: (K-s)/(total-t) when K of the total pass in random order, or the constant p of independent calls. Masses below 1e-18 are let go.
 */
export function walk({ total, passAt, failAt }: Lines, chance: (t: number, s: number) => number, until = total): Walk {
  const mass = new Float64Array(total + 2)
  mass[0] = 1
  let [low, high, met, missed, calls] = [0, 0, 0, 0, 0]
  for (let t = 1; t <= until && low <= high; t++) {
    let alive = 0
    for (let s = high; s >= low; s--) {
      const here = mass[s]!
      alive += here
      const up = here * chance(t - 1, s)
      mass[s + 1]! += up
      mass[s] = here - up
    }
    high++
    calls += alive
    const [pass, fail] = [passAt[t]!, failAt[t]!]
    for (; high >= low && (high >= pass || mass[high]! < 1e-18); high--) {
      if (high >= pass) met += mass[high]!
      mass[high] = 0
    }
    for (; low <= high && (low <= fail || mass[low]! < 1e-18); low++) {
      if (low <= fail) missed += mass[low]!
      mass[low] = 0
    }
  }
  return { met, missed, calls }
}

/** The walk when exactly `passes` of the total pass, in random order. */
export const walkFinite = (lines: Lines, passes: number): Walk =>
  walk(lines, (t, s) => (passes - s) / (lines.total - t))

/**
 * When nothing still to come can change what a full run of `total` calls is: met with `need` passes or more, missed with `mostMissed` or
 * fewer. Between them it is neither, and runs to its end.
 */
export function certainBoundary(total: number, need: number, mostMissed = need - 1): Boundary {
  expectNumber(total > 0 && Number.isInteger(total), 'total', 'a whole number above 0', total)
  return {
    total,
    need,
    mostMissed,
    passAt: new Int32Array(total + 1).fill(need),
    failAt: Int32Array.from({ length: total + 1 }, (_, t) => Math.max(-1, t - (total - mostMissed))),
  }
}

/**
 * When to stop asking whether at least `need` of `total` calls pass, given in random order: exact, without replacement, so that the
 * chance of another answer than the full run's is at most `maxDisagreement` whatever the full run would be. 0: only the certain stop.
 * Before `minLook` results only the certain stop applies. Both lines are tails of the hypergeometric distribution at one level each,
 * calibrated by walking all paths at the two hardest counts, need-1 and need (Waudby-Smith & Ramdas 2020 for the setting).
 */
export function sequentialBoundary(total: number, need: number, maxDisagreement: number, minLook = 20): Boundary {
  const certain = certainBoundary(total, need)
  if (need <= 0 || need > total || maxDisagreement <= 0) return certain
  /**
   * At [t] the fewest of t results of one kind that decide for it: `enough`, with which it is certain; or fewer, when drawing so many from a
   * total that holds only enough - 1 of them has a chance of at most `alpha`. That number rises by 0 or 1 with t.
   */
  const line = (enough: number, alpha: number) => {
    const counts = new Int32Array(total + 1).fill(enough)
    let count = 0
    for (let t = minLook; t < total; t++) {
      while (count <= t && hypergeometricUpper(count, total, enough - 1, t) > alpha) count++
      if (count <= t) counts[t] = count
    }
    return counts
  }
  /** The lines at the largest level whose error is as agreed; both grow with the level, and it is never too large. */
  const calibrate = (at: (alpha: number) => Boundary, error: (lines: Lines) => number) => {
    let [low, high] = [0, maxDisagreement]
    // A long run is not worth the last digits: its walks take seconds.
    for (let step = total > 2000 ? 12 : 40; step > 0; step--) {
      const middle = (low + high) / 2
      if (error(at(middle)) <= maxDisagreement) low = middle
      else high = middle
    }
    return at(low)
  }
  const pass = calibrate(
    (alpha) => ({ ...certain, passAt: line(need, alpha) }),
    (lines) => walkFinite(lines, need - 1).met,
  )
  return calibrate(
    // What decides against is enough failures, so few passes.
    (alpha) => ({ ...pass, failAt: line(total - need + 1, alpha).map((failures, t) => Math.max(-1, t - failures)) }),
    (lines) => walkFinite(lines, need).missed,
  )
}

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
  /** The chance, at the worst final count below `need`, of stopping as met. */
  readonly worstFalsePass: number
  /** The chance, at the worst final count of `need` or more, of stopping as missed. */
  readonly worstFalseFail: number
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
 * At [t] the fewest of t results of one kind that decide for it: `need`, with which it is certain; or fewer, when drawing so many from a
 * total that holds only need - 1 of them has a chance of at most `alpha`. That number rises by 0 or 1 with t.
 */
function decisiveCounts(total: number, need: number, minLook: number, alpha: number): Int32Array {
  const counts = new Int32Array(total + 1).fill(need)
  let count = 0
  for (let t = minLook; t < total; t++) {
    while (count <= t && hypergeometricUpper(count, total, need - 1, t) > alpha) count++
    if (count <= t) counts[t] = Math.min(need, count)
  }
  return counts
}

/**
 * When nothing still to come can change what a full run of `total` calls is: met with `need` passes or more, missed with `mostMissed` or
 * fewer. Between them it is neither, and runs to its end.
 */
export function certainBoundary(total: number, need: number, mostMissed = need - 1): Boundary {
  expectNumber(total > 0 && Number.isInteger(total), 'total', 'a whole number above 0', total)
  expectNumber(mostMissed < need, 'mostMissed', `below ${need}`, mostMissed)
  return {
    total,
    need,
    mostMissed,
    passAt: new Int32Array(total + 1).fill(need),
    failAt: Int32Array.from({ length: total + 1 }, (_, t) => Math.max(-1, t - (total - mostMissed))),
    worstFalsePass: 0,
    worstFalseFail: 0,
  }
}

/** The largest alpha in [0, most] with error(alpha) <= most, for an error that grows with alpha; never too large, however few the steps. */
function largestAlpha(most: number, steps: number, error: (alpha: number) => number): number {
  let [low, high] = [0, most]
  for (let step = 0; step < steps; step++) {
    const middle = (low + high) / 2
    if (error(middle) <= most) low = middle
    else high = middle
  }
  return low
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
  const passLine = (alpha: number) => decisiveCounts(total, need, minLook, alpha)
  // What decides against is enough failures, so few passes.
  const failLine = (alpha: number) =>
    decisiveCounts(total, total - need + 1, minLook, alpha).map((failures, t) => Math.max(-1, t - failures))
  // A long run is not worth the last digits: its walks take seconds.
  const steps = total > 2000 ? 12 : 40
  const falsePass = (lines: Lines) => walkFinite(lines, need - 1).met
  const falseFail = (lines: Lines) => walkFinite(lines, need).missed
  const half = (alpha: number): Lines => ({ ...certain, passAt: passLine(alpha) })
  const pass = half(largestAlpha(maxDisagreement, steps, (alpha) => falsePass(half(alpha))))
  const whole = (alpha: number): Lines => ({ ...pass, failAt: failLine(alpha) })
  const lines = whole(largestAlpha(maxDisagreement, steps, (alpha) => falseFail(whole(alpha))))
  return { ...certain, ...lines, worstFalsePass: falsePass(lines), worstFalseFail: falseFail(lines) }
}

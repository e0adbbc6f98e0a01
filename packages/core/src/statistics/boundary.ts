import { hypergeometricLower, hypergeometricUpper } from './hypergeometric.ts'

/** When a run over `total` calls, of which `need` must pass, may stop early. */
export interface Boundary {
  readonly total: number
  readonly need: number
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
 * passes: (K-s)/(total-t) when K of the total pass in random order, or the constant p of independent calls. Masses below 1e-25 are let go.
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
    for (; high >= low && (high >= pass || mass[high]! < 1e-25); high--) {
      if (high >= pass) met += mass[high]!
      mass[high] = 0
    }
    for (; low <= high && (low <= fail || mass[low]! < 1e-25); low++) {
      if (low <= fail) missed += mass[low]!
      mass[low] = 0
    }
  }
  return { met, missed, calls }
}

/** The walk when exactly `passes` of the total pass, in random order. */
export const walkFinite = (lines: Lines, passes: number): Walk =>
  walk(lines, (t, s) => Math.min(1, Math.max(0, (passes - s) / (lines.total - t))))

/** The lines of the certain stop: the rest can no longer change whether `need` is reached. */
function certainLines(total: number, need: number): Pick<Boundary, 'passAt' | 'failAt'> {
  return {
    passAt: new Int32Array(total + 1).fill(need),
    failAt: Int32Array.from({ length: total + 1 }, (_, t) => Math.max(-1, t - (total - need) - 1)),
  }
}

/** passAt[t] = the fewest passes whose upper tail, were need-1 of the total to pass, is at most `alpha`. It rises by 0 or 1 with t. */
function lowerPassLine(lines: Pick<Boundary, 'passAt'>, total: number, need: number, minLook: number, alpha: number) {
  if (need < 1 || alpha <= 0) return
  let s = 0
  for (let t = minLook; t < total; t++) {
    while (s <= t && hypergeometricUpper(s, total, need - 1, t) > alpha) s++
    if (s <= t && s < lines.passAt[t]!) lines.passAt[t] = s
  }
}

/** failAt[t] = the most passes whose lower tail, were `need` of the total to pass, is at most `alpha`. */
function raiseFailLine(lines: Pick<Boundary, 'failAt'>, total: number, need: number, minLook: number, alpha: number) {
  if (alpha <= 0) return
  let s = -1
  for (let t = minLook; t < total; t++) {
    while (s < t && hypergeometricLower(s + 1, total, need, t) <= alpha) s++
    if (s > lines.failAt[t]!) lines.failAt[t] = s
  }
}

/** The largest alpha in [0, most] with error(alpha) <= most, for an error that grows with alpha. */
function largestAlpha(most: number, error: (alpha: number) => number): number {
  let [low, high] = [0, most]
  for (let step = 0; step < 40; step++) {
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
  if (!(Number.isInteger(total) && Number.isInteger(need) && total > 0)) {
    throw new RangeError(`Expected whole numbers, got \`total\` ${total} and \`need\` ${need}`)
  }
  const build = (alphaPass: number, alphaFail: number): Lines => {
    const lines = { total, ...certainLines(total, need) }
    lowerPassLine(lines, total, need, minLook, alphaPass)
    raiseFailLine(lines, total, need, minLook, alphaFail)
    return lines
  }
  if (need <= 0 || need > total || maxDisagreement <= 0) {
    return { ...build(0, 0), need, worstFalsePass: 0, worstFalseFail: 0 }
  }
  const falsePass = (lines: Lines) => walkFinite(lines, need - 1).met
  const falseFail = (lines: Lines) => walkFinite(lines, need).missed
  const alphaPass = largestAlpha(maxDisagreement, (alpha) => falsePass(build(alpha, 0)))
  const alphaFail = largestAlpha(maxDisagreement, (alpha) => falseFail(build(alphaPass, alpha)))
  const lines = build(alphaPass, alphaFail)
  return { ...lines, need, worstFalsePass: falsePass(lines), worstFalseFail: falseFail(lines) }
}

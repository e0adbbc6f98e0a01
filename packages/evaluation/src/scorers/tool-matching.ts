import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'

/** Whether the expected call `e` can be the made call `m`. */
export type Fits = (e: number, m: number) => boolean

/** The made call of each expected one, -1 where it has none. */
type Assignment = readonly number[]

/**
 * A largest assignment of expected calls to made ones (Kuhn's augmenting paths). agentevals takes the first call that fits, and then misses
 * assignments that exist: made `[{a,b}, {a}]`, expected `[{a}, {a,b}]`, arguments `superset`. Ours would be a wrong verdict there.
 */
export function largestAssignment(expected: number, made: number, fits: Fits): Assignment {
  const expectedOf = new Array<number>(made).fill(-1)
  const assignment = new Array<number>(expected).fill(-1)
  const place = (e: number, tried: Uint8Array): boolean => {
    for (let m = 0; m < made; m++) {
      if (tried[m] || !fits(e, m)) continue
      tried[m] = 1
      if (expectedOf[m] === -1 || place(expectedOf[m]!, tried)) {
        expectedOf[m] = e
        assignment[e] = m
        return true
      }
    }
    return false
  }
  for (let e = 0; e < expected; e++) place(e, new Uint8Array(made))
  return assignment
}

/** Each expected call takes the first made one that fits and is not taken, as agentevals does. */
export function firstFitAssignment(expected: number, made: number, fits: Fits): Assignment {
  const taken = new Set<number>()
  return Array.from({ length: expected }, (_, e) => {
    for (let m = 0; m < made; m++) {
      if (taken.has(m) || !fits(e, m)) continue
      taken.add(m)
      return m
    }
    return -1
  })
}

/** Each expected call takes the first fitting one behind its predecessor's; this finds the whole order wherever it is there. */
function assignmentInOrder(expected: number, made: number, fits: Fits): Assignment {
  let next = 0
  return Array.from({ length: expected }, (_, e) => {
    for (let m = next; m < made; m++) {
      if (!fits(e, m)) continue
      next = m + 1
      return m
    }
    return -1
  })
}

/** Matches calls by a mode. `strict` is agentevals' mode for a flat list of calls: as many, in the same order. */
export function matchCalls(
  mode: ScorerConfigOf<'tools'>['mode'],
  expected: number,
  made: number,
  fits: Fits,
): { readonly assignment: Assignment; readonly passed: boolean } {
  const assignment =
    mode === 'strict'
      ? Array.from({ length: expected }, (_, e) => (e < made && fits(e, e) ? e : -1))
      : mode === 'in_order'
        ? assignmentInOrder(expected, made, fits)
        : largestAssignment(expected, made, fits)
  const matched = assignment.filter((m) => m !== -1).length
  const allExpected = matched === expected
  const allMade = matched === made
  switch (mode) {
    case 'superset':
    case 'in_order':
      return { assignment, passed: allExpected }
    case 'subset':
      return { assignment, passed: allMade }
    case 'strict':
    case 'unordered':
      return { assignment, passed: allExpected && allMade }
  }
}

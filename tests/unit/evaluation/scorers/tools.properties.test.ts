import type { ExpectedTool } from '@agent-ci/core/example'
import type { ToolCall } from '@agent-ci/core/reply'
import { argumentsFit } from '@agent-ci/evaluation/scorers/tool-arguments'
import { type Fits, largestAssignment, matchCalls } from '@agent-ci/evaluation/scorers/tool-matching'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const args = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom(1, 2, null), { noNullPrototype: true })
const name = fc.constantFrom('x', 'y')
const madeCalls = fc.array(fc.record({ name, args }), { maxLength: 5 })
const expectedCalls = fc.array(fc.record({ name, args }, { requiredKeys: ['name'] }), { maxLength: 5 })
const rule = fc.constantFrom('exact', 'ignore', 'subset', 'superset')

type Rule = Parameters<typeof argumentsFit>[2]
type Mode = Parameters<typeof matchCalls>[0]

const fitsOf =
  (expected: readonly ExpectedTool[], made: readonly ToolCall[], by: Rule): Fits =>
  (e, m) =>
    expected[e]!.name === made[m]!.name &&
    (expected[e]!.args === undefined || argumentsFit(made[m]!.args, expected[e]!.args, by))

const passes = (mode: Mode, expected: readonly ExpectedTool[], made: readonly ToolCall[], by: Rule): boolean =>
  matchCalls(mode, expected.length, made.length, fitsOf(expected, made, by)).passed

/** Tries every assignment; right because it is too simple to be wrong. */
function mostPairs(expected: number, made: number, fits: Fits, used: ReadonlySet<number> = new Set(), e = 0): number {
  if (e === expected) return 0
  let most = mostPairs(expected, made, fits, used, e + 1)
  for (let m = 0; m < made; m++) {
    if (!used.has(m) && fits(e, m))
      most = Math.max(most, 1 + mostPairs(expected, made, fits, new Set([...used, m]), e + 1))
  }
  return most
}

/** Whether the expected calls are a subsequence, by trying every choice. */
function isSubsequence(expected: number, made: number, fits: Fits, e = 0, m = 0): boolean {
  if (e === expected) return true
  if (m === made) return false
  return (
    (fits(e, m) && isSubsequence(expected, made, fits, e + 1, m + 1)) || isSubsequence(expected, made, fits, e, m + 1)
  )
}

describe('the modes of tools, for any calls', () => {
  test('strict implies unordered and in_order; in_order implies superset', () => {
    fc.assert(
      fc.property(expectedCalls, madeCalls, rule, (expected, made, by) => {
        const passed = (mode: Mode) => passes(mode, expected, made, by)
        if (passed('strict')) expect([passed('unordered'), passed('in_order')]).toEqual([true, true])
        if (passed('in_order')) expect(passed('superset')).toBe(true)
      }),
    )
  })

  test('unordered is subset and superset', () => {
    fc.assert(
      fc.property(expectedCalls, madeCalls, rule, (expected, made, by) => {
        const passed = (mode: Mode) => passes(mode, expected, made, by)
        expect(passed('unordered')).toBe(passed('subset') && passed('superset'))
      }),
    )
  })

  test('the order of the calls never matters to unordered, subset and superset', () => {
    const shuffled = madeCalls.chain((made) =>
      fc.tuple(fc.constant(made), fc.shuffledSubarray(made, { minLength: made.length })),
    )
    fc.assert(
      fc.property(expectedCalls, shuffled, rule, (expected, [made, other], by) => {
        for (const mode of ['unordered', 'subset', 'superset'] as const) {
          expect(passes(mode, expected, other, by)).toBe(passes(mode, expected, made, by))
        }
      }),
    )
  })

  test('calls that are exactly the expected ones pass in every mode and by every rule', () => {
    fc.assert(
      fc.property(madeCalls, rule, (made, by) => {
        for (const mode of ['strict', 'unordered', 'subset', 'superset', 'in_order'] as const) {
          expect(passes(mode, made, made, by)).toBe(true)
        }
      }),
    )
  })

  const relation = fc.tuple(
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 0, max: 5 }),
    fc.bigInt(0n, 2n ** 25n - 1n),
  )

  test('the assignment is the largest there is, of pairs that fit, each call once', () => {
    fc.assert(
      fc.property(relation, ([expected, made, bits]) => {
        const fits: Fits = (e, m) => ((bits >> BigInt(e * 5 + m)) & 1n) === 1n
        const assignment = largestAssignment(expected, made, fits)
        const pairs = [...assignment.entries()].filter(([, m]) => m !== -1)
        expect(pairs.every(([e, m]) => fits(e, m))).toBe(true)
        expect(new Set(pairs.map(([, m]) => m)).size).toBe(pairs.length)
        expect(pairs.length).toBe(mostPairs(expected, made, fits))
      }),
      { numRuns: 500 },
    )
  })

  test('in_order finds the order wherever it is there', () => {
    fc.assert(
      fc.property(relation, ([expected, made, bits]) => {
        const fits: Fits = (e, m) => ((bits >> BigInt(e * 5 + m)) & 1n) === 1n
        expect(matchCalls('in_order', expected, made, fits).passed).toBe(isSubsequence(expected, made, fits))
      }),
      { numRuns: 500 },
    )
  })
})

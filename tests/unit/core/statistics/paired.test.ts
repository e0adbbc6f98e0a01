import { mcnemarExact } from '@agent-ci/core/statistics/mcnemar'
import { nonInferiorityT, tangoZ } from '@agent-ci/core/statistics/non-inferiority'
import { comparePaired, type PairedRuns } from '@agent-ci/core/statistics/paired'
import { pairedDetectableDrop } from '@agent-ci/core/statistics/paired-power'
import { pairExamples } from '@agent-ci/core/statistics/pairing'
import { signFlip } from '@agent-ci/core/statistics/sign-flip'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const pair = (base: number, candidate: number, runs = 1): PairedRuns => ({
  base: { passes: base, runs },
  candidate: { passes: candidate, runs },
})
/** So many examples lost, won, passed in both arms and failed in both. */
const single = (lost: number, won: number, kept: number, failed = 0): PairedRuns[] => [
  ...Array.from({ length: lost }, () => pair(1, 0)),
  ...Array.from({ length: won }, () => pair(0, 1)),
  ...Array.from({ length: kept }, () => pair(1, 1)),
  ...Array.from({ length: failed }, () => pair(0, 0)),
]

describe('the sign-flip test', () => {
  test('counts all signs', () => {
    const differences = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 10 })
    fc.assert(
      fc.property(differences, (list) => {
        const observed = list.reduce((sum, difference) => sum + difference, 0)
        let [below, above] = [0, 0]
        for (let bits = 0; bits < 2 ** list.length; bits++) {
          const sum = list.reduce((total, difference, i) => total + ((bits >> i) & 1 ? difference : -difference), 0)
          if (sum <= observed) below++
          if (sum >= observed) above++
        }
        const { regression, improvement } = signFlip(list)
        expect(regression).toBeCloseTo(below / 2 ** list.length, 12)
        expect(improvement).toBeCloseTo(above / 2 ** list.length, 12)
      }),
      { numRuns: 60 },
    )
  })
  test("of single trials is McNemar's", () => {
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.nat({ max: 60 }), (lost, won) => {
        const differences = [...new Array(lost).fill(-1), ...new Array(won).fill(1)]
        const [flipped, paired] = [signFlip(differences), mcnemarExact(lost, won)]
        expect(flipped.regression).toBeCloseTo(paired.regression, 10)
        expect(flipped.twoSided).toBeCloseTo(paired.twoSided, 10)
      }),
    )
  })
})

describe('non-inferiority', () => {
  test('at a margin of 0 turns with the arms', () => {
    expect(tangoZ(9, 4, 80, 0)).toBeCloseTo(-tangoZ(4, 9, 80, 0), 12)
    // Without a margin it is McNemar's z.
    expect(tangoZ(9, 4, 80, 0)).toBeCloseTo(-5 / Math.sqrt(13), 12)
  })
  test('without any change rests on the number of examples', () => {
    expect(tangoZ(0, 0, 50, -0.03)).toBeGreaterThan(0)
    expect(tangoZ(0, 0, 400, -0.03)).toBeGreaterThan(tangoZ(0, 0, 50, -0.03))
    expect(tangoZ(0, 0, 50, 0)).toBe(0)
  })
  test('of one example is never shown', () => {
    expect(nonInferiorityT([1], 0.03).tail).toBe(1)
  })
})

describe('a comparison', () => {
  test.each([
    ['regression', 'failed', single(10, 1, 189)],
    ['inconclusive', 'inconclusive', single(3, 1, 46)],
    ['no worse', 'passed', single(1, 1, 298)],
    ['within margin', 'passed', single(6, 0, 994)],
  ] as const)('reads %p and is %p', (reading, verdict, pairs) => {
    expect(comparePaired(pairs)).toMatchObject({ reading, verdict, test: 'sign-flip', marginTest: 'tango' })
  })
  test('counts what got worse and better', () => {
    expect(comparePaired([pair(3, 1, 3), pair(2, 3, 3), pair(3, 3, 3), pair(0, 0, 3)])).toMatchObject({
      examples: 4,
      regressed: 1,
      improved: 1,
      unchanged: 2,
      marginTest: 'agresti-min',
    })
    expect(comparePaired([pair(3, 1, 3), pair(2, 3, 3)])?.delta).toBeCloseTo((-2 / 3 + 1 / 3) / 2, 12)
  })
  test('of unequal numbers of runs is by the t test', () => {
    const pairs = Array.from(
      { length: 40 },
      (_, i): PairedRuns => ({
        base: { passes: 18, runs: 20 },
        candidate: { passes: i % 4 === 0 ? 3 : 1, runs: 3 },
      }),
    )
    expect(comparePaired(pairs)).toMatchObject({ test: 't', reading: 'regression' })
    expect(comparePaired([{ base: { passes: 2, runs: 4 }, candidate: { passes: 1, runs: 2 } }])).toMatchObject({
      test: 't',
      reading: 'inconclusive',
      regressionTail: 1,
    })
  })
  test('leaves out what one arm did not measure, and is null without a pair', () => {
    const unmeasured: PairedRuns = { base: { passes: 1, runs: 1 }, candidate: { passes: 0, runs: 0 } }
    expect(comparePaired([...single(1, 0, 9), unmeasured])?.examples).toBe(10)
    expect(comparePaired([unmeasured])).toBeNull()
    expect(comparePaired([])).toBeNull()
  })
  test('of examples that fall together rests on their groups', () => {
    const lost = single(10, 1, 189)
    const grouped = lost.map((one, i) => ({ ...one, group: `group ${Math.floor(i / 11)}` }))
    expect(comparePaired(lost)?.reading).toBe('regression')
    expect(comparePaired(grouped)?.reading).toBe('inconclusive')
    expect(comparePaired(grouped)?.delta).toBeCloseTo(comparePaired(lost)!.delta, 12)
  })

  const arms = fc.integer({ min: 1, max: 4 }).chain((runs) =>
    fc.array(
      fc.tuple(fc.nat({ max: runs }), fc.nat({ max: runs })).map(([base, candidate]) => pair(base, candidate, runs)),
      { minLength: 1, maxLength: 60 },
    ),
  )
  test('does not depend on the order of the examples', () => {
    fc.assert(
      fc.property(arms, (pairs) => {
        const [here, there] = [comparePaired(pairs)!, comparePaired([...pairs].reverse())!]
        expect(there.reading).toBe(here.reading)
        expect(there.regressionTail).toBeCloseTo(here.regressionTail, 12)
        expect(there.marginTail).toBeCloseTo(here.marginTail, 12)
      }),
    )
  })
  test('has an interval in keeping with its reading', () => {
    fc.assert(
      fc.property(arms, fc.constantFrom(0.01, 0.03, 0.1), (pairs, margin) => {
        const { reading, interval, regressionTail, marginTail } = comparePaired(pairs, { margin })!
        const [low, high] = interval
        expect(low).toBeLessThanOrEqual(high)
        const [lost, noWorse] = [regressionTail <= 0.05, marginTail <= 0.05]
        if (lost) expect(high).toBeLessThanOrEqual(0)
        else expect(high).toBeGreaterThanOrEqual(0)
        if (noWorse) expect(low).toBeGreaterThanOrEqual(-margin)
        else expect(low).toBeLessThanOrEqual(-margin)
        expect(reading === 'regression').toBe(lost && !noWorse)
      }),
    )
  })
  test('only looks worse when the candidate passes less', () => {
    fc.assert(
      fc.property(arms, fc.nat(), (pairs, some) => {
        const i = some % pairs.length
        const { base, candidate } = pairs[i]!
        // Only where nothing was lost yet: a larger loss of one example can be weaker evidence of a loss in all.
        fc.pre(candidate.passes > base.passes)
        const worse = pairs.with(i, { base, candidate: { ...candidate, passes: base.passes } })
        expect(comparePaired(worse)!.regressionTail).toBeLessThanOrEqual(comparePaired(pairs)!.regressionTail + 1e-12)
      }),
    )
  })
})

describe('the detectable drop of a comparison', () => {
  test('shrinks with examples and grows with noise', () => {
    const drop = (standardError: number, trials: number) => pairedDetectableDrop(standardError, trials, 0.95, 0.8)!
    expect(drop(0.02, 300)).toBeGreaterThan(drop(0.01, 300))
    expect(drop(0.01, 300)).toBeGreaterThan(drop(0.01, 3000))
    expect(drop(1, 5)).toBe(1)
  })
  test('is never smaller than what loses five trials', () => {
    // P(Bin(300, d) >= 5) = 0.8
    expect(pairedDetectableDrop(0, 300, 0.95, 0.8)).toBeCloseTo(0.0223, 4)
    expect(pairedDetectableDrop(0, 4, 0.95, 0.8)).toBeNull()
  })
})

test('examples are paired by id and content, and the others listed', () => {
  const base = [
    { id: 'a', digest: '1', passes: 1 },
    { id: 'b', digest: '2', passes: 0 },
    { id: 'gone', digest: '3', passes: 1 },
  ]
  const candidate = [
    { id: 'new', digest: '9' },
    { id: 'b', digest: 'other' },
    { id: 'a', digest: '1' },
  ]
  expect(pairExamples(base, candidate)).toEqual({
    pairs: [{ base: base[0], candidate: candidate[2] }],
    changed: ['b'],
    onlyBase: ['gone'],
    onlyCandidate: ['new'],
  })
})

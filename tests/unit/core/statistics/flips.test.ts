import { confirmFlips, fisherLower, isCriticalBroken, isSuspect } from '@agent-ci/core/statistics/flips'
import { mannWhitney } from '@agent-ci/core/statistics/mann-whitney'
import { bhAdjusted, byAdjusted, eBH } from '@agent-ci/core/statistics/multiplicity'
import { flakiness, meanOf, passAtK, passToTheK } from '@agent-ci/core/statistics/repeats'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const arms = (base: number, candidate: number, runs: number, candidateRuns = runs) => ({
  base: { passes: base, runs },
  candidate: { passes: candidate, runs: candidateRuns },
})

describe('broken examples', () => {
  test.each([
    [true, arms(1, 0, 1)],
    [true, arms(3, 2, 3)],
    [true, arms(20, 2, 20, 3)],
    [false, arms(1, 1, 1)],
    [false, arms(0, 0, 1)],
    [false, arms(1, 0, 2)],
    [false, arms(18, 3, 20, 3)],
  ])('are suspected (%p) when most runs passed before and a smaller share does now', (suspect, runs) => {
    expect(isSuspect(runs)).toBe(suspect)
  })
  test('are confirmed by their new runs, the list as a whole considered', () => {
    const findings = confirmFlips([arms(8, 0, 8), arms(8, 6, 8), arms(7, 1, 8)])
    expect(findings.map(({ outcome }) => outcome)).toEqual(['confirmed', 'flaky', 'confirmed'])
    expect(findings[1]!.p).toBeCloseTo(fisherLower({ passes: 6, runs: 8 }, { passes: 8, runs: 8 }), 12)
    expect(findings[1]!.adjusted).toBeGreaterThanOrEqual(findings[1]!.p)
    expect(confirmFlips([])).toEqual([])
  })
  test('are not confirmed by a weak sign among many', () => {
    const weak = arms(8, 4, 8)
    expect(confirmFlips([weak])[0]!.outcome).toBe('confirmed')
    expect(confirmFlips([weak, ...new Array(19).fill(arms(8, 8, 8))])[0]!.outcome).toBe('flaky')
  })
  test('that are critical need to pass always before and never now, twice', () => {
    expect(isCriticalBroken(arms(3, 0, 3), arms(8, 0, 8))).toBe(true)
    expect(isCriticalBroken(arms(3, 0, 3), arms(8, 1, 8))).toBe(false)
    expect(isCriticalBroken(arms(3, 1, 3), arms(8, 0, 8))).toBe(false)
    expect(isCriticalBroken(arms(2, 0, 3), arms(8, 0, 8))).toBe(false)
    // Two new runs an arm prove nothing: 1 in 6.
    expect(isCriticalBroken(arms(3, 0, 3), arms(2, 0, 2))).toBe(false)
    expect(isCriticalBroken(arms(0, 0, 0), arms(8, 0, 8))).toBe(false)
  })
})

describe('many tests at once', () => {
  const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 })
  test('reject what the step-up rule rejects', () => {
    fc.assert(
      fc.property(ps, (p) => {
        const sorted = [...p].sort((a, b) => a - b)
        let count = 0
        for (const [i, value] of sorted.entries()) if (value <= (0.1 * (i + 1)) / p.length) count = i + 1
        const limit = count === 0 ? -1 : sorted[count - 1]!
        for (const [i, adjusted] of bhAdjusted(p).entries()) {
          // Away from the limit, where rounding decides.
          if (Math.abs(adjusted - 0.1) > 1e-9) expect(adjusted <= 0.1).toBe(p[i]! <= limit)
        }
      }),
    )
  })
  test('keep the order, and cost more under dependence', () => {
    fc.assert(
      fc.property(ps, (p) => {
        const [independent, any] = [bhAdjusted(p), byAdjusted(p)]
        for (const [i, adjusted] of independent.entries()) {
          expect(adjusted).toBeGreaterThanOrEqual(p[i]!)
          expect(any[i]).toBeGreaterThanOrEqual(adjusted)
          expect(any[i]).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
  test('of no e-value reject none', () => {
    expect(eBH([], 0.1)).toEqual([])
    expect(eBH([1, 1, 1], 0.1)).toEqual([false, false, false])
  })
})

describe('repeats', () => {
  /** The share of all ways to choose k of the runs for which `holds`. */
  const share = (passes: number, runs: number, k: number, holds: (passed: number) => boolean): number => {
    let [all, held] = [0, 0]
    for (let bits = 0; bits < 2 ** runs; bits++) {
      const chosen = Array.from({ length: runs }, (_, i) => i).filter((i) => (bits >> i) & 1)
      if (chosen.length !== k) continue
      all++
      if (holds(chosen.filter((i) => i < passes).length)) held++
    }
    return held / all
  }
  test('pass@k and pass^k are the shares of all choices of k runs', () => {
    for (let passes = 0; passes <= 6; passes++) {
      for (let k = 1; k <= 6; k++) {
        const runs = { passes, runs: 6 }
        expect(passAtK(runs, k)).toBeCloseTo(
          share(passes, 6, k, (passed) => passed > 0),
          12,
        )
        expect(passToTheK(runs, k)).toBeCloseTo(
          share(passes, 6, k, (passed) => passed === k),
          12,
        )
      }
    }
    expect([passAtK({ passes: 2, runs: 3 }, 4), passToTheK({ passes: 2, runs: 3 }, 4)]).toEqual([null, null])
  })
  test('flakiness is the chance that two runs disagree', () => {
    expect([0, 1, 2, 3, 4].map((passes) => flakiness({ passes, runs: 4 }))).toEqual([0, 0.5, 2 / 3, 0.5, 0])
    expect(flakiness({ passes: 1, runs: 1 })).toBeNull()
  })
  test('the mean is over the examples that have a value', () => {
    const examples = [
      { passes: 4, runs: 4 },
      { passes: 2, runs: 4 },
      { passes: 1, runs: 1 },
    ]
    expect(meanOf(examples, (runs) => passToTheK(runs, 2))).toBeCloseTo((1 + 1 / 6) / 2, 12)
    expect(meanOf([], flakiness)).toBeNull()
  })
})

test('the rank test counts all ways to deal the values', () => {
  const samples = fc.tuple(
    fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 }),
    fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 }),
  )
  const wins = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, a) => sum + y.reduce((part, b) => part + (a > b ? 1 : a === b ? 0.5 : 0), 0), 0)
  fc.assert(
    fc.property(samples, ([x, y]) => {
      const all = [...x, ...y]
      let [ways, atLeast] = [0, 0]
      for (let bits = 0; bits < 2 ** all.length; bits++) {
        const left = all.filter((_, i) => (bits >> i) & 1)
        if (left.length !== x.length) continue
        ways++
        if (
          wins(
            left,
            all.filter((_, i) => !((bits >> i) & 1)),
          ) >= wins(x, y)
        )
          atLeast++
      }
      const { u, exact } = mannWhitney(x, y)
      expect(u).toBe(wins(x, y))
      expect(exact).toBeCloseTo(atLeast / ways, 12)
    }),
    { numRuns: 40 },
  )
})

import { judgeMean } from '@agent-ci/core/statistics/mean-gate'
import { pairedDelta } from '@agent-ci/core/statistics/paired-delta'
import { judgeQuantile } from '@agent-ci/core/statistics/quantile-gate'
import { tQuantile } from '@agent-ci/core/statistics/student-t'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const single = (values: readonly number[]) => values.map((value) => ({ values: [value] }))
const upTo = (n: number) => single(Array.from({ length: n }, (_, i) => i + 1))

describe('a percentile', () => {
  test('p95 is confirmed by 59 values, all within the limit, and by no fewer', () => {
    expect(judgeQuantile(upTo(59), 0.95, 59, 0.95)?.verdict).toBe('passed')
    expect(judgeQuantile(upTo(58), 0.95, 58, 0.95)?.verdict).toBe('inconclusive')
    expect(judgeQuantile(upTo(59), 0.95, 58.5, 0.95)?.verdict).toBe('inconclusive')
  })
  test('bounds are order statistics: of 100 values the median lies between the 42nd and the 59th', () => {
    // P(Bin(100, 1/2) >= 59) = 0.0443, >= 58 = 0.0666
    expect(judgeQuantile(upTo(100), 0.5, 50, 0.95)).toMatchObject({ value: 50, interval: [42, 59], size: 100 })
  })
  test('has no upper bound where the values are too few', () => {
    expect(judgeQuantile(upTo(20), 0.95, 100, 0.95)).toMatchObject({ value: 19, interval: [17, Infinity] })
    expect(judgeQuantile(upTo(4), 0.5, 100, 0.95)?.interval).toEqual([-Infinity, Infinity])
    expect(judgeQuantile([], 0.95, 100, 0.95)).toBeNull()
  })
  test('"below" counts a value at the limit as beyond it', () => {
    const same = single(new Array(100).fill(500))
    expect(judgeQuantile(same, 0.95, 500, 0.95)?.verdict).toBe('passed')
    expect(judgeQuantile(same, 0.95, 500, 0.95, true)?.verdict).toBe('failed')
  })
  test('verdict and interval never contradict each other, and only more values within the limit help', () => {
    const values = fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 150,
    })
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.9, 0.95), fc.integer({ min: 0, max: 61 }), (lists, p, limit) => {
        const judgement = judgeQuantile(
          lists.map((list) => ({ values: list })),
          p,
          limit,
          0.95,
        )!
        const [low, high] = judgement.interval
        expect(low).toBeLessThanOrEqual(high)
        expect(judgement.verdict === 'passed').toBe(high <= limit)
        expect(judgement.verdict === 'failed').toBe(low > limit)
      }),
    )
  })
})

describe('a mean', () => {
  test('of symmetric values has the t interval', () => {
    const { interval, standardError, value } = judgeMean(single([1, 2, 3, 4, 5]), 10, 0.95)!
    expect(value).toBe(3)
    expect(standardError).toBeCloseTo(Math.sqrt(2.5 / 5), 12)
    expect(interval[0]).toBeCloseTo(3 - tQuantile(0.95, 4) * Math.sqrt(0.5), 9)
    expect(interval[1]).toBeCloseTo(3 + tQuantile(0.95, 4) * Math.sqrt(0.5), 9)
  })
  test('of values with a long right tail may lie farther above the observed one than below', () => {
    const { interval, value } = judgeMean(single([1, 1, 1, 1, 2, 2, 3, 5, 9, 30]), 10, 0.95)!
    expect(interval[1] - value).toBeGreaterThan(1.5 * (value - interval[0]))
  })
  test('of repeats rests on the examples, not on the trials', () => {
    const once = judgeMean(single([1, 2, 3, 4]), 3, 0.95)!
    const thrice = judgeMean(
      [1, 2, 3, 4].map((value) => ({ values: [value, value, value] })),
      3,
      0.95,
    )!
    expect(thrice.standardError).toBeCloseTo(once.standardError, 12)
    expect(thrice.units).toBe(4)
  })
  test('of one example is inconclusive; a constant one is what it is', () => {
    expect(judgeMean(single([5]), 10, 0.95)).toMatchObject({ verdict: 'inconclusive', value: 5, units: 1 })
    expect(judgeMean(single([5, 5, 5]), 5, 0.95)).toMatchObject({ verdict: 'passed', interval: [5, 5] })
    expect(judgeMean(single([5, 5, 5]), 4.9, 0.95)?.verdict).toBe('failed')
    expect(judgeMean(single([5, 5, 5]), 4.9, 0.95, 'atLeast')?.verdict).toBe('passed')
    expect(judgeMean([], 10, 0.95)).toBeNull()
  })
  test('verdict and interval never contradict each other', () => {
    const values = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 2, maxLength: 60 })
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1000, noNaN: true }), (list, limit) => {
        const { verdict, interval, standardError } = judgeMean(single(list), limit, 0.95)!
        const [low, high] = interval
        const slack = 1e-9 * (1 + Math.abs(limit) + standardError)
        if (verdict === 'passed') expect(high).toBeLessThanOrEqual(limit + slack)
        if (verdict === 'failed') expect(low).toBeGreaterThanOrEqual(limit - slack)
        if (verdict === 'inconclusive') {
          expect(low).toBeLessThanOrEqual(limit + slack)
          expect(high).toBeGreaterThanOrEqual(limit - slack)
        }
      }),
    )
  })
})

describe('a difference of costs or latencies', () => {
  const pairs = [
    { base: 10, candidate: 12 },
    { base: 20, candidate: 23 },
    { base: 30, candidate: 31 },
    { base: 40, candidate: 42 },
  ]
  test('is paired: the spread between examples does not blur it', () => {
    const delta = pairedDelta(pairs, 0.95)!
    expect(delta).toMatchObject({ examples: 4, base: 25, candidate: 27, delta: 2, relative: 0.08 })
    expect(delta.higherTail).toBeLessThan(0.01)
    expect(delta.lowerTail).toBeGreaterThan(0.99)
    expect(delta.interval[0]).toBeGreaterThan(0)
  })
  test('of groups rests on the groups', () => {
    const grouped = pairs.map((pair, i) => ({ ...pair, group: i < 2 ? 'a' : 'b' }))
    const [of, ofGroups] = [pairedDelta(pairs, 0.95)!, pairedDelta(grouped, 0.95)!]
    expect(ofGroups.delta).toBe(of.delta)
    expect(ofGroups.interval[1]).toBeGreaterThan(of.interval[1])
  })
  test('is unknown without pairs, has no bounds with one, and no share of nothing', () => {
    expect(pairedDelta([], 0.95)).toBeNull()
    expect(pairedDelta([{ base: 0, candidate: 1 }], 0.95)).toMatchObject({
      interval: [-Infinity, Infinity],
      relative: null,
      higherTail: 1,
    })
    expect(
      pairedDelta(
        [pairs[0]!, pairs[0]!].map(({ base }) => ({ base, candidate: base })),
        0.95,
      ),
    ).toMatchObject({
      delta: 0,
      higherTail: 1,
      lowerTail: 1,
    })
  })
})

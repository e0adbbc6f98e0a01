import { effectiveSample, type Tally, tallyOf } from '@agent-ci/core/statistics/effective-size'
import { clopperPearson } from '@agent-ci/core/statistics/intervals'
import { criticalCounts, needPasses } from '@agent-ci/core/statistics/need'
import { type Direction, judgeShare, type SampledVerdict } from '@agent-ci/core/statistics/share-gate'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const RANK: Readonly<Record<SampledVerdict, number>> = { failed: 0, inconclusive: 1, passed: 2 }
const binary = (n: number, passes: number) => ({ mean: passes / n, size: n })

const counts = fc.integer({ min: 1, max: 300 }).chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n })))
const thresholds = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)
const confidences = fc.constantFrom(0.8, 0.9, 0.95, 0.99)

describe('the verdict on a share', () => {
  test.each([
    [100, 92, 'passed'],
    [100, 91, 'inconclusive'],
    [100, 79, 'inconclusive'],
    [100, 78, 'failed'],
  ] as const)('of %p examples %p passing is %p at 0.85', (n, passes, verdict) => {
    expect(judgeShare(binary(n, passes), 0.85, 0.95).verdict).toBe(verdict)
  })

  test('only rises with the passes', () => {
    fc.assert(
      fc.property(counts, thresholds, confidences, ([n, passes], threshold, confidence) => {
        const here = judgeShare(binary(n, passes), threshold, confidence)
        const above = judgeShare(binary(n, Math.min(n, passes + 1)), threshold, confidence)
        expect(RANK[above.verdict]).toBeGreaterThanOrEqual(RANK[here.verdict])
        expect(above.interval[0]).toBeGreaterThanOrEqual(here.interval[0])
        expect(above.interval[1]).toBeGreaterThanOrEqual(here.interval[1])
      }),
    )
  })

  test('and the interval never contradict each other', () => {
    const sizes = fc.double({ min: 1, max: 500, noNaN: true })
    const means = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }))
    const directions = fc.constantFrom<Direction>('atLeast', 'atMost')
    fc.assert(
      fc.property(sizes, means, thresholds, confidences, directions, (size, mean, threshold, confidence, direction) => {
        const { verdict, interval } = judgeShare({ mean, size }, threshold, confidence, direction)
        const [low, high] = interval
        expect(low).toBeLessThanOrEqual(high)
        const above = verdict === (direction === 'atLeast' ? 'passed' : 'failed')
        const below = verdict === (direction === 'atLeast' ? 'failed' : 'passed')
        // A bound may lie on the threshold itself, which decides for whatever the tail says.
        if (above) expect(low).toBeGreaterThanOrEqual(threshold)
        else expect(low).toBeLessThanOrEqual(threshold)
        if (below) expect(high).toBeLessThanOrEqual(threshold)
        else expect(high).toBeGreaterThanOrEqual(threshold)
      }),
    )
  })

  test('agrees with the critical counts', () => {
    fc.assert(
      fc.property(counts, thresholds, confidences, ([n, passes], threshold, confidence) => {
        const { confirm, refute } = criticalCounts(n, threshold, confidence)
        const { verdict } = judgeShare(binary(n, passes), threshold, confidence)
        expect(verdict).toBe(passes >= confirm ? 'passed' : passes <= refute ? 'failed' : 'inconclusive')
      }),
    )
  })

  test('of "at most" is that of "at least" for the others', () => {
    fc.assert(
      fc.property(counts, fc.constantFrom(0.05, 0.25, 0.5, 0.875), ([n, hits], threshold) => {
        const errors = judgeShare(binary(n, hits), threshold, 0.95, 'atMost')
        const rest = judgeShare(binary(n, n - hits), 1 - threshold, 0.95, 'atLeast')
        expect(errors.verdict).toBe(rest.verdict)
        expect(errors.tailGood).toBeCloseTo(rest.tailGood, 10)
        expect(errors.interval[0]).toBeCloseTo(1 - rest.interval[1], 10)
      }),
    )
  })

  test('needs no data where every share meets the rule, and cannot confirm a share of exactly 1', () => {
    expect(judgeShare(binary(3, 0), 0, 0.95).verdict).toBe('passed')
    expect(judgeShare(binary(3, 3), 1, 0.95, 'atMost').verdict).toBe('passed')
    expect(judgeShare(binary(1000, 1000), 1, 0.95).verdict).toBe('inconclusive')
    expect(judgeShare(binary(1000, 999), 1, 0.95).verdict).toBe('failed')
    expect(judgeShare(binary(1000, 0), 0, 0.95, 'atMost').verdict).toBe('inconclusive')
    expect(judgeShare(binary(1000, 1), 0, 0.95, 'atMost').verdict).toBe('failed')
  })
})

describe('the passes that are needed', () => {
  test('are the fewest that the comparison accepts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 0, max: 1000 }), (n, milli) => {
        const need = needPasses(n, milli / 1000)
        // In whole numbers: need/n >= milli/1000.
        expect(need * 1000).toBeGreaterThanOrEqual(milli * n)
        if (need > 0) expect((need - 1) * 1000).toBeLessThan(milli * n)
        const strict = needPasses(n, milli / 1000, true)
        expect(strict * 1000).toBeGreaterThan(milli * n)
        if (strict > 0) expect((strict - 1) * 1000).toBeLessThanOrEqual(milli * n)
      }),
    )
  })
})

const tallies = fc.array(
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.nat({ max: 5 }), fc.option(fc.constantFrom('a', 'b', 'c')))
    .map(([trials, sum, group]): Tally => {
      const passes = Math.min(trials, sum)
      return { trials, sum: passes, squares: passes, group: group ?? undefined }
    }),
  { minLength: 1, maxLength: 60 },
)

describe('the effective sample', () => {
  test('of single binary trials is their number', () => {
    const examples = Array.from({ length: 17 }, (_, i) => tallyOf([i % 3 === 0 ? 1 : 0]))
    expect(effectiveSample(examples, 0.95)).toEqual({ mean: 6 / 17, size: 17, units: 17, trials: 17 })
  })
  test('takes one object used for several examples as several examples', () => {
    const [good, bad] = [tallyOf([1, 1, 0]), tallyOf([0, 0, 0])]
    const shared = [...new Array(30).fill(good), ...new Array(10).fill(bad)]
    expect(effectiveSample(shared, 0.95)).toEqual(
      effectiveSample(
        shared.map((tally) => ({ ...tally })),
        0.95,
      ),
    )
    expect(effectiveSample(shared, 0.95)?.units).toBe(40)
  })
  test('does not depend on the order of the examples', () => {
    fc.assert(
      fc.property(
        tallies,
        fc.constantFrom('population' as const, 'dataset' as const),
        fc.nat(),
        (list, estimand, by) => {
          const cut = by % list.length
          const turned = [...list.slice(cut), ...list.slice(0, cut)].reverse()
          const [here, there] = [effectiveSample(list, 0.95, estimand)!, effectiveSample(turned, 0.95, estimand)!]
          expect(there.size).toBeCloseTo(here.size, 8)
          expect(there.mean).toBeCloseTo(here.mean, 12)
          const judged = [here, there].map((sample) => judgeShare(sample, 0.8437, 0.95).verdict)
          expect(judged[0]).toBe(judged[1])
        },
      ),
    )
  })
  test('lies between the units and the trials; of a dataset it is never below the trials', () => {
    fc.assert(
      fc.property(tallies, (list) => {
        const { size, trials, mean } = effectiveSample(list, 0.95)!
        expect(size).toBeGreaterThan(0)
        expect(size).toBeLessThanOrEqual(trials)
        expect(mean * size).toBeLessThanOrEqual(size)
        expect(effectiveSample(list, 0.95, 'dataset')!.size).toBeGreaterThanOrEqual(trials)
      }),
    )
  })
  test('of repeats that always agree is the number of examples', () => {
    const examples = Array.from({ length: 100 }, (_, i) => tallyOf(i < 10 ? [0, 0, 0] : [1, 1, 1]))
    expect(effectiveSample(examples, 0.95)!.size).toBeCloseTo(100, -1)
    expect(effectiveSample(examples, 0.95)!.size).toBeLessThan(100)
  })
  test('of a group that stands or falls together is the number of groups', () => {
    const examples = Array.from({ length: 200 }, (_, i) => tallyOf([i % 40 < 36 ? 1 : 0], `group ${i % 40}`))
    const sample = effectiveSample(examples, 0.95)!
    expect(sample.units).toBe(40)
    expect(sample.size).toBeLessThan(40)
    expect(judgeShare(sample, 0.84, 0.95).verdict).toBe('inconclusive')
    expect(judgeShare(binary(200, 180), 0.84, 0.95).verdict).toBe('passed')
  })
  test('believes the gain of repeats only as far as imperfect examples show it', () => {
    const perfect = new Array(99).fill(tallyOf([1, 1, 1, 1, 1]))
    const one = effectiveSample([...perfect, tallyOf([1, 1, 1, 1, 0])], 0.95)!
    expect(one.size).toBeLessThan(130)
    expect(judgeShare(one, 0.99, 0.95).verdict).toBe('inconclusive')
  })
  test('of fractional scores may exceed their number from 30 on', () => {
    const scores = (n: number) => Array.from({ length: n }, (_, i) => tallyOf([0.85 + (i % 5) / 100]))
    expect(effectiveSample(scores(29), 0.95)!.size).toBe(29)
    expect(effectiveSample(scores(30), 0.95)!.size).toBeGreaterThan(1000)
  })
  test('of nothing is null, and a column without spread counts its units', () => {
    expect(effectiveSample([], 0.95)).toBeNull()
    expect(effectiveSample([{ trials: 0, sum: 0, squares: 0 }], 0.95)).toBeNull()
    expect(effectiveSample(new Array(12).fill(tallyOf([1, 1])), 0.95)!.size).toBe(12)
  })
  test('of a dataset whose examples never vary leaves the doubt of the rule of three', () => {
    const sample = effectiveSample(new Array(100).fill(tallyOf([1, 1, 1])), 0.95, 'dataset')!
    expect(sample.size).toBe(300)
    expect(clopperPearson(300, 300, 0.95, false)[0]).toBeCloseTo(1 - 3 / 300, 3)
    expect(judgeShare(sample, 0.99, 0.95).verdict).toBe('passed')
    expect(judgeShare(sample, 0.995, 0.95).verdict).toBe('inconclusive')
  })
})

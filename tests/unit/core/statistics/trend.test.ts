import { seededRandom } from '@agent-ci/core/random'
import { digamma, inverseTrigamma, trigamma } from '@agent-ci/core/statistics/digamma'
import { predictionT } from '@agent-ci/core/statistics/prediction'
import { inflation, memoryOf, NO_MEMORY } from '@agent-ci/core/statistics/trend/memory'
import {
  drivenBy,
  mirrored,
  ofBoth,
  testNights,
  testRerun,
  testScales,
} from '@agent-ci/core/statistics/trend/night-test'
import { pooledVariances } from '@agent-ci/core/statistics/trend/pooled-variance'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const normals = (seed: string) => {
  const random = seededRandom(seed)
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
const varianceOf = (values: readonly number[]): number => {
  const mean = values.reduce((a, b) => a + b) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
}

describe('digamma and trigamma', () => {
  test('are right where their values are known', () => {
    const euler = 0.5772156649015329
    expect(digamma(1)).toBeCloseTo(-euler, 13)
    expect(digamma(0.5)).toBeCloseTo(-euler - 2 * Math.LN2, 13)
    expect(trigamma(1)).toBeCloseTo(Math.PI ** 2 / 6, 13)
    expect(trigamma(0.5)).toBeCloseTo(Math.PI ** 2 / 2, 12)
  })

  test('trigamma is inverted', () => {
    for (const x of [0.01, 0.5, 1, 6.5, 13.5, 400]) expect(inverseTrigamma(trigamma(x))).toBeCloseTo(x, 5)
  })

  test('refuse what they are not defined for', () => {
    for (const slope of [digamma, trigamma, inverseTrigamma]) expect(() => slope(0)).toThrow(RangeError)
  })
})

describe('pooled variances', () => {
  const samples = (deviationOf: (at: number) => number) => {
    const normal = normals('pooled')
    return Array.from({ length: 100 }, (_, at) => ({
      variance: varianceOf(Array.from({ length: 14 }, () => deviationOf(at) * normal())),
      df: 13,
    }))
  }

  test('of series that scatter alike are nearly one', () => {
    const pooled = pooledVariances(samples(() => 2))
    for (const { variance, df } of pooled) {
      expect(variance).toBeGreaterThan(3.2)
      expect(variance).toBeLessThan(4.8)
      expect(df).toBeGreaterThan(100)
    }
  })

  test('of series that do not are left to themselves', () => {
    const unlike = samples((at) => 10 ** (at / 100))
    for (const [at, { variance, df }] of pooledVariances(unlike).entries()) {
      expect(variance / unlike[at]!.variance).toBeGreaterThan(0.5)
      expect(variance / unlike[at]!.variance).toBeLessThan(2.5)
      expect(df).toBeLessThan(18)
    }
  })

  test('never borrow more than the others have', () => {
    const [first] = pooledVariances([
      { variance: 4, df: 13 },
      { variance: 4, df: 13 },
    ])
    expect(first).toEqual({ variance: expect.closeTo(4.1, 0), df: 26 })
  })

  test('of one series, or of none that scatters, are what they were', () => {
    const alone = [{ variance: 4, df: 13 }]
    expect(pooledVariances(alone)).toEqual(alone)
    const still = [{ variance: 0, df: 13 }, ...alone]
    expect(pooledVariances(still)).toEqual(still)
  })
})

describe('memory', () => {
  const series = (count: number, rho: number) => {
    const normal = normals(`memory/${rho}`)
    return Array.from({ length: count }, () => {
      let state = normal()
      return Array.from({ length: 28 }, () => {
        state = rho * state + Math.sqrt(1 - rho ** 2) * normal()
        return state
      })
    })
  }

  test('independent nights have next to none', () => {
    for (const lag of memoryOf(series(200, 0))) expect(Math.abs(lag)).toBeLessThan(0.04)
  })

  test('half of a night is remembered the next one', () => {
    const memory = memoryOf(series(200, 0.5))
    // A little less: a series is short, and taken against its own mean.
    expect(memory[0]).toBeGreaterThan(0.4)
    expect(memory[0]).toBeLessThan(0.52)
    expect(memory[1]).toBeGreaterThan(0.13)
    expect(memory[1]).toBeLessThan(0.27)
    // 1 + 2·Σ(1 - k/7)·0.5^k = 2.43
    expect(inflation(memory, 7)).toBeGreaterThan(1.8)
    expect(inflation(memory, 7)).toBeLessThan(2.6)
  })

  test('few nights are believed little', () => {
    const [few] = memoryOf(series(2, 0.5))
    const [many] = memoryOf(series(200, 0.5))
    expect(few).toBeLessThan(many! / 2)
  })

  test('never makes a mean of nights surer than independent ones', () => {
    expect(inflation([-0.5, 0, 0, 0, 0, 0], 7)).toBe(1)
    expect(inflation(NO_MEMORY, 28)).toBe(1)
    expect(inflation([0.5, 0, 0, 0, 0, 0], 1)).toBe(1)
  })

  test('series without any scatter say nothing', () => {
    expect(memoryOf([new Array(28).fill(0.9), [1, 2]])).toEqual(NO_MEMORY)
  })
})

describe('a night against the pinned ones', () => {
  const model = { mean: 0.9, deviation: 0.02, df: 13, nights: 14, memory: NO_MEMORY }

  test('without memory and neighbours it is the t of a prediction', () => {
    const baseline = [0.9, 0.92, 0.88, 0.91, 0.89, 0.9, 0.93]
    const mean = baseline.reduce((a, b) => a + b) / 7
    const alone = { mean, deviation: Math.sqrt(varianceOf(baseline)), df: 6, nights: 7, memory: NO_MEMORY }
    const known = predictionT(baseline, 0.86, 1000, 3)
    const tested = testNights(alone, [0.85, 0.86, 0.87])
    expect(tested.t).toBeCloseTo(known.t, 12)
    expect(tested.p).toBeCloseTo(known.tail, 12)
  })

  test('memory makes the longer scale less sure, and tonight as sure as before', () => {
    const remembering = { ...model, memory: [0.5, 0.25, 0.1, 0, 0, 0] }
    const week = new Array(7).fill(0.87)
    expect(testNights(remembering, week).p).toBeGreaterThan(5 * testNights(model, week).p)
    expect(testNights(remembering, [0.84]).t).toBeGreaterThan(0.9 * testNights(model, [0.84]).t)
  })

  test('the scale that says more is the one that counts, at the price of having looked on two', () => {
    const sudden = testScales(model, [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.78])
    expect(drivenBy(sudden)).toBe('night')
    expect(ofBoth(sudden)).toBeCloseTo(4 * sudden.night.p, 12)
    const lasting = testScales(model, new Array(7).fill(0.87))
    expect(drivenBy(lasting)).toBe('week')
    expect(ofBoth(lasting)).toBeCloseTo(lasting.week.p / 0.75, 12)
    expect(drivenBy(mirrored(testScales(model, new Array(7).fill(0.93))))).toBe('week')
  })

  test('a re-run has to show more than what was there already', () => {
    const flagged = testNights(model, new Array(7).fill(0.88))
    // Of 2 points, what the baseline's own error may explain: (1/14) / (1/7 + 1/14).
    expect(flagged.repeated).toBeCloseTo(0.02 / 3, 10)
    // What lies far beyond all noise is not explained away: at most 3.5 standard errors are.
    const far = testNights(model, new Array(7).fill(0.6))
    expect(far.repeated).toBeCloseTo((0.3 / 3) * (3.5 / far.t), 10)
    expect(testRerun(model, [0.88], flagged).p).toBeGreaterThan(testRerun(model, [0.88], { repeated: 0 }).p)
    expect(testRerun(model, [0.86, 0.86, 0.86], flagged).p).toBeLessThan(testRerun(model, [0.86], flagged).p)
  })

  test('p lies between 0 and 1 and falls with the values', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const [p, q] = [testNights(model, [low]).p, testNights(model, [high]).p]
        expect(p).toBeGreaterThanOrEqual(0)
        expect(q).toBeLessThanOrEqual(1)
        expect(p).toBeLessThanOrEqual(q + 1e-12)
      }),
    )
  })
})

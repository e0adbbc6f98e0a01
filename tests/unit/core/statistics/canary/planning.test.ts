import { secondsToSee, secondsToShowBelow, sights } from '@agent-ci/core/statistics/canary/detectable'
import { logEventEvidence } from '@agent-ci/core/statistics/canary/event-share'
import { realisedExposure } from '@agent-ci/core/statistics/canary/exposure'
import { describe, expect, test } from '@jest/globals'

describe('what a canary can see', () => {
  const traffic = { requestsPerSecond: 10, weight: 0.1, errorRate: 0.01 }
  test.each([
    [10, 2, 1363],
    [10, 5, 138],
    [10, 20, 16],
    [1, 5, 1380],
  ])(
    'at %p requests/s, 1 %% errors and a weight of 10 %%: %p times the rate after %p s',
    (perSecond, ratio, seconds) => {
      expect(Math.abs(secondsToSee({ ...traffic, requestsPerSecond: perSecond }, ratio) - seconds)).toBeLessThan(1)
    },
  )
  test('says what cannot be seen in the time there is', () => {
    expect(sights({ ...traffic, requestsPerSecond: 1 }, 300).map(({ ratio, seen }) => [ratio, seen])).toEqual([
      [2, false],
      [5, false],
      [20, true],
    ])
  })
  test('is nothing without traffic, without errors to multiply, or with nothing to compare', () => {
    for (const none of [{ requestsPerSecond: 0 }, { errorRate: 0 }, { weight: 1 }])
      expect(sights({ ...traffic, ...none }, 1e9).some(({ seen }) => seen)).toBe(false)
  })
  test('grows with the weight and never passes "all requests fail"', () => {
    expect(secondsToSee({ ...traffic, weight: 0.25 }, 5)).toBeLessThan(secondsToSee(traffic, 5))
    expect(secondsToSee({ ...traffic, errorRate: 0.2 }, 20)).toBe(secondsToSee({ ...traffic, errorRate: 0.2 }, 5))
  })
  test('refuses a weight or a ratio that makes no sense', () => {
    expect(() => secondsToSee({ ...traffic, weight: 0 }, 2)).toThrow(RangeError)
    expect(() => secondsToSee(traffic, 1)).toThrow(RangeError)
  })
})

describe('what it takes to show that a canary is not much worse', () => {
  const traffic = { requestsPerSecond: 10, weight: 0.1, errorRate: 0.01 }
  test('is less for a wider ratio, more traffic and more weight', () => {
    const seconds = secondsToShowBelow(traffic, 3)
    expect(Math.round(seconds)).toBe(413)
    expect(secondsToShowBelow(traffic, 5)).toBeLessThan(seconds)
    expect(secondsToShowBelow({ ...traffic, weight: 0.25 }, 3)).toBeLessThan(seconds)
    expect(secondsToShowBelow({ ...traffic, requestsPerSecond: 20 }, 3)).toBeCloseTo(seconds / 2, 9)
  })
  test('never comes where nobody fails', () => {
    expect(secondsToShowBelow({ ...traffic, errorRate: 0 }, 3)).toBe(Infinity)
  })
})

describe("the canary's share of the requests", () => {
  test('is compatible with the weight asked until it is shown to be off', () => {
    expect(realisedExposure(1000, 10_000, 0.1)).toMatchObject({ share: 0.1, compatible: true })
    expect(realisedExposure(0, 10, 0.1).compatible).toBe(true)
    expect(realisedExposure(0, 1000, 0.1).compatible).toBe(false)
    expect(realisedExposure(2500, 10_000, 0.1).compatible).toBe(false)
  })
  test('may be off by what is tolerated, however many requests there are', () => {
    expect(realisedExposure(118_000, 1_000_000, 0.1).compatible).toBe(true)
    expect(realisedExposure(118_000, 1_000_000, 0.1, { tolerance: 0 }).compatible).toBe(false)
  })
  test('is unknown without requests', () => {
    expect(realisedExposure(0, 0, 0.1)).toEqual({ share: 0, interval: [0, 1], compatible: true })
  })
})

describe('events at a known share of the traffic', () => {
  test.each([
    [0.1, 0, 0, 1],
    [0.1, 1, 0, 1.9],
    [0.1, 3, 0, 11.4318],
    [0.1, 5, 0, 128.7398],
    [0.1, 5, 5, 23.9589],
    [0.1, 10, 30, 16.9618],
    [0.1, 0, 40, 0.1837],
    [0.25, 10, 10, 7.784],
    [0.5, 12, 2, 11.8209],
  ])(
    'at a share of %p, %p of the canary and %p of the stable arm are evidence of %p',
    (share, canary, stable, evidence) => {
      expect(Math.exp(logEventEvidence(share, canary, stable))).toBeCloseTo(evidence, 4)
    },
  )
  test("are worth 1 on average when each is the canary's with exactly that chance", () => {
    let mean = 0
    let ways = 1
    for (let x = 0; x <= 12; x++) {
      mean += ways * 0.2 ** x * 0.8 ** (12 - x) * Math.exp(logEventEvidence(0.2, x, 12 - x))
      ways *= (12 - x) / (x + 1)
    }
    expect(mean).toBeCloseTo(1, 10)
  })
})

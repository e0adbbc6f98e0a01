import { wager } from '@agent-ci/core/statistics/betting'
import { logHypergeometric } from '@agent-ci/core/statistics/hypergeometric'
import { LimitProcess } from '@agent-ci/core/statistics/limit-process'
import { OddsBelow, OddsProcess, StartMixture } from '@agent-ci/core/statistics/odds-process'
import { predictionT } from '@agent-ci/core/statistics/prediction'
import { describe, expect, test } from '@jest/globals'

function* orders<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield []
  for (const [i, item] of items.entries()) {
    for (const rest of orders([...items.slice(0, i), ...items.slice(i + 1)])) yield [item, ...rest]
  }
}

describe('the wager on scores', () => {
  test.each([
    [[1, 1, 0, 0, 1, 0], 0.5],
    [[0.5, 0.25, 1, 0.75, 0, 0.5], 0.5],
    [[0.9, 0.9, 0.9, 0.9, 0.9], 0.9],
    [[1, 0, 0, 0, 0, 0], 0.5],
  ])('gains nothing on average over all orders of %p, whose mean is at most %p', (scores, threshold) => {
    let [count, exceeded] = [0, 0]
    const expected = scores.map(() => 0)
    for (const order of orders(scores)) {
      const against = wager(scores.length, threshold)
      let most = 0
      for (const [t, score] of order.entries()) {
        against.bet(score)
        expected[t]! += Math.exp(against.logCapital())
        most = Math.max(most, against.logCapital())
      }
      count++
      if (most >= Math.log(4)) exceeded++
    }
    for (const sum of expected) expect(sum / count).toBeLessThanOrEqual(1 + 1e-9)
    expect(exceeded / count).toBeLessThanOrEqual(1 / 4)
  })
  test('is won for certain once the sum is beyond reach of the hypothesis', () => {
    const against = wager(4, 0.25)
    against.bet(1)
    expect(against.logCapital()).toBeLessThan(Infinity)
    against.bet(0.1)
    expect(against.logCapital()).toBe(Infinity)
  })
  test('stands still once the hypothesis holds for certain', () => {
    const against = wager(3, 0.9)
    against.bet(0)
    const before = against.logCapital()
    against.bet(1)
    expect(against.logCapital()).toBe(before)
  })
})

describe('the evidence that odds are below a ratio', () => {
  /** Mean of the evidence after a window, over the canary's errors, where its odds are `omega` times the stable arm's. */
  const mean = (ratio: number, omega: number, [canaryN, stableN, errors]: readonly [number, number, number]) => {
    const xs = Array.from({ length: errors + 1 }, (_, x) => x).filter((x) => x <= canaryN && errors - x <= stableN)
    const chances = xs.map((x) => Math.exp(logHypergeometric(x, canaryN + stableN, errors, canaryN)) * omega ** x)
    const all = chances.reduce((sum, chance) => sum + chance, 0)
    return xs.reduce((sum, canaryErr, i) => {
      const below = new OddsBelow(ratio)
      below.observe({ canaryN, canaryErr, stableN, stableErr: errors - canaryErr })
      return sum + (Math.exp(below.log) * chances[i]!) / all
    }, 0)
  }
  test('is 1 on average at the ratio, less above it, and more below it', () => {
    for (const window of [
      [10, 90, 5],
      [40, 60, 30],
      [3, 2, 4],
    ] as const) {
      expect(mean(3, 3, window)).toBeCloseTo(1, 9)
      expect(mean(3, 6, window)).toBeLessThan(1)
      expect(mean(3, 1, window)).toBeGreaterThan(1)
    }
  })
  test('does not move where nobody failed, everybody did, or one arm had no request', () => {
    const below = new OddsBelow(3)
    for (const [canaryN, canaryErr, stableN, stableErr] of [
      [10, 0, 90, 0],
      [2, 2, 3, 3],
      [0, 0, 90, 7],
      [10, 1, 0, 0],
    ])
      below.observe({ canaryN: canaryN!, canaryErr: canaryErr!, stableN: stableN!, stableErr: stableErr! })
    expect(below.log).toBe(0)
  })
  test('goes on from what was kept', () => {
    const window = { canaryN: 10, canaryErr: 1, stableN: 90, stableErr: 9 }
    const [whole, first] = [new OddsBelow(3), new OddsBelow(3)]
    whole.observe(window)
    whole.observe(window)
    first.observe(window)
    const second = new OddsBelow(3, JSON.parse(JSON.stringify(first.state)) as number[])
    second.observe(window)
    expect(second.log).toBe(whole.log)
  })
})

describe('the odds process', () => {
  /** Mean of f over the canary's errors, given that `errors` fell on all requests alike. */
  const average = (canaryN: number, stableN: number, errors: number, f: (canaryErr: number) => number): number => {
    let sum = 0
    for (let x = Math.max(0, errors - stableN); x <= Math.min(errors, canaryN); x++) {
      sum += Math.exp(logHypergeometric(x, canaryN + stableN, errors, canaryN)) * f(x)
    }
    return sum
  }
  const window = (canaryN: number, stableN: number, errors: number, canaryErr: number) => ({
    canaryN,
    stableN,
    canaryErr,
    stableErr: errors - canaryErr,
  })
  test.each([
    [1, 9, 1],
    [10, 90, 4],
    [50, 10, 20],
    [3, 3, 6],
  ])(
    'is worth 1 on average, and at most 1 when capped (%p canary, %p stable requests, %p errors)',
    (canary, stable, errors) => {
      const first = (cap: number | null) =>
        average(canary, stable, errors, (x) =>
          Math.exp(new OddsProcess({ cap }).next(window(canary, stable, errors, x))),
        )
      expect(first(null)).toBeCloseTo(1, 10)
      expect(first(2)).toBeLessThanOrEqual(1 + 1e-12)
      // Over two windows, learning from the first, with forgetting and a mixture over starts.
      const both = average(canary, stable, errors, (x) =>
        average(8, 12, 5, (y) => {
          const process = new OddsProcess({ forget: 0.9 })
          const mixture = new StartMixture(10)
          mixture.add(process.next(window(canary, stable, errors, x)))
          return Math.exp(mixture.add(process.next(window(8, 12, 5, y))))
        }),
      )
      expect(both).toBeLessThanOrEqual(1 + 1e-12)
    },
  )
  test('finds a canary that fails more, and learns nothing from a common outage', () => {
    const process = new OddsProcess()
    let log = 0
    for (let i = 0; i < 6; i++) log += process.next(window(20, 180, 4, 3))
    expect(log).toBeGreaterThan(Math.log(20))
    expect(new OddsProcess().next(window(10, 90, 0, 0))).toBe(0)
    expect(new OddsProcess().next(window(10, 90, 100, 10))).toBe(0)
    expect(new OddsProcess().next(window(0, 90, 5, 0))).toBe(0)
  })
  test('neither overflows nor drifts on a window of a hundred thousand requests', () => {
    const factor = new OddsProcess({ cap: null }).next(window(10_000, 90_000, 5000, 500))
    expect(Number.isFinite(factor)).toBe(true)
    expect(factor).toBeLessThan(0)
  })
  test('of a single planned window has but one start', () => {
    const mixture = new StartMixture(1)
    expect(mixture.add(0.7)).toBeCloseTo(0.7, 12)
  })
})

describe('the limit process', () => {
  test.each([
    ['above', 0.05],
    ['below', 0.05],
    ['above', 0.4],
  ] as const)('is worth 1 on average at the limit (%p %p)', (side, limit) => {
    // Two windows of 6 and 4 requests, all outcomes.
    const pmf = (n: number, x: number) => {
      let chance = 1
      for (let i = 0; i < x; i++) chance *= ((n - i) / (i + 1)) * (limit / (1 - limit))
      return chance * (1 - limit) ** n
    }
    let expected = 0
    for (let x = 0; x <= 6; x++) {
      for (let y = 0; y <= 4; y++) {
        const process = new LimitProcess(limit, side)
        expected += pmf(6, x) * pmf(4, y) * Math.exp(process.next(6, x) + process.next(4, y))
      }
    }
    expect(expected).toBeCloseTo(1, 12)
  })
  test('shows a rate below the limit with as many clean requests as promised', () => {
    const requests = (limit: number) => {
      const process = new LimitProcess(limit, 'below')
      let [log, n] = [0, 0]
      while (log < Math.log(20)) {
        log += process.next(1, 0)
        n++
      }
      return n
    }
    expect([0.05, 0.02, 0.01].map(requests)).toEqual([77, 194, 389])
  })
  test('refuses a limit that is no rate, and keeps to its cap', () => {
    expect(() => new LimitProcess(0, 'above')).toThrow(RangeError)
    expect(() => new LimitProcess(1, 'above')).toThrow(RangeError)
    expect(new LimitProcess(0.05, 'above', { cap: 5 }).next(30, 30)).toBe(Math.log(5))
  })
})

describe('the prediction', () => {
  test('averages several nights', () => {
    const baseline = [0.9, 0.88, 0.92, 0.9]
    expect(predictionT(baseline, 0.85, 1000, 7).t).toBeGreaterThan(predictionT(baseline, 0.85, 1000).t)
    expect(predictionT(baseline, 0.95, 1000).tail).toBeGreaterThan(0.5)
    expect(() => predictionT([0.9], 0.9, 100)).toThrow(RangeError)
  })
})

import { seededRandom } from '@agent-ci/core/random'
import { EarlyTest } from '@agent-ci/core/statistics/canary/early-test'
import { logHypergeometric } from '@agent-ci/core/statistics/hypergeometric'
import { describe, expect, test } from '@jest/globals'

const window = (canaryN: number, canaryErr: number, stableN: number, stableErr: number) => ({
  canaryN,
  canaryErr,
  stableN,
  stableErr,
})
const options = { alpha: 0.03, seconds: 300 }

describe('the early test', () => {
  test('knows the chance of every sum of two windows, as a direct sum over all ways gives it', () => {
    const early = new EarlyTest({ alpha: 1e-12, seconds: 300 })
    early.observe(window(10, 1, 40, 3), 10)
    early.observe(window(12, 0, 30, 2), 10)
    const pmf = (x: number, all: number, errors: number, n: number, cut: number) => {
      const at = (j: number) => Math.exp(logHypergeometric(j, all, errors, n))
      return x < cut
        ? at(x)
        : x > cut
          ? 0
          : [0, 1, 2, 3, 4].filter((j) => j >= cut && j <= errors).reduce((s, j) => s + at(j), 0)
    }
    // P(X >= 3) = 0.022 of 4 errors in 50, so that the first is cut at 3; P(X >= 2) = 0.077 of 2 in 42.
    const { chances, from } = early.state
    expect(from).toBe(0)
    expect(chances).toHaveLength(6)
    for (const [sum, chance] of chances.entries()) {
      let direct = 0
      for (let x = 0; x <= sum; x++) direct += pmf(x, 50, 4, 10, 3) * (sum - x <= 2 ? pmf(sum - x, 42, 2, 12, 2) : 0)
      expect(chance).toBeCloseTo(direct, 5)
    }
  })
  test('spends no more than alpha, and nothing before anything could be learnt', () => {
    const early = new EarlyTest(options)
    early.observe(window(10, 0, 90, 0), 300)
    expect(early.state.spent).toBe(0)
    for (let i = 0; i < 40; i++) early.observe(window(10, 0, 90, 6), 10)
    expect(early.state.spent).toBeGreaterThan(0.02)
    expect(early.state.spent).toBeLessThanOrEqual(0.03)
    expect(early.alarmed).toBe(false)
  })
  test('raises its alarm on a canary that fails more often, and never on one that fails less', () => {
    const [worse, better] = [new EarlyTest(options), new EarlyTest(options)]
    for (let i = 0; i < 20; i++) {
      worse.observe(window(10, 2, 90, 1), 10)
      better.observe(window(10, 0, 90, 3), 10)
    }
    expect(worse.alarmed).toBe(true)
    expect(better.alarmed).toBe(false)
  })
  test('learns nothing from a window without errors, of errors alone, or of one arm', () => {
    for (const nothing of [window(10, 0, 90, 0), window(10, 10, 90, 90), window(0, 0, 90, 3), window(10, 3, 0, 0)]) {
      const early = new EarlyTest(options)
      early.observe(nothing, 10)
      expect(early.state).toMatchObject({ count: 0, information: 0, chances: [1] })
    }
  })
  test('does not let one burst decide: what chance gives in a twelfth of the windows is all that a window counts', () => {
    const early = new EarlyTest(options)
    early.observe(window(10, 9, 90, 0), 300)
    expect(early.state.count).toBe(3)
  })
  test('is alarmed by a canary like the stable arm in at most alpha of 1000 canaries, whatever happens to both', () => {
    const random = seededRandom('early test')
    const some = (n: number, p: number) => Array.from({ length: n }, random).filter((value) => value < p).length
    let alarms = 0
    for (let run = 0; run < 1000; run++) {
      const early = new EarlyTest(options)
      for (let i = 0; i < 30; i++) {
        const rate = random() < 0.2 ? 0.3 : 0.02
        early.observe(window(10, some(10, rate), 40, some(40, rate)), 10)
      }
      if (early.alarmed) alarms++
    }
    // 3 % and three standard deviations; far below a half of it, nothing would have been spent.
    expect(alarms / 1000).toBeLessThan(0.03 + 3 * Math.sqrt((0.03 * 0.97) / 1000))
    expect(alarms / 1000).toBeGreaterThan(0.01)
  })
  test('goes on from its state, read back from JSON, as if nothing had happened', () => {
    const whole = new EarlyTest(options)
    let parts = new EarlyTest(options)
    for (let i = 0; i < 25; i++) {
      const next = window(10, i % 3, 90, 2)
      whole.observe(next, 10)
      parts.observe(next, 10)
      parts = new EarlyTest(options, JSON.parse(JSON.stringify(parts.state)))
    }
    const { chances, spent, ...same } = whole.state
    expect(parts.state).toMatchObject(same)
    expect(parts.state.spent).toBeCloseTo(spent, 6)
    for (const [i, chance] of parts.state.chances.entries()) expect(chance).toBeCloseTo(chances[i]!, 4)
  })
  test('keeps a small state at a thousand requests a second', () => {
    const early = new EarlyTest(options)
    for (let i = 0; i < 60; i++) early.observe(window(1000, 20, 9000, 180), 10)
    expect(JSON.stringify(early.state).length).toBeLessThan(4000)
  })
})

import { binomialUpper } from '@agent-ci/core/statistics/binomial'
import {
  confirmableShare,
  confirmChance,
  detectableDrop,
  examplesNeeded,
  leastExamples,
  refuteChance,
} from '@agent-ci/core/statistics/power'
import { judgeShare } from '@agent-ci/core/statistics/share-gate'
import { expect, test } from '@jest/globals'

/** The chance of a verdict by going through every outcome. */
const chanceOf = (verdict: string, n: number, threshold: number, truth: number): number => {
  let chance = 0
  for (let s = 0; s <= n; s++) {
    if (judgeShare({ mean: s / n, size: n }, threshold, 0.95).verdict !== verdict) continue
    chance += binomialUpper(s, n, truth) - binomialUpper(s + 1, n, truth)
  }
  return chance
}

test.each([
  [100, 0.85, 0.9],
  [30, 0.5, 0.8],
  [200, 0.95, 0.99],
  [57, 0.9, 0.7],
])('with %p examples at %p, a system of %p', (n, threshold, truth) => {
  expect(confirmChance(n, threshold, truth, 0.95)).toBeCloseTo(chanceOf('passed', n, threshold, truth), 10)
  expect(refuteChance(n, threshold, truth, 0.95)).toBeCloseTo(chanceOf('failed', n, threshold, truth), 10)
})

test('100 examples confirm 0.90 against 0.85 in 32 of 100 runs', () => {
  expect(confirmChance(100, 0.85, 0.9, 0.95)).toBeCloseTo(0.321, 3)
})

test.each([
  [0.85, 0.9],
  [0.8, 0.9],
  [0.9, 0.95],
  [0.95, 0.9],
  [0.5, 0.3],
])('the examples needed between %p and %p suffice, and so does any larger number', (threshold, truth) => {
  const needed = examplesNeeded(threshold, truth, 0.95)!
  const chance = truth > threshold ? confirmChance : refuteChance
  expect(chance(needed - 1, threshold, truth, 0.95)).toBeLessThan(0.8)
  for (let n = needed; n < 3 * needed; n++) expect(chance(n, threshold, truth, 0.95)).toBeGreaterThanOrEqual(0.8)
})

test('no number of examples separates a threshold from itself, nor from its next neighbour', () => {
  expect(examplesNeeded(0.85, 0.85, 0.95)).toBeNull()
  expect(examplesNeeded(0.85, 0.8501, 0.95)).toBeNull()
})

test('the fewest examples that can confirm anything all pass', () => {
  expect(leastExamples(0.95, 0.95)).toBe(59)
  expect(leastExamples(0.99, 0.95)).toBe(299)
  expect(leastExamples(0, 0.95)).toBe(1)
  expect(leastExamples(1, 0.95)).toBeNull()
  for (const threshold of [0.5, 0.85, 0.9, 0.975]) {
    const least = leastExamples(threshold, 0.95)!
    expect(judgeShare({ mean: 1, size: least }, threshold, 0.95).verdict).toBe('passed')
    expect(judgeShare({ mean: 1, size: least - 1 }, threshold, 0.95).verdict).toBe('inconclusive')
  }
})

test('the detectable drop and the confirmable share are found in 80 of 100 runs', () => {
  for (const n of [20, 100, 500]) {
    const drop = detectableDrop(n, 0.85, 0.95)!
    expect(refuteChance(n, 0.85, 0.85 - drop, 0.95)).toBeCloseTo(0.8, 9)
    const share = confirmableShare(n, 0.85, 0.95)!
    expect(confirmChance(n, 0.85, share, 0.95)).toBeCloseTo(0.8, 9)
  }
  expect(detectableDrop(2, 0.5, 0.95)).toBeNull()
  expect(confirmableShare(10, 0.85, 0.95)).toBeNull()
  expect(confirmableShare(10, 0, 0.95)).toBe(0)
})

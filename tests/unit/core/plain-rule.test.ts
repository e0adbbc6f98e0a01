import { plainlyMeets } from '@agent-ci/core/plain-rule'
import { expect, test } from '@jest/globals'

const share = (passes: number, n: number) => ({ value: passes / n, n, passes })

test.each([
  // 0.07 * 100 is 7.000000000000001 in doubles, 0.29 * 100 is 28.999999999999996.
  [7, 100, 0.07, true],
  [6, 100, 0.07, false],
  [29, 100, 0.29, true],
  [28, 100, 0.29, false],
  [17, 20, 0.85, true],
  [16, 20, 0.85, false],
  [26, 30, 0.85, true],
  [25, 30, 0.85, false],
  [0, 30, 0, true],
  [30, 30, 1, true],
  [29, 30, 1, false],
])('%i of %i >= %f: %s', (passes, n, threshold, expected) => {
  expect(plainlyMeets(share(passes, n), '>=', threshold)).toBe(expected)
  expect(plainlyMeets(share(passes, n), '<', threshold)).toBe(!expected)
})

test('at the threshold itself > and < miss, <= meets', () => {
  expect(plainlyMeets(share(7, 100), '>', 0.07)).toBe(false)
  expect(plainlyMeets(share(7, 100), '<', 0.07)).toBe(false)
  expect(plainlyMeets(share(7, 100), '<=', 0.07)).toBe(true)
  expect(plainlyMeets(share(8, 100), '>', 0.07)).toBe(true)
})

test('a threshold that is written with ten digits is the share that is meant', () => {
  expect(plainlyMeets(share(1, 3), '<=', 0.3333333333)).toBe(true)
  expect(plainlyMeets(share(2, 3), '>=', 0.6666666667)).toBe(true)
  expect(plainlyMeets(share(2, 3), '>=', 0.667)).toBe(false)
})

test('what is unknown meets nothing', () => {
  for (const comparator of ['>=', '<=', '>', '<'] as const)
    expect(plainlyMeets({ value: null, n: 0 }, comparator, 0)).toBe(false)
})

test('a metric that is no share is compared as it is', () => {
  expect(plainlyMeets({ value: 5000, n: 9 }, '<=', 5000)).toBe(true)
  expect(plainlyMeets({ value: 5000.1, n: 9 }, '<=', 5000)).toBe(false)
})

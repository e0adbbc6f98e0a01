import {
  explainComparison,
  explainDrop,
  explainFlips,
  explainNext,
  explainQuantile,
  explainReach,
  explainShare,
  formatShare,
  type ShareRule,
} from '@agent-ci/core/statistics/explain'
import { comparePaired } from '@agent-ci/core/statistics/paired'
import { judgeQuantile } from '@agent-ci/core/statistics/quantile-gate'
import { judgeShare } from '@agent-ci/core/statistics/share-gate'
import { describe, expect, test } from '@jest/globals'

const accuracy: ShareRule = { threshold: 0.85, direction: 'atLeast', confidence: 0.95 }
const errors: ShareRule = { threshold: 0.05, direction: 'atMost', confidence: 0.95 }

test.each([
  [0.85, '0.85'],
  [0.1 + 0.2, '0.3'],
  [0.123456, '0.123'],
  [0.99996, '0.99996'],
  [0.00001234, '0.00001'],
  [1, '1'],
  [0, '0'],
])('the share %p is written %p', (share, text) => {
  expect(formatShare(share)).toBe(text)
})

describe('what a gate says', () => {
  const says = (passes: number, n: number, rule: ShareRule) =>
    explainShare(judgeShare({ mean: passes / n, size: n }, rule.threshold, rule.confidence, rule.direction), rule)
  test.each([
    [93, accuracy, 'Observed 0.93; the true share is at least 0.873 (95 % sure), so it is at least 0.85.'],
    [78, accuracy, 'Observed 0.78; the true share is at most 0.846 (95 % sure), so it is not at least 0.85.'],
    [
      87,
      accuracy,
      'Observed 0.87, but the true share may lie anywhere from 0.801 to 0.921: whether it is at least 0.85 cannot be told from this run.',
    ],
    [1, errors, 'Observed 0.01; the true share is at most 0.047 (95 % sure), so it is at most 0.05.'],
    [12, errors, 'Observed 0.12; the true share is at least 0.071 (95 % sure), so it is not at most 0.05.'],
  ] as const)('of 100 examples %p', (passes, rule, text) => {
    expect(says(passes, 100, rule)).toBe(text)
  })

  test.each([
    [
      100,
      accuracy,
      '100 examples cannot tell 0.85 from 0.9: a system that is really 0.9 is confirmed in 32 of 100 runs. With 304 examples it would be in 80 of 100.',
    ],
    [500, accuracy, '500 examples can tell 0.85 from 0.9: a system that is really 0.9 is confirmed in 95 of 100 runs.'],
    [10, accuracy, '10 examples cannot confirm 0.85, however good they are: that takes at least 19.'],
    [1, accuracy, '1 example cannot confirm 0.85, however good they are: that takes at least 19.'],
    [
      100,
      errors,
      '100 examples cannot tell 0.05 from 0.025: a system that is really 0.025 is confirmed in 28 of 100 runs. With 434 examples it would be in 80 of 100.',
    ],
    [
      100,
      { ...accuracy, threshold: 1 },
      'No number of examples can confirm a share of exactly 1; they can only fail to refute it. Choose a threshold that leaves room for a failure.',
    ],
    [100, { ...accuracy, threshold: 0 }, 'Every share is at least 0: this gate cannot fail.'],
  ])('%p examples could have seen', (n, rule, text) => {
    expect(explainReach(n, rule)).toBe(text)
  })

  test('what examples that stand in groups could have seen is said in examples', () => {
    expect(explainReach(200, accuracy, 50)).toBe(
      '200 examples cannot tell 0.85 from 0.9: a system that is really 0.9 is confirmed in 25 of 100 runs. With 1216 examples it would be in 80 of 100.',
    )
    expect(explainReach(40, accuracy, 10)).toBe(
      '40 examples cannot confirm 0.85, however good they are: that takes at least 76.',
    )
  })

  test('how bad a system it would have caught', () => {
    expect(explainDrop(100, accuracy)).toBe('A system that is really 0.748 would have been caught in 80 of 100 runs.')
    expect(explainDrop(100, errors)).toBe('A system that is really 0.123 would have been caught in 80 of 100 runs.')
    expect(explainDrop(2, { ...accuracy, threshold: 0.5 })).toBe('')
  })

  test('what to do next', () => {
    expect(explainNext(0.9, 100, 100, accuracy)).toBe(
      'If 0.9 is the true share, about 304 examples would decide it (100 were run).',
    )
    expect(explainNext(0.9, 100, 50, accuracy)).toBe(
      'If 0.9 is the true share, about 608 examples would decide it (100 were run).',
    )
    expect(explainNext(0.85, 100, 100, accuracy)).toBe(
      'The system is so close to 0.85 that no reasonable number of examples decides: improve it, or choose the threshold that you really need.',
    )
  })
})

describe('what a percentile says', () => {
  const says = (values: readonly number[], limit: number) => {
    const judgement = judgeQuantile(
      values.map((value) => ({ values: [value] })),
      0.95,
      limit,
      0.95,
    )!
    return explainQuantile(judgement, 0.95, limit, 0.95, (value) => `${value} ms`)
  }
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
  test.each([
    [59, 60, 'Observed p95 57 ms; the true one is at most 59 ms (95 % sure), within 60 ms.'],
    [100, 80, 'Observed p95 95 ms; the true one is at least 91 ms (95 % sure), above 80 ms.'],
    [30, 60, 'Observed p95 29 ms, but 30 values cannot confirm any p95: that takes at least 59.'],
    [
      100,
      95,
      'Observed p95 95 ms, but the true one may lie anywhere from 91 ms to 99 ms: whether it is within 95 ms cannot be told from this run.',
    ],
  ])('over %p values against %p ms', (n, limit, text) => {
    expect(says(upTo(n), limit)).toBe(text)
  })
})

describe('what a comparison says', () => {
  const pairs = (lost: number, won: number, kept: number) =>
    [...new Array(lost).fill([1, 0]), ...new Array(won).fill([0, 1]), ...new Array(kept).fill([1, 1])].map(
      ([base, candidate]) => ({ base: { passes: base, runs: 1 }, candidate: { passes: candidate, runs: 1 } }),
    )
  test.each([
    [
      pairs(10, 1, 189),
      'The candidate is worse: 10 of 200 examples got worse, 1 better (mean change -0.045, true change -0.072 to -0.017). Were nothing changed, luck would do this in 0.6 % of comparisons.',
    ],
    [
      pairs(6, 0, 994),
      'The candidate is worse, but by less than 0.03: 6 of 1000 examples got worse, 0 better (mean change -0.006).',
    ],
    [
      pairs(1, 1, 298),
      'The candidate is not worse by 0.03 or more: 1 of 300 examples got worse, 1 better (mean change +0).',
    ],
    [
      pairs(3, 1, 46),
      'Neither a drop nor its absence is shown: 3 of 50 examples got worse, 1 better (mean change -0.04, true change -0.111 to 0.034). A drop of 0.186 would have been found in 80 of 100 comparisons; more examples or repeats see smaller ones.',
    ],
    [
      pairs(1, 0, 2),
      'Neither a drop nor its absence is shown: 1 of 3 examples got worse, 0 better (mean change -0.333, true change -1 to 0.676). 3 examples cannot show any drop; add examples or repeats.',
    ],
  ])('over %#', (list, text) => {
    expect(explainComparison(comparePaired(list)!, 0.03)).toBe(text)
  })
})

test('what became of the examples that looked broken', () => {
  const finding = (outcome: 'confirmed' | 'flaky') => ({ outcome, p: 0.01, adjusted: 0.02 })
  expect(explainFlips([])).toBe('No example that used to pass looks broken.')
  expect(explainFlips([finding('flaky')])).toBe('1 example looked broken; run again, none is: they are flaky.')
  expect(explainFlips([finding('confirmed')])).toBe('1 example looked broken; run again, 1 really is.')
  expect(explainFlips([finding('confirmed'), finding('confirmed'), finding('flaky')])).toBe(
    '3 examples looked broken; run again, 2 really are and 1 only flaky.',
  )
})

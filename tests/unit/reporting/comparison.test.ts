import { type Comparison, comparisonPhrase, readComparison } from '@agent-ci/reporting/comparison'
import { describe, expect, test } from '@jest/globals'
import { comparedRun, incomparableRun, regressedRun, unchangedRun } from './runs.ts'

const comparison = comparedRun.comparison!
const read = (changes: Partial<Comparison> = {}) => readComparison({ ...comparison, ...changes })
const regression = comparison.regressions.find(({ critical }) => critical)!

describe('regressed examples', () => {
  test('come critical first, then what new runs confirmed, then what was not run again, then what they did not confirm', () => {
    const of = (id: string, critical: boolean, finding?: 'confirmed' | 'flaky' | 'broken') => ({
      id,
      critical,
      before: { passes: 3, runs: 3 },
      after: { passes: 0, runs: 3 },
      ...(finding && { again: { passes: 1, runs: 8 }, finding }),
    })
    const regressions = [
      of('g', false, 'flaky'),
      of('f', false),
      of('e', false, 'confirmed'),
      of('d', true, 'flaky'),
      of('c', true),
      of('b', true, 'confirmed'),
      of('a', true, 'broken'),
    ]
    expect(
      read({ regressions })
        .regressions.map(({ id }) => id)
        .join(''),
    ).toBe('abcdefg')
  })

  test('say how often they passed, and that they were not run again where they were not', () => {
    const { again: _, finding: __, ...unconfirmed } = regression
    expect(read({ regressions: [unconfirmed] }).regressions).toEqual([
      {
        id: 'shipping-038',
        critical: true,
        finding: undefined,
        before: '3 of 3',
        after: '0 of 3',
        again: '',
        findingText: 'not run again',
      },
    ])
  })
})

test('new runs of which none was measured are no finding', () => {
  const again = { passes: 0, runs: 0 }
  expect(read({ regressions: [{ ...regression, again, finding: 'flaky' }] }).regressions).toMatchObject([
    { finding: undefined, again: '', findingText: 'new runs could not be measured' },
  ])
})

describe('what came of a comparison', () => {
  test.each([
    ['a broken critical example', comparison, '1 critical example broken since the baseline'],
    [
      'several of them',
      { ...comparison, regressions: [regression, { ...regression, id: 'b' }] },
      '2 critical examples broken since the baseline',
    ],
    ['a regression', regressedRun.comparison!, 'worse than the baseline'],
    [
      'a small one',
      { ...regressedRun.comparison!, reading: 'within margin' as const },
      'slightly worse than the baseline, within the margin',
    ],
    ['none', unchangedRun.comparison!, 'not worse than the baseline'],
    ['a doubt', { ...regressedRun.comparison!, reading: 'inconclusive' as const }, 'too close to the baseline to tell'],
    ['no pair', incomparableRun.comparison!, 'not comparable with the baseline'],
  ])('is said in a few words: %s', (_, of, words) => expect(comparisonPhrase(of)).toBe(words))

  test.each([
    ['a drop', { delta_accuracy: -0.0667, interval: [-0.121, -0.012] }, '−6.7 points', '−12.1 to −1.2'],
    ['a rise', { delta_accuracy: 0.05, interval: [0, 0.1] }, '+5.0 points', '±0 to +10.0'],
    ['no change', { delta_accuracy: 0, interval: [-0.02, 0.02] }, '±0 points', '−2.0 to +2.0'],
    ['a very small drop', { delta_accuracy: -0.0001, interval: null }, '−0.01 points', ''],
    ['a drop without a lower bound', { delta_accuracy: -0.5, interval: [null, -0.1] }, '−50.0 points', 'at most −10.0'],
    ['a rise without an upper bound', { delta_accuracy: 0.5, interval: [0.1, null] }, '+50.0 points', 'at least +10.0'],
    ['no pair', { delta_accuracy: null, interval: null }, null, ''],
  ] as const)('is a number of points: %s', (_, { delta_accuracy, interval }, deltaText, intervalText) => {
    expect(read({ delta_accuracy, interval: interval && [interval[0], interval[1]] })).toMatchObject({
      deltaText,
      intervalText,
    })
  })

  test('tells what drop is tolerated and what drop it could have seen', () => {
    expect(read({ margin: 0.01, detectable_drop: 0.084 })).toMatchObject({
      marginText: 'a drop of less than 1 point is tolerated',
      detectableText: 'A drop of 8.4 points or more would have been noticed with a chance of 80 %',
    })
    expect(read({ reading: 'inconclusive', detectable_drop: 0.084 }).detectableText).toBe(
      'A drop of 8.4 points or more would have been noticed with a chance of 80 %; to notice smaller ones takes more examples or repeats',
    )
    expect(read({ detectable_drop: null }).detectableText).toBe('Too few examples to notice any drop')
  })
})

describe('latency and cost', () => {
  test('are left out where one of the runs does not know them', () => {
    expect(read({ latency_ms: null, cost_usd: null }).amounts).toEqual([])
  })

  test.each([
    [
      { base: 640, candidate: 720, delta: 80, interval: [35, 125] },
      '640 ms before, 720 ms now: +80 ms (+35 ms to +125 ms)',
    ],
    [{ base: 640, candidate: 560, delta: -80, interval: null }, '640 ms before, 560 ms now: −80 ms'],
    [{ base: 640, candidate: 640, delta: 0, interval: [0, 0] }, '640 ms before and now'],
    [
      { base: 10_000, candidate: 12_000, delta: 2_000, interval: [1_999, 2_004] },
      '10.0 s before, 12.0 s now: +2.000 s (+1.999 s to +2.004 s)',
    ],
  ] as const)(
    'are said with as many digits as tell the ends of their interval apart',
    ({ interval, ...rest }, text) => {
      const latency_ms = { ...rest, interval: interval && ([...interval] as [number, number]) }
      expect(read({ latency_ms, cost_usd: null }).amounts).toEqual([{ title: 'latency mean', text }])
    },
  )
})

describe('the baseline', () => {
  const baseline = comparison.baseline
  test.each([
    [{}, 'not the same: code, prompts'],
    [{ differs: [] }, 'nothing is known to differ'],
    [{ differs: [], finished_at: null, code: null }, 'what differs is unknown'],
  ])('says what differs', (changes, differs) =>
    expect(read({ baseline: { ...baseline, ...changes } }).differs).toBe(differs),
  )

  test('is named by its commit and its time', () => {
    expect(read()).toMatchObject({ source: 'runs/main', commit: '4f920a8d31c0', moment: '2026-11-19 17:31:08 UTC' })
  })
})

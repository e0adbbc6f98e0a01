import type { Increment } from '@agent-ci/delivery/analysis/counters'
import { boundsOf, bucketsOf, quantileOf, rebucket } from '@agent-ci/delivery/analysis/histogram'
import { describe, expect, test } from '@jest/globals'

const histogram = (pod: string, cumulative: Record<string, number>): Increment[] =>
  Object.entries(cumulative).map(([le, count]) => ({ labels: { pod, le }, count }))

describe('buckets', () => {
  test('cumulative counts become counts between bounds, over all pods', () => {
    const increments = [
      ...histogram('a', { '1': 4, '5': 9, '+Inf': 10 }),
      ...histogram('b', { '1.0': 1, '5.0': 1, '+Inf': 2 }),
    ]
    expect(bucketsOf(increments, boundsOf(increments))).toEqual({ bounds: [1, 5], counts: [5, 5, 2] })
  })

  test('pods of different layouts are added where their bounds agree', () => {
    const increments = [
      ...histogram('a', { '1': 4, '5': 9, '+Inf': 10 }),
      ...histogram('b', { '2.5': 1, '5': 1, '+Inf': 2 }),
    ]
    expect(bucketsOf(increments, boundsOf(increments))).toEqual({ bounds: [5], counts: [10, 2] })
  })

  test('fewer bounds keep every count', () => {
    expect(rebucket({ bounds: [1, 2, 5], counts: [3, 4, 5, 6] }, [2])).toEqual({ bounds: [2], counts: [7, 11] })
  })
})

describe('a quantile', () => {
  const buckets = { bounds: [1, 2, 10], counts: [50, 40, 10, 0] }
  test.each([
    [0.5, 1],
    [0.25, 0.5],
    [0.95, 6],
    [0.99, 9.2],
    [1, 10],
  ])('%f is interpolated to %f', (q, value) => {
    expect(quantileOf(buckets, q)?.value).toBeCloseTo(value, 10)
  })

  test('above the last bound it is known only as more than that', () => {
    expect(quantileOf({ bounds: [1, 10], counts: [90, 0, 10] }, 0.95)).toEqual({ value: 10, saturated: true })
    expect(quantileOf({ bounds: [1, 10], counts: [90, 0, 10] }, 0.9)).toEqual({ value: 1, saturated: false })
  })

  test('there is none without samples', () => {
    expect(quantileOf({ bounds: [1], counts: [0, 0] }, 0.5)).toBeUndefined()
  })
})

import { histogramQuantile } from '@agent-ci/core/statistics/canary/histogram'
import { chooseLatencyBounds } from '@agent-ci/core/statistics/canary/latency-bounds'
import { GUIDE_LIMITS, shareLimits } from '@agent-ci/core/statistics/canary/limits'
import { describe, expect, test } from '@jest/globals'

describe('a quantile of a histogram', () => {
  const bounds = [1, 2, 4]
  test('is interpolated inside its bucket, the first one starting at 0', () => {
    expect(histogramQuantile({ bounds, counts: [10, 10, 0, 0] }, 0.25)).toBe(0.5)
    expect(histogramQuantile({ bounds, counts: [10, 10, 0, 0] }, 0.75)).toBe(1.5)
    expect(histogramQuantile({ bounds, counts: [0, 0, 10, 0] }, 0.5)).toBe(3)
  })
  test('is saturated beyond the last bound: p95 once more than 5 % lie there', () => {
    expect(histogramQuantile({ bounds, counts: [95, 0, 0, 5] }, 0.95)).toBe(1)
    expect(histogramQuantile({ bounds, counts: [94, 0, 0, 6] }, 0.95)).toBe('saturated')
    expect(histogramQuantile({ bounds, counts: [94, 0, 0, 6] }, 0.5)).toBeLessThan(1)
  })
  test('of nothing is not a number', () => {
    expect(histogramQuantile({ bounds, counts: [0, 0, 0, 0] }, 0.5)).toBeNull()
    expect(histogramQuantile({ bounds, counts: [] }, 0.5)).toBeNull()
  })
})

describe('the bounds at which latencies are compared', () => {
  const bounds = [0.1, 0.5, 1, 2.5, 5, 10]
  test('are those nearest to p50, p90 and a point between p95 and p99', () => {
    // Longer than the bounds: 99.9, 80, 48, 11, 2.5 and 0.1 %.
    expect(chooseLatencyBounds({ bounds, counts: [1, 199, 320, 370, 85, 24, 1] })).toEqual([2, 3, 4])
  })
  test('are all different, and fewer where the histogram is coarse', () => {
    expect(chooseLatencyBounds({ bounds: [1], counts: [700, 300] })).toEqual([0])
    expect(chooseLatencyBounds({ bounds: [1], counts: [20, 980] })).toEqual([])
  })
  test('include the lowest one that is hardly ever exceeded, where there are not three others', () => {
    expect(chooseLatencyBounds({ bounds: [1, 10, 30], counts: [700, 300, 0, 0] })).toEqual([0, 1])
    expect(chooseLatencyBounds({ bounds: [10, 30], counts: [1000, 0, 0] })).toEqual([0])
  })
  test('are not chosen from fewer than 200 requests', () => {
    expect(chooseLatencyBounds({ bounds: [1], counts: [100, 99] })).toBeNull()
    expect(chooseLatencyBounds({ bounds: [1], counts: [100, 100] })).toEqual([0])
  })
})

describe('a limit on a percentile', () => {
  test('is one on the share of requests beyond the first bound that the limit does not cut', () => {
    expect(shareLimits(GUIDE_LIMITS, [1, 4, 6, 10])).toEqual([
      { metric: 'errorRate', limit: 0.05, share: 0.05, bound: null },
      { metric: 'p95', limit: 5, share: 0.05, bound: 2 },
      { metric: 'p99', limit: 10, share: 0.01, bound: 3 },
    ])
  })
  test('beyond the last bound cannot be told', () => {
    expect(shareLimits(GUIDE_LIMITS, [1, 4]).map(({ metric }) => metric)).toEqual(['errorRate'])
  })
})

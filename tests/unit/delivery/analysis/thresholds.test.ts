import { errorRateOf, exposureOf, latencyOf } from '@agent-ci/delivery/analysis/packs/http'
import { applyThresholds } from '@agent-ci/delivery/analysis/thresholds'
import { expect, test } from '@jest/globals'

const pack = [errorRateOf('request', { from: 'selectors', total: 'x', bad: 'y' }), latencyOf('z')]

test("without inputs the guide's limits hold", () => {
  expect(applyThresholds(pack, {})).toEqual(pack)
})

test('inputs set the limits, and a limit above the brake moves it', () => {
  const thresholds = { maxErrorRate: 0.2, maxLatencyP95Seconds: 2, maxLatencyP99Seconds: 4, intervalMs: 5_000 }
  expect(applyThresholds(pack, thresholds)).toMatchObject([
    { limits: { max: 0.2, brake: 0.2 }, intervalMs: 5_000 },
    { quantiles: [{ q: 0.5, limits: {} }, { limits: { max: 2, brake: 30 } }, { limits: { max: 4 } }] },
  ])
})

test('a limit gives no brake to what has none, and none to other metrics', () => {
  const [, latency] = applyThresholds(pack, { maxLatencyP95Seconds: 2, maxLatencyP99Seconds: 4 })
  expect(latency).toMatchObject({
    quantiles: [
      { q: 0.5, limits: {} },
      { q: 0.95, limits: { max: 2, brake: 30 } },
      { q: 0.99, limits: { max: 4 } },
    ],
  })
  expect(latency).not.toHaveProperty('quantiles.2.limits.brake')
  expect(latency).not.toHaveProperty('quantiles.0.limits.max')
  const value = exposureOf((place) => place)
  const others = [
    { ...latencyOf('z'), name: 'first-token' },
    { ...latencyOf('z'), name: 'spend' },
    value,
    { ...value, name: 'latency' },
  ]
  expect(applyThresholds(others, { maxLatencyP95Seconds: 2, maxSpendUsd: 3 })).toEqual(others)
})

test('what the canary may spend is a brake, and makes the spend more than a thing to look at', () => {
  const spend = { ...exposureOf((place) => place), name: 'spend' }
  expect(applyThresholds([spend], { maxSpendUsd: 3 })).toEqual([{ ...spend, limits: { brake: 3 }, dryRun: false }])
  expect(applyThresholds([spend], { maxErrorRate: 0.2 })).toEqual([spend])
})

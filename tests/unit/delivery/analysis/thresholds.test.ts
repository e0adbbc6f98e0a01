import { errorRateOf, latencyOf } from '@agent-ci/delivery/analysis/packs/http'
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

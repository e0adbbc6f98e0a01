import { proxySettings } from '@agent-ci/core/proxy'
import { errorMetric, latencyMetric, readBaseline } from '@agent-ci/delivery/analysis/baseline'
import type { Metric } from '@agent-ci/delivery/analysis/metric'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { httpMetrics } from '@agent-ci/delivery/analysis/packs/http'
import { PrometheusClient } from '@agent-ci/delivery/analysis/prometheus/client'
import { parseEndpoint } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import type { Arms } from '@agent-ci/delivery/analysis/prometheus/selector'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { BOUNDS, PlayedPrometheus } from './played-prometheus.ts'

const ARMS: Arms = {
  canary: [{ label: 'track', operator: '=', value: 'canary' }],
  stable: [{ label: 'track', operator: '=', value: 'stable' }],
}

let prometheus: PlayedPrometheus
let client: PrometheusClient
beforeEach(async () => {
  prometheus = new PlayedPrometheus()
  client = new PrometheusClient({ ...parseEndpoint(await prometheus.start()), proxies: proxySettings({}) })
})
afterEach(() => prometheus.stop())

const read = (metrics: readonly Metric[]) =>
  readBaseline(metrics, { client, arms: ARMS, signal: new AbortController().signal })
const fromFile = async (...metrics: readonly object[]) =>
  (await parseMetricsFile(JSON.stringify({ metrics }), 'm.json')).metrics
const SELECTED = await fromFile(
  { kind: 'error-rate', name: 'errors', total: 'n_total{selector}', bad: 'n_total{selector,status="error"}' },
  { kind: 'latency', name: 'took', buckets: 'seconds_bucket{selector}' },
)
const LABELLED = httpMetrics(
  new Map([
    ['requests', 'n_total'],
    ['duration', 'seconds'],
  ]),
  { label: 'status', pattern: 'error|failed' },
)

test.each([
  ['by selectors', SELECTED],
  ['by labels', LABELLED],
])('what stable did before is counted, errors %s', async (_, metrics) => {
  prometheus.arms.stable = { requests: 20, errors: 1, seconds: [0.05, 0.3, 0.3, 0.9] }
  prometheus.pass(91)
  expect(await read(metrics)).toEqual({
    bounds: [...BOUNDS],
    stable: { requests: 1_800, errors: 90, durations: [450, 900, 450, 0, 0] },
    requestsPerSecond: 1,
  })
})

test('a stable side without a request has bounds, and nothing else', async () => {
  expect(await read(SELECTED)).toEqual({
    bounds: [...BOUNDS],
    stable: { requests: 0, errors: 0, durations: [0, 0, 0, 0, 0] },
    requestsPerSecond: 0,
  })
})

test('without metrics of errors and latency nothing is asked', async () => {
  prometheus.down = true
  const metrics = await fromFile({ kind: 'value', name: 'own', query: 'own{$c}', max: 1 })
  expect(await read(metrics)).toMatchObject({ bounds: [], stable: { requests: 0, errors: 0, durations: [] } })
  expect([errorMetric(metrics), latencyMetric(metrics)]).toEqual([undefined, undefined])
})

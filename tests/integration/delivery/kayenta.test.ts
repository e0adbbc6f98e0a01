import { proxySettings } from '@agent-ci/core/proxy'
import { measure } from '@agent-ci/delivery/analysis/measure'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { preflightMetrics } from '@agent-ci/delivery/analysis/preflight'
import { PrometheusClient } from '@agent-ci/delivery/analysis/prometheus/client'
import { parseEndpoint } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import type { Arms } from '@agent-ci/delivery/analysis/prometheus/selector'
import { readMetric, startReading } from '@agent-ci/delivery/analysis/read'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { MetricsServer } from './metrics-server.ts'
import { PrometheusServer } from './prometheus-server.ts'

const signal = new AbortController().signal
const arms: Arms = {
  canary: [{ label: 'track', operator: '=', value: 'canary' }],
  stable: [{ label: 'track', operator: '=', value: 'stable' }],
}

let servers: MetricsServer[]
let prometheus: PrometheusServer
let client: PrometheusClient

beforeAll(async () => {
  servers = await Promise.all([MetricsServer.start(), MetricsServer.start()])
  for (const [i, server] of servers.entries()) {
    server.set('agent_same', {}, 10)
    server.set('agent_tokens', {}, i === 0 ? 10 : 14)
    server.set('agent_part', { part: 'a' }, 1)
    server.set('agent_part', { part: 'b' }, 1)
  }
  servers[0]!.set('agent_stable_only', {}, 1)
  prometheus = await PrometheusServer.start(
    servers.map(({ address }, i) => ({ address, labels: { track: i === 0 ? 'stable' : 'canary' } })),
    '/prometheus',
  )
  client = new PrometheusClient({ ...parseEndpoint(`${prometheus.url}/`), proxies: proxySettings({}) })
  const points = 'min(count_over_time((sum by (track) (agent_same))[1m:1s]))'
  await prometheus.untilQuery(points, (count) => count >= 8)
}, 60_000)

afterAll(async () => {
  await prometheus?.stop()
  await Promise.all(servers.map((server) => server.stop()))
})

/** A series that goes up and down, the same way on both sides. */
const moving = (name: string) => `sum(${name}{selector}) * (1 + 0.05 * scalar(sin(vector(time()))))`

async function judged(series: readonly object[], more: object = {}) {
  const file = {
    metrics: [{ name: 'kayenta', kind: 'kayenta', step: '1s', window: '1m', min_samples: 8, ...more, series }],
  }
  const { metrics } = await parseMetricsFile(JSON.stringify(file), 'metrics.yaml')
  const atMs = await client.serverTimeMs(signal)
  const { reading, memory } = await readMetric(metrics[0]!, startReading(atMs), { client, arms, atMs, signal })
  const { phase, value, reason } = measure(metrics[0]!, reading, memory.tally)
  return { phase, value, reason }
}

test('series alike score 100', async () => {
  expect(await judged([{ name: 'same', query: moving('agent_same') }])).toEqual({
    phase: 'pass',
    value: 100,
    reason: 'score 100 of 100 (passes from 95, fails below 75)',
  })
})

test('a series that went up fails, with by how much; in the other direction it does not', async () => {
  const tokens = { name: 'tokens', query: moving('agent_tokens') }
  expect(await judged([{ ...tokens, direction: 'increase' }])).toEqual({
    phase: 'fail',
    value: 0,
    reason: expect.stringMatching(
      /^score 0 of 100 \(passes from 95, fails below 75\), tokens is high by [\d.]+ to [\d.]+, 1\.4 times stable's mean$/,
    ),
  })
  expect(await judged([{ ...tokens, direction: 'decrease' }])).toMatchObject({ phase: 'pass', value: 100 })
  expect(await judged([{ ...tokens, allowed_increase: 1.5 }])).toMatchObject({ phase: 'pass', value: 100 })
})

test('weights make the score; between its limits it is inconclusive, and a critical series makes it 0', async () => {
  const series = [
    { name: 'same', query: moving('agent_same'), weight: 4 },
    { name: 'tokens', query: moving('agent_tokens'), direction: 'increase' },
  ]
  expect(await judged(series)).toMatchObject({ phase: 'inconclusive', value: 80 })
  expect(await judged(series, { pass: 80 })).toMatchObject({ phase: 'pass', value: 80 })
  const critical = [series[0]!, { ...series[1]!, critical: true }]
  expect(await judged(critical)).toMatchObject({
    phase: 'fail',
    value: 0,
    reason: expect.stringContaining('critical tokens is high'),
  })
})

test('too few points are insufficient, none are no data, and neither is a pass', async () => {
  const same = { name: 'same', query: moving('agent_same') }
  expect(await judged([same], { min_samples: 500 })).toMatchObject({
    phase: 'insufficient',
    reason: expect.stringMatching(/^same has \d+ of the 500 points that kayenta needs$/),
  })
  expect(await judged([same, { name: 'lost', query: 'sum(agent_stable_only{selector})' }])).toMatchObject({
    phase: 'noData',
    reason: 'lost has no points of canary and stable at the same times',
  })
  const nan = { name: 'nan', query: 'sum(agent_same{selector}) * NaN' }
  expect(await judged([nan])).toMatchObject({ phase: 'noData' })
  // As Kayenta has it, where it is asked for: what is not there is 0, the same on both sides.
  expect(await judged([{ ...nan, nan: 'replace' }])).toMatchObject({ phase: 'pass', value: 100 })
})

test('what is no single series of numbers is an error', async () => {
  expect(await judged([{ name: 'part', query: 'agent_part{selector}' }])).toMatchObject({
    phase: 'error',
    reason: expect.stringMatching(/^part answers 2 series .*; expected one/),
  })
  expect(await judged([{ name: 'endless', query: 'sum(agent_same{selector}) / 0' }])).toMatchObject({
    phase: 'error',
    reason: 'endless is +Inf',
  })
})

test('its queries are asked before a rollout begins', async () => {
  const text = JSON.stringify({
    metrics: [{ name: 'kayenta', kind: 'kayenta', series: [{ name: 'bad', query: 'sum(x{selector}' }] }],
  })
  const { metrics } = await parseMetricsFile(text, 'metrics.yaml')
  const { problems } = await preflightMetrics(metrics, { client, arms, signal })
  expect(problems[0]).toMatch(/^kayenta of canary: .*parse error/)
})

test.each([
  [{ query: 'sum(x)' }, 'metrics.0.series.0.query cannot be asked for stable'],
  [{ query: 'rate(x{selector}[$w])' }, 'metrics.0.series.0.query has $w'],
  [{ query: 'x{selector}', weigth: 2 }, '"weigth" is not a key of metrics.0.series.0'],
])('%j is refused: %s', async (series, what) => {
  const file = { metrics: [{ name: 'kayenta', kind: 'kayenta', series: [{ name: 'one', ...series }] }] }
  await expect(parseMetricsFile(JSON.stringify(file), 'metrics.yaml')).rejects.toThrow(what)
})

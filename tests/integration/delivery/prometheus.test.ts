import { proxySettings } from '@agent-ci/core/proxy'
import { boundsOf, bucketsOf, quantileOf } from '@agent-ci/delivery/analysis/histogram'
import { measure } from '@agent-ci/delivery/analysis/measure'
import type { Metric } from '@agent-ci/delivery/analysis/metric'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { detectPack } from '@agent-ci/delivery/analysis/packs/detect'
import { preflightMetrics } from '@agent-ci/delivery/analysis/preflight'
import { detectArms } from '@agent-ci/delivery/analysis/prometheus/arms'
import { PrometheusClient } from '@agent-ci/delivery/analysis/prometheus/client'
import { parseEndpoint } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import type { Arms } from '@agent-ci/delivery/analysis/prometheus/selector'
import { readMetric, startReading } from '@agent-ci/delivery/analysis/read'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { MetricsServer } from './metrics-server.ts'
import { PrometheusServer } from './prometheus-server.ts'

const signal = new AbortController().signal
const detection = { within: [], withPods: false, signal }
const arms: Arms = {
  canary: [{ label: 'track', operator: '=', value: 'canary' }],
  stable: [{ label: 'track', operator: '=', value: 'stable' }],
}

let stable: MetricsServer
let canary: MetricsServer
let kube: MetricsServer
let prometheus: PrometheusServer
let client: PrometheusClient

const targets = () => [
  { address: stable.address, labels: { track: 'stable', pod: 'agent-service-aaa-1', namespace: 'prod' } },
  { address: canary.address, labels: { track: 'canary', pod: 'agent-service-canary-bbb-1', namespace: 'prod' } },
]
const cluster = () => ({ address: kube.address, labels: { monitor: 'kube-state-metrics' } })

beforeAll(async () => {
  ;[stable, canary, kube] = await Promise.all([MetricsServer.start(), MetricsServer.start(), MetricsServer.start()])
  stable.requests({ ok: 1_000, errors: 20, model: 'big-1' })
  stable.runs({ runs: 10, tools: 20 })
  kube.set('kube_pod_container_status_restarts_total', { namespace: 'prod', pod: 'agent-service-aaa-1' }, 3)
  prometheus = await PrometheusServer.start([...targets().slice(0, 1), cluster()], '/prometheus')
  client = new PrometheusClient({ ...parseEndpoint(`${prometheus.url}/`), proxies: proxySettings({}) })
}, 60_000)

afterAll(async () => {
  await prometheus?.stop()
  await Promise.all([stable, canary, kube].map((server) => server?.stop()))
})

async function metricOf(pack: 'http' | 'genai', name: string): Promise<Metric> {
  const { metrics } = await detectPack(client, pack, detection)
  return metrics.find((metric) => metric.name === name)!
}

describe('a rollout on a real Prometheus', () => {
  test('before the canary exists: arms and traffic are found, and every query is answered', async () => {
    const pack = await detectPack(client, 'http', detection)
    await prometheus.untilQuery('min(count_over_time(agent_requests_total[1m]))', (scrapes) => scrapes >= 2)
    expect(pack.mapping).toEqual([
      'requests -> agent_requests_total',
      'duration -> agent_request_duration_seconds',
      'errors -> status=~"error|errors|failed|failure|timeout|5.."',
    ])
    const detected = await detectArms(
      client,
      pack.requests,
      { namespace: 'prod', canary: { track: 'canary' }, stable: { track: 'stable' } },
      signal,
    )
    expect(detected.description).toBe('track="canary" (0 series) against track="stable" (2 series)')
    const preflight = await preflightMetrics(pack.metrics, { client, arms: detected.arms, signal })
    expect(preflight.problems).toEqual([])
    expect(preflight.infos).toEqual([
      'latency p95: the limit 30 is above the last bucket (10), so a value above 10 cannot be told from one above 30',
    ])
    expect(preflight.requestsPerSecond).toBeGreaterThanOrEqual(0)
    const statuses = Object.fromEntries(
      preflight.queries.map(({ metric, arm, status }) => [`${metric} ${arm}`, status]),
    )
    expect(statuses).toMatchObject({
      'error-rate canary': 'noData',
      'error-rate stable': 'found',
      'latency stable': 'found',
    })
  })

  test('a fresh canary is counted from its first request on, and stable from the start of the step', async () => {
    const metric = await metricOf('http', 'error-rate')
    const startMs = await client.serverTimeMs(signal)
    canary.requests({ ok: 5 })
    await prometheus.retarget([...targets(), cluster()])
    stable.requests({ ok: 90, errors: 10 })
    await prometheus.untilQuery('sum(agent_requests_total{track="stable"})', (value) => value === 1_120)
    const first = await readMetric(metric, startReading(startMs), {
      client,
      arms,
      atMs: await client.serverTimeMs(signal),
      signal,
    })
    expect(first.reading).toMatchObject({
      kind: 'counts',
      arms: { canary: { bad: 0, total: 5 }, stable: { bad: 10, total: 100 } },
    })

    // The canary's process restarts and then serves fewer requests than it had before.
    canary.restart()
    canary.requests({ ok: 1, errors: 2 })
    await prometheus.untilQuery('sum(agent_requests_total{track="canary"})', (value) => value === 3)
    const second = await readMetric(metric, JSON.parse(JSON.stringify(first.memory)), {
      client,
      arms,
      atMs: await client.serverTimeMs(signal),
      signal,
    })
    expect(second.reading).toMatchObject({
      arms: { canary: { bad: 2, total: 3 }, stable: { bad: 0, total: 0 } },
    })
    expect(measure({ ...metric, minSamples: 5 } as Metric, second.reading, second.memory.tally)).toMatchObject({
      phase: 'fail',
      brake: true,
      value: 0.25,
      reason: 'error-rate 25 % is above 10 %, where a release goes back at once',
    })
  })

  test('latency comes from the buckets of each arm', async () => {
    const metric = await metricOf('http', 'latency')
    const startMs = await client.serverTimeMs(signal)
    await prometheus.untilQuery('vector(time())', (value) => value * 1_000 > startMs + 1_000)
    const baseline = await readMetric(metric, startReading(startMs), {
      client,
      arms,
      atMs: await client.serverTimeMs(signal),
      signal,
    })
    stable.requests({ ok: 100, seconds: 0.3 })
    canary.requests({ ok: 60, seconds: 0.3 })
    canary.requests({ ok: 40, seconds: 8 })
    await prometheus.untilQuery('sum(agent_request_duration_seconds_count{track="canary"})', (value) => value === 103)
    await prometheus.untilQuery('sum(agent_request_duration_seconds_count{track="stable"})', (value) => value === 1_220)
    const { reading, memory } = await readMetric(metric, baseline.memory, {
      client,
      arms,
      atMs: await client.serverTimeMs(signal),
      signal,
    })
    expect(reading).toMatchObject({
      kind: 'buckets',
      arms: {
        canary: { bounds: [0.1, 0.5, 1, 2.5, 5, 10], counts: [0, 60, 0, 0, 0, 40, 0] },
        stable: { counts: [0, 100, 0, 0, 0, 0, 0] },
      },
    })
    const all = 'sum by (le)(agent_request_duration_seconds_bucket{track="canary"})'
    const { series } = await client.query(all, { signal })
    const raw = series.map(({ labels, samples }) => ({ labels, count: samples[0]!.value }))
    for (const q of [0.5, 0.9, 0.95]) {
      const { sample } = await client.value(`histogram_quantile(${q}, ${all})`, { signal })
      expect(quantileOf(bucketsOf(raw, boundsOf(raw)), q)?.value).toBeCloseTo(sample!.value, 9)
    }
    expect(measure(metric, reading, memory.tally)).toMatchObject({
      phase: 'fail',
      reason: 'latency p95 9.38 s is above 5 s',
    })
  })

  test('the pack genai finds its names, counts sessions, and sees a swapped model, longer loops and an unpriced model', async () => {
    const pack = await detectPack(client, 'genai', detection)
    expect(pack.mapping).toContain('agent runs -> gen_ai_invoke_agent_duration_seconds')
    expect(pack.mapping).toContain('prices -> (not found)')
    expect(pack.metrics.find(({ name }) => name === 'error-rate')?.unit).toBe('session')
    canary.requests({ ok: 50, model: 'small-2' })
    canary.runs({ runs: 10, tools: 60, failedTools: 6 })
    kube.set('llm_price_usd_per_token', { gen_ai_request_model: 'big-1', gen_ai_token_type: 'output' }, 1e-5)
    kube.set('llm_price_usd_per_token', { gen_ai_request_model: 'big-1', gen_ai_token_type: 'input' }, 1e-6)
    await prometheus.untilQuery('count(llm_price_usd_per_token)', (value) => value === 2)
    const before = 'gen_ai_invoke_agent_duration_seconds_count{track="canary"}'
    await prometheus.untilQuery(before, (value) => value === 10)
    canary.requests({ ok: 50, model: 'small-2' })
    canary.runs({ runs: 40, tools: 240 })
    stable.requests({ ok: 50, model: 'big-1' })
    stable.runs({ runs: 40, tools: 80 })
    await prometheus.untilQuery(before, (value) => value === 50)
    await prometheus.untilQuery('gen_ai_invoke_agent_duration_seconds_count{track="stable"}', (value) => value === 50)
    const { metrics } = await detectPack(client, 'genai', detection)
    const found = new Map<string, string>()
    for (const metric of metrics) {
      const atMs = await client.serverTimeMs(signal)
      const { reading, memory } = await readMetric(metric, startReading(atMs - 30_000), { client, arms, atMs, signal })
      const { phase, reason } = measure(metric, reading, memory.tally)
      found.set(metric.name, `${phase}: ${reason}`)
    }
    expect([...found.values()].filter((text) => text.startsWith('error'))).toEqual([])
    expect((await preflightMetrics(metrics, { client, arms, signal })).problems).toEqual([])
    expect(found.get('model-drift')).toBe(
      'inconclusive: models answer for the canary that stable does not use: small-2',
    )
    expect(found.get('unpriced-models')).toMatch(/^inconclusive: tokens of models without a price .*small-2/)
    expect(found.get('tool-calls-per-run')).toMatch(
      /^inconclusive: tool-calls-per-run [56]\S* calls against stable's [12]\S* calls is more than 1.5 times$/,
    )
    expect(found.get('tool-error-rate')).toBe('pass: tool-error-rate 2 %')
    expect(found.get('exposure')).toMatch(/^pass: exposure \d+(\.\d)? %$/)
  })

  test('what a request costs is compared with stable, and what the canary has spent is known', async () => {
    kube.set('llm_price_usd_per_token', { gen_ai_request_model: 'small-2', gen_ai_token_type: 'output' }, 1e-3)
    kube.set('llm_price_usd_per_token', { gen_ai_request_model: 'small-2', gen_ai_token_type: 'input' }, 1e-4)
    await prometheus.untilQuery('count(llm_price_usd_per_token)', (value) => value === 4)
    const ask = async (name: string) => {
      const metric = await metricOf('genai', name)
      const atMs = await client.serverTimeMs(signal)
      const { reading, memory } = await readMetric(metric, startReading(atMs), { client, arms, atMs, signal })
      return measure(metric, reading, memory.tally)
    }
    expect((await ask('unpriced-models')).phase).toBe('pass')
    expect(await ask('cost-per-request')).toMatchObject({
      phase: 'inconclusive',
      reason: expect.stringMatching(
        /^cost-per-request 0\.1\d* USD against stable's 0\.00\d* USD is more than 1\.2 times$/,
      ),
    })
    // 100 calls of 50 tokens in and 100 out.
    expect((await ask('spend')).value).toBeCloseTo(100 * (50 * 1e-4 + 100 * 1e-3), 9)
  })

  test("restarts and OOM kills are those of the canary's pods", async () => {
    const canaryPod = { namespace: 'prod', pod: 'agent-service-canary-bbb-1' }
    kube.set('kube_pod_container_status_restarts_total', canaryPod, 0)
    kube.set(
      'kube_pod_container_status_last_terminated_reason',
      { namespace: 'prod', pod: 'other', reason: 'OOMKilled' },
      1,
    )
    await prometheus.untilQuery('count(kube_pod_container_status_restarts_total)', (value) => value === 2)
    const { metrics } = await detectPack(client, 'http', { ...detection, withPods: true })
    const { arms: withPods } = await detectArms(
      client,
      'agent_requests_total',
      {
        namespace: 'prod',
        canary: { track: 'canary', podPrefix: 'agent-service-canary-' },
        stable: { track: 'stable', podPrefix: 'agent-service-' },
      },
      signal,
    )
    const ask = async (name: string) => {
      const metric = metrics.find((one) => one.name === name)!
      const atMs = await client.serverTimeMs(signal)
      const { reading, memory } = await readMetric(metric, startReading(atMs), { client, arms: withPods, atMs, signal })
      return measure(metric, reading, memory.tally).reason
    }
    expect([await ask('restarts'), await ask('oom-kills')]).toEqual(['restarts 0 restarts', 'oom-kills 0 containers'])
    kube.set('kube_pod_container_status_restarts_total', canaryPod, 1)
    kube.set('kube_pod_container_status_last_terminated_reason', { ...canaryPod, reason: 'OOMKilled' }, 1)
    await prometheus.untilQuery('sum(kube_pod_container_status_last_terminated_reason)', (value) => value === 2)
    expect([await ask('restarts'), await ask('oom-kills')]).toEqual([
      'restarts 1 restarts is above 0 restarts',
      'oom-kills 1 containers is above 0 containers',
    ])
  })

  test('healthy without one error reads 0, and no traffic reads no data', async () => {
    const { metrics } = await parseMetricsFile(
      `metrics:
  - name: rate
    kind: value
    query: >-
      (sum(increase(agent_requests_total{selector,status="nothing"}[$w])) or vector(0))
      / (sum(increase(agent_requests_total{selector}[$w])) > 0)
    max: 5%
`,
      'metrics.yaml',
    )
    const atMs = await client.serverTimeMs(signal)
    const ask = (which: Arms) => readMetric(metrics[0]!, startReading(atMs), { client, arms: which, atMs, signal })
    expect((await ask(arms)).reading).toMatchObject({ kind: 'value', canary: 0 })
    const nobody: Arms = { ...arms, canary: [{ label: 'track', operator: '=', value: 'nobody' }] }
    expect((await ask(nobody)).reading).toMatchObject({ kind: 'value', canary: undefined })
  })

  test.each([
    ['sum(', /^Prometheus refused the query: .*parse error.*bad_data, HTTP 400/],
    ['agent_requests_total', /^The query answers \d+ series .*expected one/],
    ['agent_requests_total[5s]', /^The query answers a matrix; expected a number or an instant vector$/],
    ['"text"', /^The query answers a string; expected a number or an instant vector$/],
  ])('the query %s is refused with what is wrong with it', async (query, message) => {
    const asked = client.value(query, { signal })
    await expect(asked).rejects.toThrow(message)
    await expect(asked).rejects.toMatchObject({ kind: 'query' })
  })

  test('a query longer than a request line may be is sent as a form', async () => {
    const long = `sum(agent_requests_total{track=~"stable${'|x'.repeat(5_000)}"})`
    expect((await client.value(long, { signal })).sample?.value).toBeGreaterThan(1_000)
  })

  test('arms without a label of their own are told by the names of their pods', async () => {
    const detected = await detectArms(
      client,
      'agent_requests_total',
      {
        namespace: 'prod',
        canary: { version: '2', podPrefix: 'agent-service-canary-' },
        stable: { version: '1', podPrefix: 'agent-service-' },
      },
      signal,
    )
    expect(detected.description).toMatch(
      /^pod=~"agent-service-canary-\.\*" \(2 series\) against pod=~"agent-service-\.\*",pod!~"agent-service-canary-\.\*" \(2 series\)$/,
    )
  })

  test('after a promotion the pods of stable may be gone, before one they may not', async () => {
    const identities = {
      namespace: 'prod',
      canary: { podPrefix: 'agent-service-' },
      stable: { podPrefix: 'agent-service-gone-' },
    }
    const detected = await detectArms(client, 'agent_requests_total', { ...identities, stableMayBeGone: true }, signal)
    expect(detected.description).toMatch(/\([1-9] series\) against .*\(0 series\)$/)
    await expect(detectArms(client, 'agent_requests_total', identities, signal)).rejects.toThrow('No label tells')
  })

  test('where no label tells the arms apart, what was searched and found is said', async () => {
    await expect(
      detectArms(client, 'agent_requests_total', { canary: { version: '2' }, stable: { version: '1' } }, signal),
    ).rejects.toThrow(/Searched for series with version="1" or service_version="1".*carry namespace/)
  })
})

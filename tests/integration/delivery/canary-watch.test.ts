import { proxySettings } from '@agent-ci/core/proxy'
import { type CanaryPlan, DEFAULT_PLAN } from '@agent-ci/core/statistics/canary/plan'
import { CanaryWatch, type CanaryWatchOptions } from '@agent-ci/delivery/analysis/canary-watch'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { PrometheusClient } from '@agent-ci/delivery/analysis/prometheus/client'
import { parseEndpoint } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import type { Arms } from '@agent-ci/delivery/analysis/prometheus/selector'
import type { Look } from '@agent-ci/delivery/rollout/watch'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { BOUNDS, PlayedPrometheus } from './played-prometheus.ts'

const ARMS: Arms = {
  canary: [{ label: 'track', operator: '=', value: 'canary' }],
  stable: [{ label: 'track', operator: '=', value: 'stable' }],
}
const COUNTED = [
  {
    kind: 'error-rate',
    name: 'error-rate',
    total: 'requests_total{selector}',
    bad: 'requests_total{selector,status="error"}',
  },
  { kind: 'latency', name: 'latency', buckets: 'seconds_bucket{selector}' },
]
const PLAN: CanaryPlan = { ...DEFAULT_PLAN, durationBounds: BOUNDS, minSeconds: 20, plannedChecks: 60 }
const STEP = { index: 0, asked: 10, real: 12 }
const INTERVAL = 10
/** What stable did in the minute before. */
const BEFORE = { requests: 2_400, errors: 0, durations: [600, 1_200, 600, 0, 0] }
const USUAL = [0.05, 0.3, 0.3, 0.9]
const signal = new AbortController().signal

let prometheus: PlayedPrometheus
let client: PrometheusClient
beforeEach(async () => {
  prometheus = new PlayedPrometheus()
  client = new PrometheusClient({ ...parseEndpoint(await prometheus.start()), proxies: proxySettings({}) })
  prometheus.arms.stable = { requests: 40, errors: 0, seconds: USUAL }
  prometheus.pass(60)
})
afterEach(() => prometheus.stop())

async function watchOf(
  more: readonly object[] = [],
  kept?: string,
  routeWeight = async (): Promise<number | undefined> => 12,
  options: Partial<CanaryWatchOptions> = {},
) {
  const { metrics } = await parseMetricsFile(JSON.stringify({ metrics: [...COUNTED, ...more] }), 'metrics.json')
  const common = { client, arms: ARMS, metrics, plan: PLAN, before: BEFORE, intervalMs: INTERVAL * 1_000 }
  return new CanaryWatch({ ...common, date: () => prometheus.date, routeWeight, ...options }, kept)
}

async function looks(watch: CanaryWatch, count: number): Promise<Look[]> {
  const all: Look[] = []
  for (let each = 0; each < count; each++) {
    prometheus.pass(INTERVAL)
    all.push(await watch.look(signal))
  }
  return all
}

const decisions = (all: readonly Look[]) => all.map(({ decision }) => decision)

test('a good canary is held for its least time and then shown to be good, with its numbers', async () => {
  const watch = await watchOf()
  await watch.begin(STEP)
  prometheus.arms.canary = { requests: 10, errors: 0, seconds: USUAL }
  const all = await looks(watch, 3)
  expect(decisions(all)).toEqual(['hold', 'hold', 'advance'])
  expect(all.slice(0, 2).map(({ reason }) => reason)).toEqual([
    'watched for 10 of at least 20 s',
    'compared with stable at 2 of at least 3 checks',
  ])
  expect(all[2]).toMatchObject({
    metric: null,
    reason: 'error rate 0.0 % of 300 requests, shown to be below its limit',
    check: {
      step: 0,
      weight: { asked: 10, route: 12, served: 20 },
      canary: { requests: 300, errors: 0, error_rate: 0 },
      stable: { requests: 1_200, errors: 0 },
      evidence: { limit: expect.closeTo(50, 6) },
    },
  })
  expect(all[2]!.check.canary.p95_ms).toBeGreaterThan(500)
  expect(all[2]!.check.canary.p95_ms).toBeLessThanOrEqual(1_000)
})

test('a canary that fails a third of its requests is taken back for it', async () => {
  const watch = await watchOf()
  await watch.begin(STEP)
  prometheus.arms.canary = { requests: 9, errors: 3, seconds: USUAL }
  const [first] = await looks(watch, 1)
  expect(first).toMatchObject({ decision: 'rollBack', metric: 'error-rate' })
})

test('a canary that is much slower is taken back for that', async () => {
  const watch = await watchOf()
  await watch.begin(STEP)
  prometheus.arms.canary = { requests: 10, errors: 0, seconds: USUAL.map((each) => each * 3) }
  const all = await looks(watch, 6)
  expect(all.at(-1)).toMatchObject({ decision: 'rollBack', metric: 'latency' })
})

test('a promoted release, which nothing is beside, is judged by its limits alone', async () => {
  const watch = await watchOf([], undefined, undefined, {
    arms: { ...ARMS, canary: ARMS.stable },
    plan: { ...PLAN, compare: false, minSeconds: 0 },
  })
  await watch.begin(STEP)
  const [good] = await looks(watch, 1)
  expect(good).toMatchObject({ decision: 'advance', check: { stable: { requests: null }, weight: { served: null } } })
  prometheus.arms.stable = { requests: 40, errors: 12, seconds: USUAL }
  const [bad] = await looks(watch, 1)
  expect(bad).toMatchObject({ decision: 'rollBack', metric: 'error-rate' })
})

test('no request to the canary is no reason to go on, however long it lasts', async () => {
  const watch = await watchOf()
  await watch.begin(STEP)
  const all = await looks(watch, 20)
  expect(new Set(decisions(all))).toEqual(new Set(['hold']))
})

test('a server that is down is borne for four looks and no more', async () => {
  const watch = await watchOf()
  await watch.begin(STEP)
  prometheus.arms.canary = { requests: 10, errors: 0, seconds: USUAL }
  await looks(watch, 1)
  prometheus.down = true
  const all = await looks(watch, 5)
  expect(decisions(all)).toEqual(['hold', 'hold', 'hold', 'hold', 'rollBack'])
  expect(all[4]!.reason).toMatch(/5 errors in a row: .*503/)
})

test('what happened while the server was down is counted when it is back', async () => {
  const watch = await watchOf()
  await watch.begin(STEP)
  prometheus.arms.canary = { requests: 10, errors: 0, seconds: USUAL }
  prometheus.down = true
  await looks(watch, 3)
  prometheus.down = false
  const all = await looks(watch, 3)
  expect(all[0]!.check).toMatchObject({ canary: { requests: 400 } })
  expect(decisions(all)).toEqual(['hold', 'hold', 'advance'])
})

test('a run that goes on where another one stopped has learnt what that one had', async () => {
  const whole = await watchOf()
  await whole.begin(STEP)
  prometheus.arms.canary = { requests: 10, errors: 1, seconds: USUAL }
  await looks(whole, 2)
  const second = await watchOf([], whole.state())
  await second.begin({ index: 1, asked: 50, real: 50 })
  await whole.begin({ index: 1, asked: 50, real: 50 })
  prometheus.pass(INTERVAL)
  expect(await second.look(signal)).toEqual(await whole.look(signal))
  expect((await watchOf()).state()).toBe('')
})

test('the weight of a route that does not answer is not known, and no more', async () => {
  const watch = await watchOf([], undefined, () => Promise.reject(new Error('the API server is away')))
  await watch.begin(STEP)
  prometheus.arms.canary = { requests: 10, errors: 0, seconds: USUAL }
  expect((await looks(watch, 3))[2]).toMatchObject({
    decision: 'advance',
    check: { weight: { asked: 10, route: null } },
  })
})

const OWN = { kind: 'value', name: 'groundedness', query: 'groundedness{$c}', min: 0.8 }

test.each<[string, object, readonly string[], Partial<Look>]>([
  [
    'a metric of one’s own beyond its limit takes the canary back',
    OWN,
    ['0.5'],
    { decision: 'rollBack', metric: 'groundedness' },
  ],
  ['one within its limit lets it go on', OWN, ['0.9'], { decision: 'advance' }],
  ['one without data holds it', OWN, [], { decision: 'hold', metric: 'groundedness' }],
  ['one that answers NaN holds it', OWN, ['NaN'], { decision: 'hold', metric: 'groundedness' }],
  ['one that only shall be shown decides nothing', { ...OWN, dry_run: true }, ['0.5'], { decision: 'advance' }],
  [
    'one whose broken limit is a matter for people holds it',
    { ...OWN, on_violation: 'inconclusive' },
    ['0.5'],
    { decision: 'hold', metric: 'groundedness' },
  ],
])('%s', async (_, metric, values, wanted) => {
  prometheus.values.set('groundedness', values)
  const watch = await watchOf([metric])
  await watch.begin(STEP)
  prometheus.arms.canary = { requests: 10, errors: 0, seconds: USUAL }
  const all = await looks(watch, 3)
  expect(all.at(-1)).toMatchObject(wanted)
  expect(all[0]!.check.metrics).toMatchObject([{ name: 'groundedness' }])
})

test('a metric that only shall be shown is shown at every look', async () => {
  prometheus.values.set('groundedness', ['0.5'])
  const watch = await watchOf([{ ...OWN, dry_run: true }])
  await watch.begin(STEP)
  prometheus.arms.canary = { requests: 10, errors: 0, seconds: USUAL }
  const shown = (await looks(watch, 3)).map(({ check }) => check.metrics.map(({ result }) => result))
  expect(shown).toEqual([['fail'], ['fail'], ['fail']])
})

test('a finding where there must be none takes the canary back, once there is evidence', async () => {
  prometheus.values.set('models{', ['1'])
  prometheus.values.set('evidence{', [])
  const watch = await watchOf([
    {
      kind: 'empty',
      name: 'model-drift',
      query: 'models{$c}',
      evidence: 'evidence{$c}',
      finding: 'models that are new',
    },
  ])
  await watch.begin(STEP)
  prometheus.arms.canary = { requests: 10, errors: 0, seconds: USUAL }
  const found = await looks(watch, 1)
  prometheus.values.set('evidence{', ['3'])
  found.push(...(await looks(watch, 1)))
  expect(found.at(-1)).toMatchObject({
    decision: 'rollBack',
    metric: 'model-drift',
    reason: expect.stringMatching(/^model-drift: /),
  })
})

// Watches a canary with the loop, the analysis and the client that canary-deploy has, on a clock that its parent turns: node canary-watcher.mjs
// <prometheus> <seconds> <interval> <start, epoch ms>. Sends what each look came to.
import { proxySettings } from '@agent-ci/core/proxy'
import { DEFAULT_PLAN } from '@agent-ci/core/statistics/canary/plan'
import { CanaryWatch } from '@agent-ci/delivery/analysis/canary-watch'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { PrometheusClient } from '@agent-ci/delivery/analysis/prometheus/client'
import { parseEndpoint } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import { observeStep } from '@agent-ci/delivery/rollout/observe'

const [url, seconds, interval, start] = [process.argv[2], ...process.argv.slice(3).map(Number)]
const BOUNDS = [0.1, 0.5, 1, 5]
const track = (value) => [{ label: 'track', operator: '=', value }]
const METRICS = {
  metrics: [
    {
      kind: 'error-rate',
      name: 'error-rate',
      total: 'requests_total{selector}',
      bad: 'requests_total{selector,status="error"}',
    },
    { kind: 'latency', name: 'latency', buckets: 'seconds_bucket{selector}' },
  ],
}

let now = 0
async function sleep(ms) {
  const passed = new Promise((done) => process.once('message', done))
  process.send({ pass: ms / 1_000 })
  await passed
  now += ms
}

const { metrics } = await parseMetricsFile(JSON.stringify(METRICS), 'metrics.json')
const watch = new CanaryWatch({
  client: new PrometheusClient({ ...parseEndpoint(url), proxies: proxySettings({}) }),
  arms: { canary: track('canary'), stable: track('stable') },
  metrics,
  plan: { ...DEFAULT_PLAN, durationBounds: BOUNDS, plannedChecks: seconds / interval },
  before: { requests: 2_400, errors: 24, durations: [600, 1_200, 600, 0, 0] },
  intervalMs: interval * 1_000,
  date: () => new Date(start + now),
  routeWeight: async () => 20,
})
let stateBytes = 0
const end = await observeStep(
  {
    now: () => now,
    sleep,
    signal: new AbortController().signal,
    warn: (message) => console.error(message),
    checkLead: () => undefined,
    trouble: async () => undefined,
    keep: async (state) => {
      stateBytes = Buffer.byteLength(state)
    },
  },
  {
    router: { moves: 'release' },
    watch,
    follower: {
      look: ({ decision, check }) => process.send({ look: decision, canary: check.canary, stable: check.stable }),
      decision: () => undefined,
    },
    stepTimeoutMs: seconds * 1_000,
    onInconclusive: 'point',
  },
  { index: 0, asked: 20, real: 20 },
  // Watched for its whole time, whatever is shown before.
  { patienceMs: 0, baking: true },
)
process.send({ end, stateBytes })
process.disconnect()

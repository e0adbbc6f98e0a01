import type { IncomingMessage, ServerResponse } from 'node:http'
import { proxySettings } from '@agent-ci/core/proxy'
import type { Metric } from '@agent-ci/delivery/analysis/metric'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { preflightMetrics } from '@agent-ci/delivery/analysis/preflight'
import { PrometheusClient } from '@agent-ci/delivery/analysis/prometheus/client'
import { parseEndpoint } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import type { Arms } from '@agent-ci/delivery/analysis/prometheus/selector'
import {
  type AnalysisState,
  checkDue,
  decidedEarly,
  endAnalysis,
  nextCheckMs,
  startAnalysis,
} from '@agent-ci/delivery/analysis/watch'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { StubPrometheus } from './stub-prometheus.ts'

const arms: Arms = {
  canary: [{ label: 'track', operator: '=', value: 'canary' }],
  stable: [{ label: 'track', operator: '=', value: 'stable' }],
}

const { metrics } = await parseMetricsFile(
  `metrics:
  - name: error-rate
    kind: error-rate
    total: requests_total{selector}
    bad: requests_total{selector,status="error"}
    max: 5%
`,
  'metrics.yaml',
)

/** The server's clock is ten minutes behind ours. */
const SERVER_START = 1_000_000
const OUR_START = SERVER_START + 600_000

/** A Prometheus that scrapes an agent with a constant traffic every 10 s, and that can be down. */
class Rig {
  seconds = 0
  down: [from: number, to: number] = [-1, -1]
  errorsPerMinute = 0
  /** The agent's process starts anew. */
  restartAt = 0
  private stub: StubPrometheus | undefined
  client!: PrometheusClient

  async start(): Promise<void> {
    const stub = await StubPrometheus.start((request, response) => this.answer(request, response))
    this.stub = stub
    this.client = new PrometheusClient({ ...parseEndpoint(stub.url), proxies: proxySettings({}) })
  }

  async stop(): Promise<void> {
    await this.stub?.stop()
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [from, to] = this.down
    if (this.seconds >= from && this.seconds < to) return void response.writeHead(503).end('down')
    const query = new URL(request.url ?? '', 'http://stub').searchParams.get('query') ?? ''
    const now = SERVER_START / 1_000 + this.seconds
    response.writeHead(200, { 'content-type': 'application/json' })
    const data =
      query === 'time()'
        ? { resultType: 'scalar', result: [now, String(now)] }
        : { resultType: 'matrix', result: this.matrix(query) }
    response.end(JSON.stringify({ status: 'success', data }))
  }

  private matrix(query: string) {
    const window = Number(/\[(\d+)s]$/.exec(query)?.[1])
    const onlyErrors = query.includes('status="error"')
    const scrapes = Array.from({ length: Math.floor(this.seconds / 10) + 1 }, (_, i) => i * 10).filter(
      (at) => at >= this.seconds - window,
    )
    const canary = query.includes('canary')
    const since = (at: number) => (at >= this.restartAt ? at - this.restartAt : at)
    const each = (status: string, perMinute: number) => ({
      metric: { pod: 'a', status },
      values: scrapes.map((at) => [SERVER_START / 1_000 + at, String(Math.floor((since(at) / 60) * perMinute))]),
    })
    const errors = each('error', canary ? this.errorsPerMinute : 0)
    return onlyErrors ? [errors] : [errors, each('success', 60)]
  }
}

let rig: Rig
beforeEach(async () => {
  rig = new Rig()
  await rig.start()
})
afterEach(async () => await rig.stop())

/** Watches for some seconds of the rig's time, the state going through JSON at every check as it does in the cluster. */
async function watch(forSeconds: number, watched: readonly Metric[] = metrics) {
  const { signal } = new AbortController()
  let analysis: AnalysisState = startAnalysis(watched, { nowMs: OUR_START, serverMs: SERVER_START })
  const checks: string[] = []
  let counted = 0
  for (;;) {
    const next = nextCheckMs(watched, analysis)
    if (next === undefined || next > OUR_START + forSeconds * 1_000) break
    rig.seconds = (next - OUR_START) / 1_000
    const done = await checkDue(watched, JSON.parse(JSON.stringify(analysis)) as AnalysisState, {
      client: rig.client,
      arms,
      nowMs: next,
      signal,
    })
    analysis = done.analysis
    for (const { measurement, reading } of done.checked) {
      checks.push(`${rig.seconds} ${measurement.phase}`)
      if (reading.kind === 'counts') counted += reading.arms.canary.total
    }
    if (decidedEarly(watched, analysis)) break
  }
  return { analysis, checks, counted, end: endAnalysis(watched, analysis, 'deadline') }
}

describe('watching a canary', () => {
  test('a healthy one passes at the end, every request counted once, on whatever clock we are', async () => {
    const { checks, counted, end } = await watch(120)
    expect(checks).toEqual(['30 pass', '60 pass', '90 pass', '120 pass'])
    expect(counted).toBe(120)
    expect(end).toMatchObject({ verdict: 'passed', metric: 'error-rate' })
  })

  test('a bad one is decided at the first check that shows it', async () => {
    rig.errorsPerMinute = 10
    const { checks, end } = await watch(600)
    expect(checks).toEqual(['30 fail'])
    expect(end).toMatchObject({ verdict: 'failed', reason: 'error-rate 14.3 % is above 5 %' })
  })

  test('while Prometheus is down, it is asked every 10 s; what was missed is counted afterwards', async () => {
    rig.down = [60, 95]
    const { checks, counted, end } = await watch(130)
    expect(checks).toEqual(['30 pass', '60 error', '70 error', '80 error', '90 error', '100 pass', '130 pass'])
    expect(counted).toBe(130)
    expect(end.verdict).toBe('passed')
  })

  test('in a long outage that the limit of errors bears, even a restart is seen afterwards', async () => {
    rig.down = [60, 600]
    rig.restartAt = 200
    const patient = metrics.map((metric) => ({ ...metric, consecutiveErrorLimit: 100 }))
    const { counted, end } = await watch(630, patient)
    // What was served after the scrape at 190 s died with the process.
    expect(counted).toBe(190 + 430)
    expect(end.verdict).toBe('passed')
  })

  test('down for a minute is more than the limit of errors allows', async () => {
    rig.down = [60, 120]
    const { checks, end } = await watch(300)
    expect(checks.at(-1)).toBe('100 error')
    expect(end).toMatchObject({
      verdict: 'errored',
      reason: expect.stringMatching(/^5 errors in a row: .*HTTP 503, down$/),
    })
  })

  test('down from the start until the end of the time is no pass', async () => {
    rig.down = [0, 10_000]
    expect((await watch(35)).end).toMatchObject({ verdict: 'errored' })
  })

  test('a rollout that is stopped has not passed, whatever was measured', async () => {
    const { analysis } = await watch(120)
    expect(endAnalysis(metrics, analysis, 'terminated')).toMatchObject({ verdict: 'inconclusive', cause: 'terminated' })
  })
})

test('the preflight lists every query that is not answered', async () => {
  rig.down = [0, 1]
  const { problems, requestsPerSecond, queries } = await preflightMetrics(metrics, {
    client: rig.client,
    arms,
    signal: new AbortController().signal,
  })
  expect(queries.map(({ metric, arm, status }) => `${metric} ${arm} ${status}`)).toEqual([
    'error-rate canary error',
    'error-rate stable error',
    'error-rate canary error',
    'error-rate stable error',
  ])
  expect(problems[0]).toMatch(
    /^error-rate of canary: .* answered HTTP 503, down; the query is sum\(requests_total{track="canary"}\)$/,
  )
  expect(requestsPerSecond).toBeUndefined()
})

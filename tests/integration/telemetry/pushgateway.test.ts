import { existsSync } from 'node:fs'
import type { Results } from '@agent-ci/core/results'
import { type PushgatewayTarget, pushMetrics } from '@agent-ci/notify/pushgateway'
import { renderExposition } from '@agent-ci/reporting/exposition'
import { evaluationMetrics, nightMetrics } from '@agent-ci/reporting/run-metrics'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { decided, HOSTILE, resultsOf, views } from '../../unit/reporting/fixtures.ts'
import { results as night } from '../../unit/reporting/nightly/nights.ts'
import { PrometheusServer } from '../delivery/prometheus-server.ts'
import { hasPushgateway, PushgatewayServer } from './pushgateway-server.ts'

const available = hasPushgateway()
const it = available ? test : test.skip
let gateway: PushgatewayServer
const warnings: string[] = []
const host = {
  env: {},
  date: () => new Date(),
  random: () => 0,
  sleep: async () => undefined,
  signal: new AbortController().signal,
  warn: (title: string, message: string) => void warnings.push(`${title}: ${message}`),
}

beforeAll(async () => {
  if (available) gateway = await PushgatewayServer.start()
})
afterAll(() => gateway?.stop())

const push = (results: Results, target: Partial<PushgatewayTarget> = {}): Promise<void> =>
  pushMetrics(
    renderExposition(evaluationMetrics(results)),
    { url: gateway.url, headers: {}, ...target },
    { job: 'agent-ci', grouping: { dataset: results.dataset.name } },
    host,
  )

const sampleOf = (text: string, series: RegExp): number | undefined => {
  const line = text.split('\n').find((each) => series.test(each))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

it('the Pushgateway takes what a run measured, and the next run of the dataset replaces it', async () => {
  const first = decided(views, ['accuracy >= 0.85'])
  await push(first)
  expect(warnings).toEqual([])
  const before = await gateway.metrics()
  expect(sampleOf(before, /^agent_ci_accuracy_ratio\{.*dataset="golden".*job="agent-ci"/)).toBeCloseTo(
    first.accuracy!,
    12,
  )
  expect(sampleOf(before, /^agent_ci_latency_seconds\{.*quantile="0.95"/)).toBeCloseTo(first.latency_p95! / 1_000, 12)
  expect(sampleOf(before, /^agent_ci_latency_seconds_count\{/)).toBe(58)
  expect(sampleOf(before, /^agent_ci_trials\{.*state="errored"/)).toBe(2)
  const states = before.split('\n').filter((line) => line.startsWith('agent_ci_verdict{'))
  expect(states).toHaveLength(4)
  expect(states.filter((line) => line.endsWith(' 1'))).toEqual([expect.stringContaining(`verdict="${first.verdict}"`)])

  await push({ ...first, tool_accuracy: null })
  const after = await gateway.metrics()
  expect(before).toContain('agent_ci_tool_accuracy_ratio{')
  expect(after).not.toContain('agent_ci_tool_accuracy_ratio{')
})

it('groups of other datasets stay, also those whose name has a slash', async () => {
  const other = resultsOf(views)
  await push({ ...other, dataset: { ...other.dataset, name: 'evals/billing' } })
  expect(warnings).toEqual([])
  const text = await gateway.metrics()
  expect(sampleOf(text, /^agent_ci_coverage_ratio\{.*dataset="evals\/billing"/)).toBeDefined()
  expect(sampleOf(text, /^agent_ci_coverage_ratio\{.*dataset="golden"/)).toBeDefined()
})

it.each(Object.entries(HOSTILE))('hostile text (%s) in a name is a label and nothing else', async (_, text) => {
  const run = resultsOf(views, { model: text })
  await push(run, { grouping: { dataset: 'hostile' } })
  expect(warnings).toEqual([])
  const lines = (await gateway.metrics()).split('\n').filter((line) => line.includes('dataset="hostile"'))
  expect(lines.filter((line) => line.startsWith('agent_ci_coverage_ratio{'))).toHaveLength(1)
  // The gateway adds two metrics of its own to each group.
  for (const line of lines) expect(line).toMatch(/^(agent_ci_\w+|push_(failure_)?time_seconds)\{/)
})

it('the Pushgateway takes what a night came to, beside the runs', async () => {
  const target = { url: gateway.url, headers: {} }
  const fallback = { job: 'agent-ci-nightly', grouping: {} }
  await pushMetrics(renderExposition(nightMetrics(night)), target, fallback, host)
  expect(warnings).toEqual([])
  const text = await gateway.metrics()
  const own = text.split('\n').filter((line) => line.includes('job="agent-ci-nightly"'))
  const states = own.filter((line) => line.startsWith('agent_ci_night_verdict{') && line.endsWith(' 1'))
  expect(states).toEqual([expect.stringContaining(`verdict="${night.verdict}"`)])
  expect(own.filter((line) => line.startsWith('agent_ci_verdict{') && line.endsWith(' 1'))).toHaveLength(
    night.legs.length,
  )
  const measured = night.legs.filter(({ accuracy }) => accuracy !== null)
  expect(own.filter((line) => line.startsWith('agent_ci_accuracy_ratio{'))).toHaveLength(measured.length)
  const regressed = night.series.filter(({ state }) => state === 'regressed').length
  expect(sampleOf(text, /^agent_ci_night_series\{.*state="regressed"/)).toBe(regressed)
  expect(sampleOf(text, /^agent_ci_coverage_ratio\{.*dataset="golden".*job="agent-ci"/)).toBeDefined()
})

const withPrometheus = available && existsSync('/usr/bin/prometheus') ? test : test.skip
withPrometheus(
  'Prometheus scrapes the verdict as a set of states',
  async () => {
    const run = decided(views, ['accuracy >= 0.85'])
    await push(run)
    const prometheus = await PrometheusServer.start([{ address: gateway.address, labels: {} }])
    try {
      await prometheus.untilQuery(
        `agent_ci_verdict{exported_job="agent-ci",dataset="golden",verdict="${run.verdict}"}`,
        (value) => value === 1,
      )
      await prometheus.untilQuery(
        'sum by (dataset) (agent_ci_verdict{exported_job="agent-ci",dataset="golden"})',
        (value) => value === 1,
      )
      await prometheus.untilQuery(
        'agent_ci_latency_seconds{exported_job="agent-ci",dataset="golden",quantile="0.99"}',
        (value) => Math.abs(value - run.latency_p99! / 1_000) < 1e-9,
      )
    } finally {
      await prometheus.stop()
    }
  },
  60_000,
)

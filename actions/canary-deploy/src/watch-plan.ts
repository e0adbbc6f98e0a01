import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { proxySettings } from '@agent-ci/core/proxy'
import type { Detection, PlannedMetric } from '@agent-ci/core/rollout-plan'
import { secondsToShowBelow, sights } from '@agent-ci/core/statistics/canary/detectable'
import { GUIDE_LIMITS } from '@agent-ci/core/statistics/canary/limits'
import { type CanaryPlan, DEFAULT_PLAN } from '@agent-ci/core/statistics/canary/plan'
import { errorRate, NOTHING } from '@agent-ci/core/statistics/canary/tally'
import { forLog } from '@agent-ci/core/untrusted'
import { errorMetric, readBaseline } from '@agent-ci/delivery/analysis/baseline'
import { CanaryWatch } from '@agent-ci/delivery/analysis/canary-watch'
import type { Limits, Metric } from '@agent-ci/delivery/analysis/metric'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { detectPack, type Pack } from '@agent-ci/delivery/analysis/packs/detect'
import { type ProbedQuery, preflightMetrics } from '@agent-ci/delivery/analysis/preflight'
import { type ArmIdentities, detectArms, givenArms } from '@agent-ci/delivery/analysis/prometheus/arms'
import { PrometheusClient } from '@agent-ci/delivery/analysis/prometheus/client'
import { parseEndpoint, parsePrometheusHeaders } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import type { Arms } from '@agent-ci/delivery/analysis/prometheus/selector'
import { applyThresholds } from '@agent-ci/delivery/analysis/thresholds'
import { UnmeasuredWatch } from '@agent-ci/delivery/analysis/unmeasured-watch'
import type { Staging } from '@agent-ci/delivery/rollout/staging'
import type { StepWeight, Watch } from '@agent-ci/delivery/rollout/watch'
import type { TrafficRouter } from '@agent-ci/delivery/traffic/router'
import { scraped } from './scraped.ts'
import type { WatchSettings } from './settings.ts'

/** What is watched, and what it was found to be able to see. */
export interface WatchPlan {
  /** undefined where there are problems. */
  readonly watch: Watch | undefined
  readonly bake: Staging['bake']
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  /** For the log. */
  readonly lines: readonly string[]
  readonly metrics: readonly PlannedMetric[]
  readonly expected: { readonly requestsPerSecond: number; readonly errorRate: number } | null
  /** What a step of this weight can see. */
  readonly detection: (step: StepWeight) => readonly Detection[]
}

/** What a watch is planned for. */
export interface Watched {
  readonly router: TrafficRouter
  readonly steps: readonly StepWeight[]
  readonly identities: ArmIdentities
  /** What an earlier run of the same rollout had learnt. */
  readonly analysis: string | undefined
  /** When the oldest pod of the app was created, where that can be known. */
  readonly servingSince: () => Promise<Date | undefined>
}

const unwatched = (problems: readonly Problem[]): WatchPlan => ({
  watch: undefined,
  bake: undefined,
  problems,
  warnings: [],
  lines: [],
  metrics: [],
  expected: null,
  detection: () => [],
})

/** Plans the watch on what Prometheus answers now. Changes nothing. */
export async function planWatch(watch: WatchSettings, watched: Watched, host: Host): Promise<WatchPlan> {
  if (watch.metrics === 'none') {
    const times = { intervalMs: watch.intervalMs, stepMs: watch.stepMs, now: host.now, date: host.date }
    return {
      ...unwatched([]),
      watch: new UnmeasuredWatch(times),
      lines: ['No metrics are watched, as metrics: none says'],
    }
  }
  if (watch.prometheusUrl === '')
    return unwatched([
      {
        what: 'There is no prometheus-url',
        why: 'A canary that nobody watches is only a slow rollout',
        mend: 'Give prometheus-url, or say metrics: none to rely on pods, health-url and smoke examples alone',
      },
    ])
  try {
    return await planMeasured(watch, watched, host)
  } catch (error) {
    if (error instanceof ConfigurationError) return unwatched(error.problems)
    if (host.signal.aborted) throw error
    return unwatched([
      {
        what: forLog(`Prometheus cannot be asked: ${(error as Error).message}`),
        why: 'A canary that cannot be watched is not started',
        mend: 'Check prometheus-url and prometheus-headers from where this job runs',
      },
    ])
  }
}

async function planMeasured(settings: WatchSettings, watched: Watched, host: Host): Promise<WatchPlan> {
  const { router, steps, analysis } = watched
  const { signal, date } = host
  const endpoint = parseEndpoint(settings.prometheusUrl, parsePrometheusHeaders(settings.prometheusHeaders))
  const client = new PrometheusClient({ ...endpoint, proxies: proxySettings(host.env) })
  const { metrics, arms, lines } = await findMetrics(settings, client, watched, host)
  const question = { client, arms, signal }
  const answered = await preflightMetrics(metrics, question)
  const baseline = await readBaseline(metrics, question)
  const { stepMs, stepTimeoutMs, intervalMs, thresholds, bakeMs } = settings
  const limits = {
    ...GUIDE_LIMITS,
    ...(thresholds.maxErrorRate !== undefined && { errorRate: thresholds.maxErrorRate }),
    ...(thresholds.maxLatencyP95Seconds !== undefined && { p95Seconds: thresholds.maxLatencyP95Seconds }),
    ...(thresholds.maxLatencyP99Seconds !== undefined && { p99Seconds: thresholds.maxLatencyP99Seconds }),
  }
  const atOnce = {
    errorRate: Math.max(limits.atOnce.errorRate, limits.errorRate),
    p95Seconds: Math.max(limits.atOnce.p95Seconds, limits.p95Seconds),
  }
  const plan: CanaryPlan = {
    ...DEFAULT_PLAN,
    compare: true,
    durationBounds: baseline.bounds,
    limits: { ...limits, atOnce },
    requireRelative: settings.requireRelative,
    minSeconds: stepMs / 1_000,
    plannedChecks: Math.max(2, Math.ceil((stepTimeoutMs * steps.length) / intervalMs)),
  }
  const common = { client, metrics, intervalMs, date, routeWeight: () => router.read() }
  const traffic = answered.requestsPerSecond ?? baseline.requestsPerSecond
  const stableErrors = errorRate(baseline.stable)
  const detection = ({ real }: StepWeight): Detection[] =>
    errorMetric(metrics) && traffic > 0 && real > 0 && real < 100
      ? sights(
          { requestsPerSecond: traffic, weight: real / 100, errorRate: Math.max(stableErrors, 0.001) },
          stepTimeoutMs / 1_000,
        ).map(({ ratio, seconds }) => ({ ratio, seconds: Number.isFinite(seconds) ? seconds : null }))
      : []
  return {
    watch: new CanaryWatch({ ...common, arms, plan, before: baseline.stable }, analysis),
    bake:
      bakeMs === 0
        ? undefined
        : {
            durationMs: bakeMs,
            watch: new CanaryWatch({
              ...common,
              // The promoted pods carry the names of stable ones, unless a controller leaves both theirs.
              arms: router.moves === 'release' ? arms : { ...arms, canary: arms.stable },
              plan: { ...plan, compare: false, minSeconds: 0 },
              before: NOTHING,
            }),
          },
    problems: [
      ...answered.problems.map((problem) => ({
        what: forLog(problem),
        why: 'A query that is not answered watches nothing',
        mend: 'Mend the query or the metrics file, and try it in Prometheus',
      })),
      ...(settings.requireRelative === null || errorMetric(metrics) ? [] : [UNCOMPARED]),
    ],
    warnings:
      traffic > 0
        ? []
        : ['Stable had no requests in the last minutes: without traffic no step can be shown to be good'],
    lines: [
      ...lines,
      ...answered.infos.map((info) => forLog(info)),
      `Traffic now: ${traffic.toFixed(2)} requests a second, ${(stableErrors * 100).toFixed(2)} % of them fail`,
      ...steps.slice(0, 1).flatMap((step) => detection(step).map((each) => sightOf(step, each, stepTimeoutMs))),
      ...(settings.requireRelative === null
        ? []
        : comparisonOf(settings.requireRelative, steps[0], { requestsPerSecond: traffic, errorRate: stableErrors })),
    ],
    metrics: metrics.map((metric) => plannedMetric(metric, answered.queries)),
    expected: { requestsPerSecond: traffic, errorRate: stableErrors },
    detection,
  }
}

/** What the first step can see at today's traffic, said before it starts. */
function sightOf({ real }: StepWeight, { ratio, seconds }: Detection, stepTimeoutMs: number): string {
  if (seconds !== null && seconds * 1_000 <= stepTimeoutMs)
    return `At ${real} %, an error rate ${ratio} times as high is seen after about ${Math.max(1, Math.round(seconds))} s`
  return `At ${real} %, an error rate ${ratio} times as high cannot be seen within ${Math.round(stepTimeoutMs / 1_000)} s: give the first step more weight or time`
}

const UNCOMPARED: Problem = {
  what: 'require-relative is given, and no metric counts errors',
  why: 'The canary and stable are compared by their errors',
  mend: 'Add a metric of the kind error-rate to the metrics file, or packs: [http]',
}

/** What it takes to show what `require-relative` asks for, said before it starts. */
function comparisonOf(
  ratio: number,
  first: StepWeight | undefined,
  { requestsPerSecond, errorRate: rate }: { readonly requestsPerSecond: number; readonly errorRate: number },
): string[] {
  if (!first || first.real >= 100) return []
  const seconds = secondsToShowBelow({ requestsPerSecond, weight: first.real / 100, errorRate: rate }, ratio)
  const asked = `an error rate below ${ratio} times stable's`
  return [
    Number.isFinite(seconds)
      ? `At ${first.real} %, a canary as good as stable shows ${asked} (require-relative) after about ${Math.max(1, Math.round(seconds))} s`
      : `Stable had no errors in the last half hour: until somebody fails, ${asked} (require-relative) cannot be shown, and the first step waits`,
  ]
}

function plannedMetric(metric: Metric, queries: readonly ProbedQuery[]): PlannedMetric {
  const own = queries.filter(({ metric: name }) => name === metric.name)
  const bad = own.find(({ status }) => status === 'error')
  const found = own.some(({ status }) => status === 'found')
  const { max, min, brake }: Limits =
    'limits' in metric ? metric.limits : metric.kind === 'kayenta' ? { min: metric.pass } : {}
  const limits = [
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(brake === undefined ? [] : [`back at once above ${brake}`]),
  ]
  return {
    name: metric.name,
    state: bad ? 'error' : found ? 'found' : 'no-data',
    source: forLog(bad ? bad.detail : (own[0]?.query ?? ''), 300),
    limit: limits.join(', '),
  }
}

/** The metrics of the pack or of the file, the arms by which they tell canary and stable apart, and what was found. */
async function findMetrics(
  watch: WatchSettings,
  client: PrometheusClient,
  watched: Watched,
  host: Host,
): Promise<{ metrics: readonly Metric[]; arms: Arms; lines: string[] }> {
  const { identities, servingSince } = watched
  const { cwd, signal } = host
  const file = typeof watch.metrics === 'object' ? await readMetrics(watch.metrics.file, cwd) : undefined
  const packs: readonly Pack[] = file ? file.packs : [watch.metrics as Pack]
  const seen = <T>(ask: () => Promise<T>) => scraped(ask, servingSince, host)
  const detected = []
  for (const pack of packs)
    detected.push(await seen(() => detectPack(client, pack, { within: [], withPods: true, signal })))
  const metrics = applyThresholds(
    [...detected.flatMap((each) => each.metrics), ...(file?.metrics ?? [])],
    watch.thresholds,
  )
  const lines = detected.flatMap(({ mapping }) => mapping).map((line) => forLog(line))
  if (file?.arms) return { metrics, arms: givenArms(file.arms.canary, file.arms.stable, identities), lines }
  const requests = detected[0]?.requests
  if (requests === undefined)
    throw new ConfigurationError({
      what: 'The metrics file names neither a pack nor the arms',
      why: 'It is not known which series are of the canary',
      mend: 'Write arms: with the labels of both sides, or packs: [http]',
    })
  const { arms, description } = await seen(() => detectArms(client, requests, identities, signal))
  return { metrics, arms, lines: [...lines, forLog(`Canary and stable: ${description}`)] }
}

async function readMetrics(file: string, cwd: string) {
  const name = relative(cwd, file)
  try {
    return await parseMetricsFile(await readFile(file, 'utf8'), name)
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    throw new ConfigurationError({
      what: `metrics is ${JSON.stringify(name)}`,
      why: `Expected http, genai, none or a file, and the file cannot be read: ${(error as Error).message}`,
      mend: 'Write the path of a metrics file',
    })
  }
}

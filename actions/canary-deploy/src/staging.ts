import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { proxySettings } from '@agent-ci/core/proxy'
import { sights } from '@agent-ci/core/statistics/canary/detectable'
import { GUIDE_LIMITS } from '@agent-ci/core/statistics/canary/limits'
import { type CanaryPlan, DEFAULT_PLAN } from '@agent-ci/core/statistics/canary/plan'
import { errorRate, NOTHING } from '@agent-ci/core/statistics/canary/tally'
import { forLog } from '@agent-ci/core/untrusted'
import { errorMetric, readBaseline } from '@agent-ci/delivery/analysis/baseline'
import { CanaryWatch } from '@agent-ci/delivery/analysis/canary-watch'
import type { Metric } from '@agent-ci/delivery/analysis/metric'
import { parseMetricsFile } from '@agent-ci/delivery/analysis/metrics-file'
import { detectPack, type Pack } from '@agent-ci/delivery/analysis/packs/detect'
import { preflightMetrics } from '@agent-ci/delivery/analysis/preflight'
import { type ArmIdentities, detectArms, givenArms } from '@agent-ci/delivery/analysis/prometheus/arms'
import { PrometheusClient } from '@agent-ci/delivery/analysis/prometheus/client'
import { parseEndpoint, parsePrometheusHeaders } from '@agent-ci/delivery/analysis/prometheus/endpoint'
import type { Arms } from '@agent-ci/delivery/analysis/prometheus/selector'
import { applyThresholds } from '@agent-ci/delivery/analysis/thresholds'
import { UnmeasuredWatch } from '@agent-ci/delivery/analysis/unmeasured-watch'
import type { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import { missingPermissions } from '@agent-ci/delivery/kubernetes/permissions'
import { type Deployment, deploymentNamed } from '@agent-ci/delivery/kubernetes/workload'
import type { Staging } from '@agent-ci/delivery/rollout/staging'
import type { RolloutFollower, StepWeight, Watch } from '@agent-ci/delivery/rollout/watch'
import { canaryName, TRACK } from '@agent-ci/delivery/traffic/canary-workload'
import { createRouter, type TrafficSettings } from '@agent-ci/delivery/traffic/create'
import type { AchievableWeight, TrafficRouter } from '@agent-ci/delivery/traffic/router'
import { checksOf } from './checks.ts'
import type { DeploySettings } from './settings.ts'

/** A rollout by steps as it was planned, with what was found on the way. */
export interface StagingPlan {
  /** undefined where there are problems, and for the first release of an app, which has nothing to be compared with. */
  readonly staging: Staging | undefined
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  /** What will be watched, how, and what it can see; for the log and for `plan`. */
  readonly lines: readonly string[]
  readonly weights: readonly AchievableWeight[]
}

const NOTHING_STAGED = { staging: undefined, problems: [], warnings: [], lines: [], weights: [] } as const
const ROUTE_TIMEOUT_MS = 60_000

/**
 * Plans the steps of a rollout on the cluster as it is: the weights that can be had, the metrics that answer, and what the comparison can see at
 * today's traffic. Changes nothing. `analysis` is what an earlier run of the same rollout had learnt.
 */
export async function planStaging(
  settings: DeploySettings,
  cluster: Cluster,
  host: Host,
  follower: RolloutFollower,
  version: string | null,
  analysis?: string,
): Promise<StagingPlan> {
  if (settings.strategy === 'rolling') return NOTHING_STAGED
  const { app } = settings.place
  if (!(await cluster.get<Deployment>(deploymentNamed(app)))) {
    const line = `${app} is not in the cluster yet: its first release is deployed at once, for there is nothing to compare it with`
    return { ...NOTHING_STAGED, lines: [line] }
  }
  const traffic = trafficOf(settings)
  const router = createRouter(traffic, cluster, host)
  const found = await router.preflight()
  const problems = [...(await missingPermissions(cluster, router.permissions)), ...found.problems]
  const weights = await router.achievable(settings.strategy === 'blue-green' ? [100] : settings.steps)
  const steps = weights
    .filter(({ repeats }) => !repeats)
    .map(({ asked, real }, index): StepWeight => ({ index, asked, real }))
  const lines = [`Traffic: ${router.describe()}`, ...weights.filter(({ how }) => how !== '').map(({ how }) => how)]
  const watching = await planWatch(settings, cluster, router, steps, host, version, analysis)
  problems.push(...watching.problems)
  const staging: Staging | undefined =
    problems.length > 0 || !watching.watch
      ? undefined
      : {
          strategy: settings.strategy,
          traffic,
          router,
          steps,
          watch: watching.watch,
          follower,
          stepTimeoutMs: settings.watch.stepTimeoutMs,
          routeTimeoutMs: ROUTE_TIMEOUT_MS,
          onInconclusive: settings.onInconclusive,
          checks: checksOf(settings.checks, settings.outputDir, host),
          bake: watching.bake,
        }
  return {
    staging,
    problems,
    warnings: [...found.warnings, ...watching.warnings],
    lines: [...lines, ...watching.lines],
    weights,
  }
}

/** `HTTPRoute` names, `GRPCRoute/<name>`, and for istio `<VirtualService>` or `<VirtualService>/<DestinationRule>/<stable>/<canary>`. */
function trafficOf({ place, strategy, traffic }: DeploySettings): TrafficSettings {
  const where = { app: place.app, deployment: place.app, service: traffic.service }
  if (strategy === 'blue-green') return { provider: 'service-switch', ...where }
  const [first = '', second, third, fourth] = traffic.route.split('/')
  switch (traffic.provider) {
    case 'replicas':
      return { provider: 'replicas', ...where }
    case 'nginx':
      return { provider: 'nginx', ...where, ingress: traffic.route }
    case 'istio': {
      const subsets = second && third && fourth ? { destinationRule: second, stable: third, canary: fourth } : null
      return { provider: 'istio', ...where, virtualService: first, subsets }
    }
    case 'gateway-api':
      return {
        provider: 'gateway-api',
        ...where,
        kind: first === 'GRPCRoute' ? 'GRPCRoute' : 'HTTPRoute',
        route: second ?? first,
      }
  }
}

interface WatchPlan {
  readonly watch: Watch | undefined
  readonly bake: Staging['bake']
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  readonly lines: readonly string[]
}

const unwatched = (problems: readonly Problem[]): WatchPlan => ({
  watch: undefined,
  bake: undefined,
  problems,
  warnings: [],
  lines: [],
})

async function planWatch(
  settings: DeploySettings,
  cluster: Cluster,
  router: TrafficRouter,
  steps: readonly StepWeight[],
  host: Host,
  version: string | null,
  analysis: string | undefined,
): Promise<WatchPlan> {
  const { watch } = settings
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
    return await planMeasured(settings, cluster, router, steps, host, version, analysis)
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

async function planMeasured(
  settings: DeploySettings,
  cluster: Cluster,
  router: TrafficRouter,
  steps: readonly StepWeight[],
  host: Host,
  version: string | null,
  analysis: string | undefined,
): Promise<WatchPlan> {
  const { signal, date } = host
  const endpoint = parseEndpoint(settings.watch.prometheusUrl, parsePrometheusHeaders(settings.watch.prometheusHeaders))
  const client = new PrometheusClient({ ...endpoint, proxies: proxySettings(host.env) })
  const identities = await identitiesOf(settings, cluster, version)
  const { metrics, arms, lines } = await findMetrics(settings, client, identities, host)
  const question = { client, arms, signal }
  const answered = await preflightMetrics(metrics, question)
  const baseline = await readBaseline(metrics, question)
  const { stepMs, stepTimeoutMs, intervalMs, thresholds, bakeMs } = settings.watch
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
    minSeconds: stepMs / 1_000,
    plannedChecks: Math.max(2, Math.ceil((stepTimeoutMs * steps.length) / intervalMs)),
  }
  const common = { client, metrics, intervalMs, date, routeWeight: () => router.read() }
  const traffic = answered.requestsPerSecond ?? baseline.requestsPerSecond
  const first = steps[0]?.real ?? 100
  const seen =
    errorMetric(metrics) && traffic > 0
      ? sights(
          { requestsPerSecond: traffic, weight: first / 100, errorRate: Math.max(errorRate(baseline.stable), 0.001) },
          stepTimeoutMs / 1_000,
        )
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
              arms: { ...arms, canary: arms.stable },
              plan: { ...plan, compare: false, minSeconds: 0 },
              before: NOTHING,
            }),
          },
    problems: answered.problems.map((problem) => ({
      what: forLog(problem),
      why: 'A query that is not answered watches nothing',
      mend: 'Mend the query or the metrics file, and try it in Prometheus',
    })),
    warnings:
      traffic > 0
        ? []
        : ['Stable had no requests in the last minutes: without traffic no step can be shown to be good'],
    lines: [
      ...lines,
      ...answered.infos.map((info) => forLog(info)),
      `Traffic now: ${traffic.toFixed(2)} requests a second, ${(errorRate(baseline.stable) * 100).toFixed(2)} % of them fail`,
      ...seen.map(({ ratio, seconds, seen: within }) =>
        within
          ? `At ${first} %, an error rate ${ratio} times as high is seen after about ${Math.max(1, Math.round(seconds))} s`
          : `At ${first} %, an error rate ${ratio} times as high cannot be seen within ${Math.round(stepTimeoutMs / 1_000)} s: give the first step more weight or time`,
      ),
    ],
  }
}

async function identitiesOf(
  { place, strategy }: DeploySettings,
  cluster: Cluster,
  version: string | null,
): Promise<ArmIdentities> {
  const stable = await cluster.get<Deployment>(deploymentNamed(place.app))
  const running = stable?.metadata.annotations?.['agent-ci.dev/version'] ?? null
  const preview = strategy === 'blue-green' ? 'preview' : 'canary'
  return {
    namespace: place.namespace,
    canary: {
      track: preview,
      podPrefix: `${canaryName(place.app)}-`,
      ...(version !== null && running !== null && { version }),
    },
    stable: {
      track: stable?.spec.template.metadata?.labels?.[TRACK] ?? 'stable',
      podPrefix: `${place.app}-`,
      ...(version !== null && running !== null && { version: running }),
    },
  }
}

/** The metrics of the pack or of the file, the arms by which they tell canary and stable apart, and what was found. */
async function findMetrics(
  { watch }: DeploySettings,
  client: PrometheusClient,
  identities: ArmIdentities,
  { cwd, signal }: Host,
): Promise<{ metrics: readonly Metric[]; arms: Arms; lines: string[] }> {
  const file = typeof watch.metrics === 'object' ? await readMetrics(watch.metrics.file, cwd) : undefined
  const packs: readonly Pack[] = file ? file.packs : [watch.metrics as Pack]
  const detected = []
  for (const pack of packs) detected.push(await detectPack(client, pack, { within: [], withPods: true, signal }))
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
  const { arms, description } = await detectArms(client, requests, identities, signal)
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

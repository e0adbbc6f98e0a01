import { messageOf } from '@agent-ci/core/errors'
import { type LatencyMetric, type Metric, quantileName } from './metric.ts'
import type { PrometheusClient } from './prometheus/client.ts'
import { PrometheusError } from './prometheus/failure.ts'
import { ARMS, type ArmName, type Arms } from './prometheus/selector.ts'
import { fillTemplate, scopeOf } from './prometheus/template.ts'

/** What one query answered before anything was changed. */
export interface ProbedQuery {
  readonly metric: string
  readonly arm: ArmName
  readonly query: string
  readonly status: 'found' | 'noData' | 'error'
  /** The number, or what is wrong. */
  readonly detail: string
}

export interface Preflight {
  readonly queries: readonly ProbedQuery[]
  /** Queries that were not answered: a rollout must not begin. */
  readonly problems: readonly string[]
  /** Of both arms together over the last minutes; undefined where no counter tells. */
  readonly requestsPerSecond: number | undefined
  /** What the server remarked, and limits that the histogram cannot show. */
  readonly infos: readonly string[]
}

/** The templates of a metric, as numbers that can be asked for now. */
function templatesOf(metric: Metric): readonly { readonly template: string; readonly arms: readonly ArmName[] }[] {
  const both = (template: string) => ({ template, arms: scopeOf(template) === 'both' ? ARMS : (['canary'] as const) })
  switch (metric.kind) {
    case 'errorRate':
    case 'counterRatio':
      return [
        both(`sum(${metric.counts.total})`),
        ...(metric.counts.from === 'selectors' ? [both(`sum(${metric.counts.bad})`)] : []),
      ]
    case 'latency':
      return [both(`count(${metric.buckets})`)]
    case 'value':
      return [both(metric.query), ...(metric.samples === undefined ? [] : [both(metric.samples)])]
    case 'kayenta':
      return metric.series.map(({ query }) => both(query))
    case 'empty':
      return [{ template: `count(${metric.query})`, arms: ['canary'] }, both(metric.evidence)]
  }
}

export interface PreflightQuestion {
  readonly client: PrometheusClient
  readonly arms: Arms
  readonly signal: AbortSignal
}

async function probe(
  metric: string,
  template: string,
  windowMs: number,
  arm: ArmName,
  { client, arms, signal }: PreflightQuestion,
): Promise<{ readonly probed: ProbedQuery; readonly infos: readonly string[] }> {
  const query = fillTemplate(template, arm, arms, windowMs)
  try {
    const { sample, infos } = await client.value(query, { signal })
    const empty = sample === undefined || Number.isNaN(sample.value)
    return {
      probed: {
        metric,
        arm,
        query,
        status: empty ? 'noData' : 'found',
        detail: empty ? 'no data' : String(sample.value),
      },
      infos,
    }
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof PrometheusError)) throw thrown
    return { probed: { metric, arm, query, status: 'error', detail: messageOf(thrown) }, infos: [] }
  }
}

const TRAFFIC_WINDOW_MS = 300_000

async function trafficOf(metrics: readonly Metric[], question: PreflightQuestion): Promise<number | undefined> {
  const counted =
    metrics.find((metric) => metric.kind === 'errorRate') ?? metrics.find((metric) => metric.kind === 'counterRatio')
  if (counted?.kind !== 'errorRate' && counted?.kind !== 'counterRatio') return undefined
  const template = `sum(rate(${counted.counts.total}[$w]))`
  const found = await Promise.all(ARMS.map((arm) => probe(counted.name, template, TRAFFIC_WINDOW_MS, arm, question)))
  const rates = found.flatMap(({ probed }) => (probed.status === 'found' ? [Number(probed.detail)] : []))
  return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0)
}

/** Limits above the last bucket of stable's histogram: a value can only be seen to be more than that bucket. */
async function unseenLimits(metric: LatencyMetric, { client, arms, signal }: PreflightQuestion): Promise<string[]> {
  const query = `group by (le) (${fillTemplate(metric.buckets, 'stable', arms, metric.windowMs)})`
  try {
    const { series } = await client.query(query, { signal })
    const bounds = series.map(({ labels }) => Number(labels.le)).filter(Number.isFinite)
    if (bounds.length === 0) return []
    const last = Math.max(...bounds)
    return metric.quantiles.flatMap(({ q, limits: { max, brake } }) =>
      [max, brake]
        .filter((limit) => limit !== undefined && limit > last)
        .map(
          (limit) =>
            `${metric.name} ${quantileName(q)}: the limit ${limit} is above the last bucket (${last}), so a value above ${last} cannot be told from one above ${limit}`,
        ),
    )
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof PrometheusError)) throw thrown
    return []
  }
}

/**
 * Asks every query of every metric once. No data is no problem yet, since the canary may not exist; a query that is not answered is one.
 * Throws the signal's reason, or ConfigurationError for a query that cannot be asked at all.
 */
export async function preflightMetrics(metrics: readonly Metric[], question: PreflightQuestion): Promise<Preflight> {
  const results = await Promise.all(
    metrics.flatMap((metric) =>
      templatesOf(metric).flatMap(({ template, arms }) =>
        arms.map((arm) => probe(metric.name, template, metric.windowMs, arm, question)),
      ),
    ),
  )
  const unseen = await Promise.all(
    metrics.map((metric) => (metric.kind === 'latency' ? unseenLimits(metric, question) : [])),
  )
  const queries = results.map(({ probed }) => probed)
  return {
    queries,
    problems: queries
      .filter(({ status }) => status === 'error')
      .map(({ metric, arm, detail, query }) => `${metric} of ${arm}: ${detail}; the query is ${query}`),
    requestsPerSecond: await trafficOf(metrics, question),
    infos: [...new Set([...results.flatMap(({ infos }) => infos), ...unseen.flat()])],
  }
}

import type { Source } from '@agent-ci/core/errors'
import { parseDurationMs, parseTimeMs } from '@agent-ci/core/quantities'
import { ENOUGH_VALUES } from '@agent-ci/core/statistics/canary/kayenta'
import { DEFAULT_RULES, type Limits, type Metric } from './metric.ts'
import type { MetricEntry } from './metrics-schema.ts'

const parseLimit = (limit: number | string): number =>
  typeof limit === 'number' ? limit : Number(`${limit.slice(0, -1)}e-2`)

type LimitKeys = { [K in 'min' | 'max' | 'brake']?: number | string | undefined } & {
  [K in 'max_ratio' | 'min_ratio']?: number | undefined
}

/** The limits of an entry; percentages become fractions. */
export function limitsOf(entry: LimitKeys): Limits {
  return {
    ...(entry.min !== undefined && { min: parseLimit(entry.min) }),
    ...(entry.max !== undefined && { max: parseLimit(entry.max) }),
    ...(entry.brake !== undefined && { brake: parseLimit(entry.brake) }),
    ...(entry.max_ratio !== undefined && { maxRatio: entry.max_ratio }),
    ...(entry.min_ratio !== undefined && { minRatio: entry.min_ratio }),
  }
}

const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const

/** An entry of a metrics file with its defaults. Throws ConfigurationError for a duration that is none. */
export function toMetric(entry: MetricEntry, sourceOf: (key: string) => Source): Metric {
  const duration = (key: 'interval' | 'initial_delay' | 'window' | 'step', otherwise: number): number => {
    const text = key === 'step' ? entry.kind === 'kayenta' && entry.step : entry[key]
    const parse = key === 'initial_delay' ? parseDurationMs : parseTimeMs
    return text === undefined || text === false ? otherwise : parse(text, { name: key, source: sourceOf(key) })
  }
  const common = {
    name: entry.name,
    intervalMs: duration('interval', DEFAULT_RULES.intervalMs),
    initialDelayMs: duration('initial_delay', DEFAULT_RULES.initialDelayMs),
    windowMs: duration('window', 300_000),
    count: entry.count,
    failureLimit: entry.failure_limit ?? DEFAULT_RULES.failureLimit,
    inconclusiveLimit: entry.inconclusive_limit ?? DEFAULT_RULES.inconclusiveLimit,
    consecutiveErrorLimit: entry.consecutive_error_limit ?? DEFAULT_RULES.consecutiveErrorLimit,
    onNoData: entry.on_no_data ?? DEFAULT_RULES.onNoData,
    onInsufficient: entry.on_insufficient ?? DEFAULT_RULES.onInsufficient,
    onViolation: entry.on_violation ?? 'fail',
    dryRun: entry.dry_run ?? DEFAULT_RULES.dryRun,
  } as const
  switch (entry.kind) {
    case 'error-rate':
    case 'counter-ratio':
      return {
        ...common,
        kind: entry.kind === 'error-rate' ? 'errorRate' : 'counterRatio',
        unit: entry.unit ?? 'request',
        minSamples: entry.min_samples ?? 30,
        counts: { from: 'selectors', total: entry.total, bad: entry.bad },
        limits: limitsOf(entry),
      }
    case 'latency':
      return {
        ...common,
        kind: 'latency',
        unit: entry.unit ?? 'request',
        minSamples: entry.min_samples ?? 30,
        buckets: entry.buckets,
        quantiles: Object.entries(QUANTILES).flatMap(([key, q]) => {
          const limits = entry[key as keyof typeof QUANTILES]
          return limits === undefined && key !== 'p95' ? [] : [{ q, limits: limitsOf(limits ?? {}) }]
        }),
      }
    case 'value':
      return {
        ...common,
        kind: 'value',
        unit: entry.unit ?? '',
        minSamples: entry.min_samples ?? (entry.samples === undefined ? 0 : 30),
        query: entry.query,
        samples: entry.samples,
        limits: limitsOf(entry),
      }
    case 'kayenta':
      return {
        ...common,
        kind: 'kayenta',
        // A judge that is asked at every look cries wolf: it looks rarely, and back on all of the rollout.
        intervalMs: duration('interval', 300_000),
        windowMs: duration('window', 3_600_000),
        stepMs: duration('step', 15_000),
        unit: entry.unit ?? 'point',
        minSamples: entry.min_samples ?? ENOUGH_VALUES,
        pass: entry.pass,
        marginal: entry.marginal,
        series: entry.series.map(({ allowed_increase: more, allowed_decrease: less, ...series }) => ({
          ...series,
          allowedIncrease: more,
          allowedDecrease: less,
        })),
      }
    case 'empty':
      return {
        ...common,
        kind: 'empty',
        unit: entry.unit ?? 'series',
        minSamples: 0,
        query: entry.query,
        evidence: entry.evidence,
        finding: entry.finding ?? `${entry.name} found`,
      }
  }
}

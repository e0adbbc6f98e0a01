import type { Tally } from '@agent-ci/core/statistics/canary/tally'
import type { Increment } from './counters.ts'
import { boundsOf, bucketsOf } from './histogram.ts'
import type { CountMetric, LatencyMetric, Metric } from './metric.ts'
import type { PrometheusClient } from './prometheus/client.ts'
import type { Arms } from './prometheus/selector.ts'
import { fillTemplate } from './prometheus/template.ts'

/** How far back the stable arm is looked at before a rollout starts. */
const BACK_SECONDS = 1_800

/** The metric of the release's own errors, which is compared with the stable arm's. */
export const errorMetric = (metrics: readonly Metric[]): CountMetric | undefined =>
  metrics.find((metric): metric is CountMetric => metric.kind === 'errorRate')

export const latencyMetric = (metrics: readonly Metric[]): LatencyMetric | undefined =>
  metrics.find((metric): metric is LatencyMetric => metric.kind === 'latency')

/** What stable did in the half hour before: where its durations lie, and how often it fails. */
export interface Baseline {
  /** Finite bounds of its histogram, rising, in seconds; empty where it has none. */
  readonly bounds: readonly number[]
  readonly stable: Tally
  readonly requestsPerSecond: number
}

/** Reads the baseline. `increase` extrapolates, which is near enough for what nothing is tested against. */
export async function readBaseline(
  metrics: readonly Metric[],
  { client, arms, signal }: { readonly client: PrometheusClient; readonly arms: Arms; readonly signal: AbortSignal },
): Promise<Baseline> {
  const increases = async (template: string, by: string): Promise<Increment[]> => {
    const selector = fillTemplate(template, 'stable', arms, BACK_SECONDS * 1_000)
    const { series } = await client.query(`sum${by} (increase(${selector}[${BACK_SECONDS}s]))`, { signal })
    return series.map(({ labels, samples }) => ({ labels, count: Math.max(0, Math.round(samples[0]?.value || 0)) }))
  }
  /** The layout is there from the first scrape on, where an increase takes two. */
  const boundsNow = async ({ buckets: template }: LatencyMetric): Promise<number[]> => {
    const selector = fillTemplate(template, 'stable', arms, BACK_SECONDS * 1_000)
    const { series } = await client.query(`count by (le) (${selector})`, { signal })
    return boundsOf(series.map(({ labels }) => ({ labels, count: 0 })))
  }
  const errors = errorMetric(metrics)
  const latency = latencyMetric(metrics)
  const [total] = errors ? await increases(errors.counts.total, '') : []
  const bad = errors ? await badIncreases(errors, increases) : 0
  const buckets = latency ? await increases(latency.buckets, ' by (le)') : []
  const bounds = latency ? await boundsNow(latency) : []
  const requests = total?.count ?? 0
  return {
    bounds,
    stable: {
      requests,
      errors: Math.min(bad, requests),
      durations: bounds.length === 0 ? [] : [...bucketsOf(buckets, bounds).counts],
    },
    requestsPerSecond: requests / BACK_SECONDS,
  }
}

async function badIncreases(
  { counts }: CountMetric,
  increases: (template: string, by: string) => Promise<Increment[]>,
): Promise<number> {
  if (counts.from === 'selectors') return (await increases(counts.bad, ''))[0]?.count ?? 0
  const { label, pattern } = counts.bad
  const bad = new RegExp(`^(?:${pattern})$`)
  const byLabel = await increases(counts.total, ` by (${label})`)
  return byLabel.reduce((sum, { labels, count }) => sum + (bad.test(labels[label] ?? '') ? count : 0), 0)
}

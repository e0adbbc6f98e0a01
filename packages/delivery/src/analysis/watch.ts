import { messageOf } from '@agent-ci/core/errors'
import {
  addMeasurement,
  concludeRun,
  dueAt,
  type Ending,
  endMetric,
  type MetricState,
  type RunConclusion,
  startMetric,
} from './fold.ts'
import { measure } from './measure.ts'
import type { Measurement } from './measurement.ts'
import type { Metric } from './metric.ts'
import type { PrometheusClient } from './prometheus/client.ts'
import { PrometheusError } from './prometheus/failure.ts'
import type { Arms } from './prometheus/selector.ts'
import { type MetricMemory, readMetric, startReading } from './read.ts'
import type { Reading } from './reading.ts'

/** Everything that an analysis knows, by the name of a metric: plain JSON. */
export type AnalysisState = Readonly<Record<string, { readonly memory: MetricMemory; readonly state: MetricState }>>

export interface Moment {
  /** On our clock, epoch ms: checks are due by it. */
  readonly nowMs: number
  /** On the server's clock, which samples carry. */
  readonly serverMs: number
}

/** Starts to count and to watch: evidence from before this moment is not taken. */
export const startAnalysis = (metrics: readonly Metric[], { nowMs, serverMs }: Moment): AnalysisState =>
  Object.fromEntries(metrics.map(({ name }) => [name, { memory: startReading(serverMs), state: startMetric(nowMs) }]))

/** When the next check of any metric is due, epoch ms; undefined once all are decided. */
export function nextCheckMs(metrics: readonly Metric[], analysis: AnalysisState): number | undefined {
  const due = metrics.flatMap((metric) => dueAt(metric, analysis[metric.name]!.state) ?? [])
  return due.length === 0 ? undefined : Math.min(...due)
}

export interface Watch {
  readonly client: PrometheusClient
  readonly arms: Arms
  /** Our clock, epoch ms. */
  readonly nowMs: number
  readonly signal: AbortSignal
}

export interface CheckedMetric {
  readonly metric: Metric
  /** Increments for the comparison of the arms. */
  readonly reading: Reading
  readonly measurement: Measurement
}

async function serverTime({ client, signal, nowMs }: Watch): Promise<Reading | number> {
  try {
    return await client.serverTimeMs(signal)
  } catch (thrown) {
    if (signal.aborted || !(thrown instanceof PrometheusError)) throw thrown
    return { kind: 'error', atMs: nowMs, failure: thrown.kind, message: messageOf(thrown) }
  }
}

/**
 * Checks every metric that is due, all at one moment of the server. A Prometheus that does not answer is an error of each of them. Throws
 * only the signal's reason.
 */
export async function checkDue(
  metrics: readonly Metric[],
  analysis: AnalysisState,
  watch: Watch,
): Promise<{ readonly analysis: AnalysisState; readonly checked: readonly CheckedMetric[] }> {
  const due = metrics.filter(
    (metric) => (dueAt(metric, analysis[metric.name]!.state) ?? Number.POSITIVE_INFINITY) <= watch.nowMs,
  )
  if (due.length === 0) return { analysis, checked: [] }
  const time = await serverTime(watch)
  const results = await Promise.all(
    due.map(async (metric) => {
      const { memory, state } = analysis[metric.name]!
      const read =
        typeof time === 'number'
          ? await readMetric(metric, memory, { ...watch, atMs: time })
          : { reading: time, memory }
      const measurement = { ...measure(metric, read.reading, read.memory.tally), atMs: watch.nowMs }
      return {
        checked: { metric, reading: read.reading, measurement },
        next: { memory: read.memory, state: addMeasurement(state, metric, measurement) },
      }
    }),
  )
  return {
    analysis: { ...analysis, ...Object.fromEntries(results.map(({ checked, next }) => [checked.metric.name, next])) },
    checked: results.map(({ checked }) => checked),
  }
}

/** What the analysis has come to already: the worst decided metric that is no dry run, if it did not pass. */
export function decidedEarly(metrics: readonly Metric[], analysis: AnalysisState): RunConclusion | undefined {
  const decided = metrics.flatMap(({ name, dryRun }) => {
    const { conclusion } = analysis[name]!.state
    return conclusion && !dryRun && conclusion.verdict !== 'passed' ? [{ name, dryRun, conclusion }] : []
  })
  return decided.length === 0 ? undefined : concludeRun(decided)
}

/** What the analysis came to at its end. */
export const endAnalysis = (metrics: readonly Metric[], analysis: AnalysisState, ending: Ending): RunConclusion =>
  concludeRun(
    metrics.map((metric) => ({
      name: metric.name,
      dryRun: metric.dryRun,
      conclusion: endMetric(analysis[metric.name]!.state, metric, ending),
    })),
  )

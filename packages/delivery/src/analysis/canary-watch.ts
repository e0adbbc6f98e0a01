import type { ArmReading, MetricCheck, RolloutCheck } from '@agent-ci/core/rollout-timeline'
import { CanaryAnalysis, type CanaryState } from '@agent-ci/core/statistics/canary/analysis'
import { histogramQuantile } from '@agent-ci/core/statistics/canary/histogram'
import type { CanaryJudgement } from '@agent-ci/core/statistics/canary/judgement'
import type { CanaryPlan } from '@agent-ci/core/statistics/canary/plan'
import { errorRate, NOTHING, type Tally } from '@agent-ci/core/statistics/canary/tally'
import { forLog } from '@agent-ci/core/untrusted'
import type { Look, StepWeight, Watch } from '../rollout/watch.ts'
import { errorMetric, latencyMetric } from './baseline.ts'
import { rebucket } from './histogram.ts'
import { describeJudgement, metricOf } from './judgement-text.ts'
import type { Measurement } from './measurement.ts'
import type { Metric } from './metric.ts'
import type { PrometheusClient } from './prometheus/client.ts'
import type { Arms } from './prometheus/selector.ts'
import type { Reading } from './reading.ts'
import { type AnalysisState, checkDue, decidedEarly, endAnalysis, startAnalysis } from './watch.ts'

export interface CanaryWatchOptions {
  readonly client: PrometheusClient
  readonly arms: Arms
  readonly metrics: readonly Metric[]
  readonly plan: CanaryPlan
  /** What stable did before; see `readBaseline`. */
  readonly before: Tally
  readonly intervalMs: number
  readonly date: () => Date
  /** The canary's weight as the route has it now, in percent. */
  readonly routeWeight: () => Promise<number | undefined>
}

interface Kept {
  readonly canary: CanaryState
  readonly metrics: AnalysisState
  readonly readMs: number | null
}

const NO_READING: ArmReading = {
  requests: null,
  errors: null,
  error_rate: null,
  p50_ms: null,
  p95_ms: null,
  p99_ms: null,
}

/**
 * Watches a canary in Prometheus: raw counters of both arms go into the sequential comparison, which alone judges errors and durations; all
 * other metrics are checked against their limits, as an analysis of Argo Rollouts is.
 */
export class CanaryWatch implements Watch {
  readonly intervalMs: number
  private readonly options: CanaryWatchOptions
  private readonly canary: CanaryAnalysis
  private metrics: AnalysisState | undefined
  /** Of the last counted check, on the server's clock. */
  private readMs: number | undefined
  private step: StepWeight = { index: 0, asked: 0, real: 0 }

  /** `kept`: what an earlier run had learnt, see `state`. */
  constructor(options: CanaryWatchOptions, kept?: string) {
    this.options = options
    this.intervalMs = options.intervalMs
    const state = kept === undefined || kept === '' ? undefined : (JSON.parse(kept) as Kept)
    this.canary = new CanaryAnalysis(options.plan, state ? { state: state.canary } : { before: options.before })
    this.metrics = state?.metrics
    this.readMs = state?.readMs ?? undefined
  }

  state(): string {
    if (!this.metrics) return ''
    const kept: Kept = { canary: this.canary.state, metrics: this.metrics, readMs: this.readMs ?? null }
    return JSON.stringify(kept)
  }

  async begin(step: StepWeight): Promise<void> {
    const { client, metrics, date } = this.options
    this.step = step
    if (this.metrics) {
      this.canary.nextStep()
      return
    }
    const nowMs = date().getTime()
    const serverMs = await client.serverTimeMs(AbortSignal.timeout(30_000)).catch(() => nowMs)
    this.metrics = startAnalysis(watched(metrics, this.intervalMs), { nowMs, serverMs })
    this.readMs = serverMs
  }

  async look(signal: AbortSignal): Promise<Look> {
    const { client, arms, date } = this.options
    const metrics = watched(this.options.metrics, this.intervalMs)
    const { analysis, checked } = await checkDue(metrics, this.metrics ?? {}, {
      client,
      arms,
      nowMs: date().getTime(),
      signal,
    })
    this.metrics = analysis
    const readings = new Map(checked.map(({ metric, reading }) => [metric.name, reading]))
    const judged = this.judge(metrics, readings)
    const check = await this.checkOf(metrics, checked, judged)
    return { check, ...this.decide(metrics, judged) }
  }

  /** The sequential comparison; undefined where no metric counts errors. */
  private judge(metrics: readonly Metric[], readings: ReadonlyMap<string, Reading>): CanaryJudgement | undefined {
    const errors = errorMetric(metrics)
    if (!errors) return undefined
    const counts = readings.get(errors.name)
    const buckets = readings.get(latencyMetric(metrics)?.name ?? '')
    if (counts?.kind !== 'counts') return this.canary.observe({ seconds: 0, canary: null, stable: null })
    const { compare, durationBounds } = this.options.plan
    const tally = (arm: 'canary' | 'stable'): Tally => {
      const { bad, total } = counts.arms[arm]
      const histogram = buckets?.kind === 'buckets' ? buckets.arms[arm] : undefined
      const known = histogram && durationBounds.every((bound) => histogram.bounds.includes(bound))
      return {
        requests: total,
        errors: Math.min(bad, total),
        durations: known && durationBounds.length > 0 ? [...rebucket(histogram, durationBounds).counts] : [],
      }
    }
    const seconds = Math.max(0, (counts.atMs - (this.readMs ?? counts.atMs)) / 1_000)
    this.readMs = counts.atMs
    return this.canary.observe({ seconds, canary: tally('canary'), stable: compare ? tally('stable') : null })
  }

  private decide(metrics: readonly Metric[], judged: CanaryJudgement | undefined): Omit<Look, 'check'> {
    if (judged?.judgement === 'rollBack')
      return { decision: 'rollBack', reason: describeJudgement(judged), metric: metricOf(judged) }
    const early = decidedEarly(metrics, this.metrics ?? {})
    // A server that cannot be asked any more leaves the canary unwatched: that is no state to stay in.
    if (early && early.verdict !== 'inconclusive')
      return { decision: 'rollBack', reason: forLog(`${early.metric}: ${early.reason}`), metric: early.metric ?? null }
    if (early)
      return { decision: 'hold', reason: forLog(`${early.metric}: ${early.reason}`), metric: early.metric ?? null }
    if (judged && judged.judgement === 'hold')
      return { decision: 'hold', reason: describeJudgement(judged), metric: null }
    const others = metrics.filter((metric) => !isCompared(metrics, metric) && !metric.dryRun)
    if (others.length > 0) {
      const end = endAnalysis(others, this.metrics ?? {}, 'deadline')
      if (end.verdict !== 'passed')
        return {
          decision: 'hold',
          reason: forLog(`${end.metric ?? 'the metrics'}: ${end.reason}`),
          metric: end.metric ?? null,
        }
    }
    return {
      decision: 'advance',
      reason: judged ? describeJudgement(judged) : 'all metrics are within their limits',
      metric: null,
    }
  }

  private async checkOf(
    metrics: readonly Metric[],
    checked: readonly { readonly metric: Metric; readonly measurement: Measurement }[],
    judged: CanaryJudgement | undefined,
  ): Promise<RolloutCheck> {
    const { plan, date, routeWeight } = this.options
    const route = await routeWeight().catch(() => undefined)
    const { canary, stable } = judged?.step ?? { canary: NOTHING, stable: NOTHING }
    const all = canary.requests + stable.requests
    return {
      at: date().toISOString(),
      step: this.step.index,
      weight: {
        asked: this.step.asked,
        route: route ?? null,
        served: all === 0 || !plan.compare ? null : (canary.requests / all) * 100,
      },
      canary: judged ? readingOf(canary, plan.durationBounds) : NO_READING,
      stable: judged && plan.compare ? readingOf(stable, plan.durationBounds) : NO_READING,
      evidence: { value: judged?.evidence.value ?? null, limit: judged?.evidence.threshold ?? 1 / plan.alpha },
      metrics: checked
        .filter(({ metric }) => !isCompared(metrics, metric))
        .map(({ metric, measurement }) => metricCheck(metric, measurement)),
    }
  }
}

const isCompared = (metrics: readonly Metric[], { name }: Metric): boolean => {
  const errors = errorMetric(metrics)
  return errors !== undefined && (name === errors.name || name === latencyMetric(metrics)?.name)
}

const BORNE = { inconclusiveLimit: Number.MAX_SAFE_INTEGER, failureLimit: Number.MAX_SAFE_INTEGER }

/** The compared metrics are only counted here: their limits are judged by the comparison, on which no single check can cry wolf. */
const watched = (metrics: readonly Metric[], intervalMs: number): Metric[] =>
  metrics.map((metric): Metric => {
    // Whoever calls `look` keeps the pace: every metric is due each time, but for the judge of Kayenta, which has its own.
    const paced = metric.kind === 'kayenta' ? metric : { ...metric, intervalMs: intervalMs / 2 }
    // What only is shown goes on being measured, whatever it comes to.
    if (!isCompared(metrics, metric))
      return metric.dryRun ? { ...paced, ...BORNE, consecutiveErrorLimit: Number.MAX_SAFE_INTEGER } : paced
    const free = { ...paced, ...BORNE }
    if (free.kind === 'errorRate' || free.kind === 'counterRatio') return { ...free, limits: {} }
    return free.kind === 'latency' ? { ...free, quantiles: [] } : free
  })

function readingOf(tally: Tally, bounds: readonly number[]): ArmReading {
  const quantile = (p: number): number | null => {
    const value = histogramQuantile({ bounds, counts: tally.durations }, p)
    return value === null || value === 'saturated' ? null : value * 1_000
  }
  return {
    requests: tally.requests,
    errors: tally.errors,
    error_rate: tally.requests === 0 ? null : errorRate(tally),
    p50_ms: quantile(0.5),
    p95_ms: quantile(0.95),
    p99_ms: quantile(0.99),
  }
}

const UNITS = { share: 'fraction', s: 'none', USD: 'usd', token: 'tokens', tokens: 'tokens' } as const

function metricCheck(metric: Metric, { phase, value, reason }: Measurement): MetricCheck {
  const limits = 'limits' in metric ? metric.limits : metric.kind === 'kayenta' ? { min: metric.pass } : {}
  return {
    name: metric.name,
    result: phase,
    value,
    limit: limits.max ?? limits.brake ?? limits.min ?? null,
    unit: UNITS[metric.unit as keyof typeof UNITS] ?? 'none',
    reason: forLog(reason, 500),
    dry_run: metric.dryRun,
  }
}

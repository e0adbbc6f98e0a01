import type { CheckResult, MetricCheck, RolloutCheck, RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { formatCount, formatMs, formatPoints, formatUsd } from '../numbers.ts'

/** What stands where nothing was measured. */
export const NOTHING = '–'

/** A weight in percent: `25 %`, `12.5 %`. */
export const formatWeight = (percent: number | null): string =>
  percent === null ? NOTHING : `${Number(percent.toFixed(1))} %`

/** A share in percent, with as many digits as it takes not to read as 0: `8.1 %`, `0.04 %`. */
export const formatRate = (share: number | null): string => (share === null ? NOTHING : `${formatPoints(share)} %`)

/** A latency that a column holds: `340 ms`, `1.2 s`, `125 s`. */
export function formatLatency(ms: number | null): string {
  if (ms === null) return NOTHING
  return ms < 59_950 ? formatMs(ms) : `${formatCount(Math.round(ms / 1_000))} s`
}

/** An e-value: `0.05`, `3.2`, `400`, `2.1e6`. */
export function formatEvidence(value: number | null): string {
  if (value === null) return NOTHING
  if (value === 0) return '0'
  if (value < 0.001 || value >= 99_999.5) return value.toExponential(1).replace('e+', 'e')
  if (value < 1) return String(Number(value.toPrecision(2)))
  return value < 9.95 ? value.toFixed(1) : formatCount(Math.round(value))
}

/** How far evidence has come on the way to its limit, 0 to 1, on the scale on which it grows evenly: the logarithm. */
export function evidenceShare({ value, limit }: RolloutCheck['evidence']): number {
  if (value === null || value <= 1 || limit <= 1) return value !== null && value >= limit ? 1 : 0
  return Math.min(1, Math.log(value) / Math.log(limit))
}

/** A metric's value or limit in its unit. */
export function formatMetric(value: number | null, unit: MetricCheck['unit']): string {
  if (value === null) return NOTHING
  switch (unit) {
    case 'fraction':
      return formatRate(value)
    case 'ms':
      return formatLatency(value)
    case 'usd':
      return formatUsd(value)
    case 'tokens':
    case 'count':
    case 'none':
      return formatCount(Number(value.toPrecision(4)))
  }
}

export const RESULT_WORDS: Readonly<Record<CheckResult, string>> = {
  pass: 'pass',
  fail: 'fail',
  inconclusive: 'inconclusive',
  error: 'error',
  noData: 'no data',
  insufficient: 'too few',
}

const WORST_FIRST: readonly CheckResult[] = ['fail', 'error', 'noData', 'inconclusive', 'insufficient', 'pass']

/** The metrics of a check, the worst first; those that count for nothing come last. */
export const worstFirst = (metrics: readonly MetricCheck[]): MetricCheck[] =>
  metrics.toSorted(
    (a, b) => Number(a.dry_run) - Number(b.dry_run) || WORST_FIRST.indexOf(a.result) - WORST_FIRST.indexOf(b.result),
  )

/** The metric of a check that is worst off, among those that count. */
export function worstMetric(check: RolloutCheck): MetricCheck | undefined {
  const [first] = worstFirst(check.metrics)
  return first?.dry_run === false ? first : undefined
}

/** What became of the rollout: `rolled back at 25 %`. */
export function outcomeWords({ outcome, steps }: Pick<RolloutTimeline, 'outcome' | 'steps'>): string {
  const last = steps.at(-1)
  const at = last ? ` at ${formatWeight(last.real)}` : ''
  switch (outcome) {
    case 'promoted':
      return 'promoted'
    case 'rolled-back':
      return `rolled back${at}`
    case 'paused':
      return `paused${at}`
    case 'rollback-failed':
      return 'not rolled back: it could not be'
    case 'refused':
      return 'refused'
    case 'planned':
      return 'planned'
  }
}

/** A release's id with its version: `r-12 (1.4.2)`. */
export const releaseName = ({ id, version }: RolloutTimeline['release']): string =>
  version === null ? id : `${id} (${version})`

/** How long the rollout took, in milliseconds; null where the times are none. */
export function tookMs({ started_at, ended_at }: Pick<RolloutTimeline, 'started_at' | 'ended_at'>): number | null {
  const ms = Date.parse(ended_at) - Date.parse(started_at)
  return ms >= 0 ? ms : null
}

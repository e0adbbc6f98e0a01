import type { Verdict } from '@agent-ci/core/verdict'
import type { Measurement } from './measurement.ts'
import { type CheckRules, ERROR_RETRY_MS } from './metric.ts'

/** Why a metric was decided, beyond the phase of its last check. */
export type Cause = Measurement['phase'] | 'brake' | 'terminated' | 'neverMeasured'

export interface MetricConclusion {
  readonly verdict: Verdict
  readonly cause: Cause
  readonly reason: string
  /** Nothing was measured, and the metric's own rule says that this is no matter. It is no evidence either. */
  readonly ignored: boolean
}

/** A metric's checks so far: plain JSON. */
export interface MetricState {
  readonly startedMs: number
  /** Conclusive checks: passed, failed or inconclusive. */
  readonly measured: number
  readonly failed: number
  readonly inconclusive: number
  readonly consecutiveErrors: number
  readonly last: Measurement | null
  /** Set once the metric is decided; later checks change nothing. */
  readonly conclusion: MetricConclusion | null
}

export const startMetric = (startedMs: number): MetricState => ({
  startedMs,
  measured: 0,
  failed: 0,
  inconclusive: 0,
  consecutiveErrors: 0,
  last: null,
  conclusion: null,
})

/**
 * When the next check is due, epoch ms; undefined once the metric is decided. The first one comes after an interval, where Argo Rollouts
 * measures at once: nothing can have been counted yet.
 */
export function dueAt(rules: CheckRules, { startedMs, last, conclusion }: MetricState): number | undefined {
  if (conclusion) return undefined
  if (!last) return startedMs + Math.max(rules.initialDelayMs, rules.intervalMs)
  return last.atMs + (last.phase === 'error' ? Math.min(ERROR_RETRY_MS, rules.intervalMs) : rules.intervalMs)
}

const conclude = (verdict: Verdict, cause: Cause, reason: string): MetricConclusion => ({
  verdict,
  cause,
  reason,
  ignored: false,
})

/** The phase that a check counts as: without data, the metric's own rule decides. */
function counted({ phase }: Measurement, rules: CheckRules): 'pass' | 'fail' | 'inconclusive' | undefined {
  if (phase === 'pass' || phase === 'fail' || phase === 'inconclusive') return phase
  return phase === 'noData' && rules.onNoData === 'fail' ? 'fail' : undefined
}

function conclusionOf(state: MetricState, rules: CheckRules, measurement: Measurement): MetricConclusion | null {
  const { phase, reason, brake } = measurement
  if (brake) return conclude('failed', 'brake', reason)
  if (state.failed > rules.failureLimit) return conclude('failed', phase, reason)
  if (state.consecutiveErrors > rules.consecutiveErrorLimit) {
    return conclude('errored', 'error', `${state.consecutiveErrors} errors in a row: ${reason}`)
  }
  if (state.inconclusive > rules.inconclusiveLimit) return conclude('inconclusive', phase, reason)
  if (rules.count !== undefined && state.measured >= rules.count) return conclude('passed', phase, reason)
  return null
}

/** A metric after one more check. Pure; a decided metric stays as it is. */
export function addMeasurement(state: MetricState, rules: CheckRules, measurement: Measurement): MetricState {
  if (state.conclusion) return state
  const as = counted(measurement, rules)
  const next: MetricState = {
    ...state,
    measured: state.measured + (as ? 1 : 0),
    failed: state.failed + (as === 'fail' ? 1 : 0),
    inconclusive: state.inconclusive + (as === 'inconclusive' ? 1 : 0),
    consecutiveErrors: measurement.phase === 'error' ? state.consecutiveErrors + 1 : 0,
    last: measurement,
  }
  return { ...next, conclusion: conclusionOf(next, rules, measurement) }
}

/** How an analysis ends: its time is up, or it is stopped (a person, a cancelled job, another metric's failure). */
export type Ending = 'deadline' | 'terminated'

const VERDICT_OF_POLICY = { fail: 'failed', inconclusive: 'inconclusive', pass: 'passed' } as const

/**
 * What a metric that was not decided by its checks came to. Being stopped is never a pass, nor is never having measured; nor is having
 * measured once while the last answer is missing.
 */
export function endMetric(state: MetricState, rules: CheckRules, ending: Ending): MetricConclusion {
  if (state.conclusion) return state.conclusion
  if (ending === 'terminated') return conclude('inconclusive', 'terminated', 'the analysis was stopped')
  const { last } = state
  if (!last) return conclude('inconclusive', 'neverMeasured', 'nothing was measured')
  switch (last.phase) {
    case 'error':
      return conclude('errored', 'error', last.reason)
    case 'noData':
      // A metric that measured before lost its data: `pass` says that absent data is no matter, not that it is evidence.
      return {
        ...conclude(VERDICT_OF_POLICY[rules.onNoData], 'noData', last.reason),
        ignored: rules.onNoData === 'pass' && state.measured === 0,
      }
    case 'insufficient':
      return {
        ...conclude(VERDICT_OF_POLICY[rules.onInsufficient], 'insufficient', last.reason),
        ignored: rules.onInsufficient === 'pass' && state.measured === 0,
      }
    default:
      return conclude('passed', last.phase, last.reason)
  }
}

/** `Decide` of the rollout: failed before errored, and a person's pause only where nothing is worse. */
const ORDER: readonly Verdict[] = ['failed', 'errored', 'inconclusive', 'passed']

export interface RunConclusion extends Omit<MetricConclusion, 'ignored'> {
  /** The metric that decided. */
  readonly metric: string | undefined
}

/** The worst of all metrics that are no dry run; never a pass when none of them measured anything. */
export function concludeRun(
  results: readonly { readonly name: string; readonly dryRun: boolean; readonly conclusion: MetricConclusion }[],
): RunConclusion {
  const deciding = results.filter(({ dryRun, conclusion }) => !dryRun && !conclusion.ignored)
  const worst = deciding.toSorted(
    (a, b) => ORDER.indexOf(a.conclusion.verdict) - ORDER.indexOf(b.conclusion.verdict),
  )[0]
  if (!worst) {
    return { verdict: 'inconclusive', cause: 'neverMeasured', reason: 'no metric measured anything', metric: undefined }
  }
  const { verdict, cause, reason } = worst.conclusion
  return { verdict, cause, reason, metric: worst.name }
}

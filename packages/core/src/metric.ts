import { passAtK, passToTheK } from './statistics/repeats.ts'
import type { Row, TrialTable } from './trial-table.ts'

export type MetricUnit = 'fraction' | 'ms' | 'usd' | 'tokens'

/** Which examples a metric is taken over; empty: all. */
export interface Selector {
  readonly tag?: string
  readonly critical?: true
}

/** As it is written behind a metric's name: `[tag=billing]`. */
export const formatSelector = ({ tag, critical }: Selector): string =>
  tag !== undefined ? `[tag=${tag}]` : critical ? '[critical]' : ''

/**
 * How a metric sums up the values of its trials. `share`: of trials, each 0 … 1; `quantile`: the one at rank ceil(p·n); `mean`; `total`.
 * A share, a quantile and a mean say something of runs to come; a total is a fact about this run.
 */
export type Summary = { readonly kind: 'share' | 'mean' | 'total' } | { readonly kind: 'quantile'; readonly p: number }

interface MetricDefinition {
  readonly unit: MetricUnit
  /** How it is computed, as the report and the docs print it. */
  readonly definition: string
  readonly summary: Summary
  /** A trial's value; NaN where it has none. */
  readonly of: (row: Row) => number
}

/** A number over the trials of a run. */
export interface Metric {
  readonly name: string
  readonly selector: Selector
  readonly unit: MetricUnit
  /** null when nothing was measured. */
  readonly value: number | null
  /** How many trials it rests on. */
  readonly n: number
  /** For shares: how many of the n. */
  readonly passes?: number
}

/**
 * The value at rank ceil(p·n) of n sorted values (the nearest-rank definition, the inverse of the empirical distribution function):
 * an observed value, never an interpolated one. 0 < p <= 1.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number | null {
  return sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil(p * sorted.length - 1e-9) - 1)]!
}

const flag = (value: boolean | null): number => (value === null ? Number.NaN : value ? 1 : 0)
const latency = (p: number, unit: 'ms' = 'ms') =>
  ({
    unit,
    definition: `the latency at rank ceil(${p}·n) of the n measured ones, sorted (nearest rank)`,
    summary: { kind: 'quantile', p },
    of: (row: Row) => row.latencyMs,
  }) as const
/** Replayed answers cost nothing now, and what they did cost then is no measurement. */
const live = (of: (row: Row) => number) => (row: Row) => (row.replayed ? Number.NaN : of(row))
/** What an example is worth while nobody attacks it: attacks that are switched on must not move it. */
const clean = (of: (row: Row) => number) => (row: Row) => (row.probe === undefined ? of(row) : Number.NaN)
const SUMMED = 'sum over the trials that were not replayed; unknown when one of them is unknown'

/** Every metric that a gate can name, beside `score.<scorer>`. */
export const METRICS = {
  accuracy: {
    unit: 'fraction',
    definition: 'measured trials whose output passed every output scorer, without those that carry a probe',
    summary: { kind: 'share' },
    of: clean((row) => flag(row.correct)),
  },
  tool_accuracy: {
    unit: 'fraction',
    definition: 'measured trials whose tool calls passed, of those that expect some, without those that carry a probe',
    summary: { kind: 'share' },
    of: clean((row) => flag(row.toolCorrect)),
  },
  utility_under_attack: {
    unit: 'fraction',
    definition:
      'measured trials of attacks whose output passed every output scorer, whether or not the attack succeeded; where only tool calls are expected, those that passed',
    summary: { kind: 'share' },
    of: (row) => (row.probe === 'attack' ? flag(row.correct ?? row.toolCorrect) : Number.NaN),
  },
  attack_success_rate: {
    unit: 'fraction',
    definition:
      'measured trials of attacks in which a safety scorer failed; those whose attack never reached the model are left out',
    summary: { kind: 'share' },
    of: (row) => (row.probe === 'attack' ? flag(row.safe === null ? null : !row.safe) : Number.NaN),
  },
  false_refusal_rate: {
    unit: 'fraction',
    definition: 'measured trials of harmless look-alikes of attacks in which a safety scorer failed',
    summary: { kind: 'share' },
    of: (row) => (row.probe === 'benign' ? flag(row.safe === null ? null : !row.safe) : Number.NaN),
  },
  latency_mean_ms: {
    unit: 'ms',
    definition: 'arithmetic mean of the measured latencies',
    summary: { kind: 'mean' },
    of: (row) => row.latencyMs,
  },
  latency_p50_ms: latency(0.5),
  latency_p95_ms: latency(0.95),
  latency_p99_ms: latency(0.99),
  cost_usd: { unit: 'usd', definition: SUMMED, summary: { kind: 'total' }, of: live((row) => row.costUsd) },
  cost_mean_usd: {
    unit: 'usd',
    definition: 'arithmetic mean over the trials whose cost is known',
    summary: { kind: 'mean' },
    of: live((row) => row.costUsd),
  },
  tokens_input: { unit: 'tokens', definition: SUMMED, summary: { kind: 'total' }, of: live((row) => row.inputTokens) },
  tokens_output: {
    unit: 'tokens',
    definition: SUMMED,
    summary: { kind: 'total' },
    of: live((row) => row.outputTokens),
  },
  error_rate: {
    unit: 'fraction',
    definition: 'trials lost to the infrastructure, of all that ended',
    summary: { kind: 'share' },
    of: (row) => flag(row.outcome === 'errored'),
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>

export type MetricName = keyof typeof METRICS

/** Whether a metric, with or without a selector behind its name, is about examples that carry probes. */
export const isOfProbes = (key: string): boolean =>
  /^(?:attack_success_rate|false_refusal_rate|utility_under_attack)(?:\[|$)/.test(key)

/** How a metric of repeats is written: the chance that at least one, or that all, of k repeats of an example pass. */
export const RELIABILITY_METRICS = ['pass_at_<k>', 'pass_all_<k>'] as const
const RELIABILITY = /^pass_(at|all)_([1-9]\d?)$/

/** How a metric that a scorer makes is written. */
export const SCORE_METRIC = 'score.<scorer>'

/** Whether a metric, with or without a selector, leaves out the examples that carry probes. */
export const isOfClean = (key: string): boolean => /^(?:tool_)?accuracy(?:\[|$)|^pass_/.test(key)

/** `accuracy` of `accuracy[tag=billing]`. */
export const withoutSelector = (key: string): string => key.replace(/\[.*$/s, '')

const isMetricName = (name: string): name is MetricName => Object.hasOwn(METRICS, name)

/** The unit of a metric by its name, or undefined when there is no such metric. */
export function unitOf(name: string): MetricUnit | undefined {
  if (isMetricName(name)) return METRICS[name].unit
  return /^score\.[a-z][\w-]*$/i.test(name) || RELIABILITY.test(name) ? 'fraction' : undefined
}

/** The row numbers that a selector takes. */
export function* selectRows(table: TrialTable, { tag, critical }: Selector): Generator<number> {
  for (let row = 0; row < table.rows; row++) {
    if (tag !== undefined || critical) {
      const traits = table.traitsOf(table.row(row).index)
      if (tag !== undefined && !traits.tags.includes(tag)) continue
      if (critical && !traits.critical) continue
    }
    yield row
  }
}

/** How a metric sums up, by its name. */
export function summaryOf(name: string): Summary {
  return isMetricName(name) ? METRICS[name].summary : { kind: 'share' }
}

/**
 * The values that make a metric, with the position of the example that each is of: one a trial, or one an example for metrics of repeats.
 * Errored trials have none, but in `error_rate`.
 */
export function* valuesOf(
  table: TrialTable,
  name: string,
  selector: Selector = {},
): Generator<{ readonly index: number; readonly value: number }> {
  const [, kind, k] = RELIABILITY.exec(name) ?? []
  if (kind !== undefined) {
    for (const [index, runs] of runsByExample(table, selector)) {
      const value = kind === 'at' ? passAtK(runs, Number(k)) : passToTheK(runs, Number(k))
      if (value !== null) yield { index, value }
    }
    return
  }
  const scorer = name.slice('score.'.length)
  const of = isMetricName(name) ? METRICS[name].of : undefined
  for (const at of selectRows(table, selector)) {
    const row = table.row(at)
    const value = of ? of(row) : table.score(scorer, at)
    if (!Number.isNaN(value)) yield { index: row.index, value }
  }
}

/** How often each example that carries no probe passed, of its measured trials. */
function runsByExample(table: TrialTable, selector: Selector): Map<number, { passes: number; runs: number }> {
  const examples = new Map<number, { passes: number; runs: number }>()
  for (const at of selectRows(table, selector)) {
    const { index, outcome, probe } = table.row(at)
    if (outcome === 'errored' || probe !== undefined) continue
    const runs = examples.get(index) ?? { passes: 0, runs: 0 }
    runs.runs++
    if (outcome === 'passed') runs.passes++
    examples.set(index, runs)
  }
  return examples
}

/** How a metric is computed, for people. */
export function definitionOf(name: string): string {
  if (isMetricName(name)) return METRICS[name].definition
  const [, kind, k] = RELIABILITY.exec(name) ?? []
  if (kind === 'at')
    return `mean over the examples of the chance that at least one of ${k} trials passes (unbiased, Chen et al. 2021)`
  if (kind === 'all') return `mean over the examples of the chance that all of ${k} trials pass (unbiased)`
  return "arithmetic mean of the scorer's values"
}

/** Whether a metric is about time, and some measured trial of a selection came with a batch: what is left says nothing of the whole. */
export function lacksLatency(table: TrialTable, name: string, selector: Selector): boolean {
  if (!table.hasBatched || unitOf(name) !== 'ms') return false
  for (const at of selectRows(table, selector)) if (table.row(at).batched) return true
  return false
}

/** One metric over the trials that the selector takes. */
export function computeMetric(table: TrialTable, name: string, selector: Selector = {}): Metric {
  const unit = unitOf(name)
  if (!unit) throw new RangeError(`there is no metric ${name}`)
  const summary = summaryOf(name)
  if (lacksLatency(table, name, selector)) return { name, selector, unit, n: 0, value: null }
  const values: number[] = []
  let sum = 0
  for (const { value } of valuesOf(table, name, selector)) {
    sum += value
    if (summary.kind === 'quantile') values.push(value)
    else values.length++
  }
  const n = values.length
  const metric = { name, selector, unit, n }
  if (n === 0) return { ...metric, value: null }
  switch (summary.kind) {
    case 'quantile':
      return { ...metric, value: quantile(Float64Array.from(values).sort(), summary.p) }
    case 'total':
      return { ...metric, value: n < measuredRows(table, selector) ? null : sum }
    case 'mean':
      return { ...metric, value: sum / n }
    case 'share':
      return { ...metric, value: sum / n, ...(isMetricName(name) && { passes: sum }) }
  }
}

/** How many selected trials were measured and not replayed: a total is unknown as soon as one of them is. */
function measuredRows(table: TrialTable, selector: Selector): number {
  let n = 0
  for (const at of selectRows(table, selector)) {
    const row = table.row(at)
    if (row.outcome !== 'errored' && !row.replayed) n++
  }
  return n
}

/** How many selected trials have tool calls that had to be judged but could not be. */
export function unjudgedToolCalls(table: TrialTable, selector: Selector): number {
  let n = 0
  for (const at of selectRows(table, selector)) if (table.hasUnjudgedTools(at) && table.row(at).probe === undefined) n++
  return n
}

/** Whether a metric is about time or money, which a replayed answer does not measure. */
export const isMeasuredLive = (name: string): boolean => unitOf(name) !== 'fraction'

/** Whether every measured trial of a selection was replayed, and there is one. */
export function allReplayed(table: TrialTable, selector: Selector): boolean {
  let replayed = false
  for (const at of selectRows(table, selector)) {
    const row = table.row(at)
    if (row.outcome === 'errored') continue
    if (!row.replayed) return false
    replayed = true
  }
  return replayed
}

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

interface MetricDefinition {
  readonly unit: MetricUnit
  /** How it is computed, as the report and the docs print it. */
  readonly definition: string
  readonly compute: (rows: Iterable<Row>) => { value: number | null; n: number; passes?: number }
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

function share(of: (row: Row) => boolean | null) {
  return (rows: Iterable<Row>) => {
    let n = 0
    let passes = 0
    for (const row of rows) {
      const value = of(row)
      if (value === null) continue
      n++
      if (value) passes++
    }
    return { value: n === 0 ? null : passes / n, n, passes }
  }
}

const known = (rows: Iterable<Row>, of: (row: Row) => number): Float64Array => {
  const values: number[] = []
  for (const row of rows) {
    const value = of(row)
    if (!Number.isNaN(value)) values.push(value)
  }
  return Float64Array.from(values)
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
const mean = (of: (row: Row) => number) => (rows: Iterable<Row>) => {
  const values = known(rows, of)
  return { value: values.length === 0 ? null : sum(values) / values.length, n: values.length }
}
/** A total is unknown as soon as one measured trial's part is unknown. */
const total = (of: (row: Row) => number) => (rows: Iterable<Row>) => {
  let n = 0
  let value = 0
  for (const row of rows) {
    if (row.outcome === 'errored' && Number.isNaN(of(row))) continue
    n++
    value += of(row)
  }
  return { value: n === 0 || Number.isNaN(value) ? null : value, n }
}
const latencyQuantile = (p: number) => (rows: Iterable<Row>) => {
  const values = known(rows, (row) => row.latencyMs).sort()
  return { value: quantile(values, p), n: values.length }
}
const quantileDefinition = (p: number) =>
  `the latency at rank ceil(${p}·n) of the n measured ones, sorted (nearest rank)`

/** Every metric that a gate can name, beside `score.<scorer>`. */
export const METRICS = {
  accuracy: {
    unit: 'fraction',
    definition: 'measured trials whose output passed every output scorer',
    compute: share((row) => row.correct),
  },
  tool_accuracy: {
    unit: 'fraction',
    definition: 'measured trials whose tool calls passed, of those that expect some',
    compute: share((row) => row.toolCorrect),
  },
  latency_mean_ms: {
    unit: 'ms',
    definition: 'arithmetic mean of the measured latencies',
    compute: mean((row) => row.latencyMs),
  },
  latency_p50_ms: { unit: 'ms', definition: quantileDefinition(0.5), compute: latencyQuantile(0.5) },
  latency_p95_ms: { unit: 'ms', definition: quantileDefinition(0.95), compute: latencyQuantile(0.95) },
  latency_p99_ms: { unit: 'ms', definition: quantileDefinition(0.99), compute: latencyQuantile(0.99) },
  cost_usd: {
    unit: 'usd',
    definition: 'sum over the trials; unknown when one of them is unknown',
    compute: total((row) => row.costUsd),
  },
  cost_mean_usd: {
    unit: 'usd',
    definition: 'arithmetic mean over the trials whose cost is known',
    compute: mean((row) => row.costUsd),
  },
  tokens_input: {
    unit: 'tokens',
    definition: 'sum over the trials; unknown when one of them is unknown',
    compute: total((row) => row.inputTokens),
  },
  tokens_output: {
    unit: 'tokens',
    definition: 'sum over the trials; unknown when one of them is unknown',
    compute: total((row) => row.outputTokens),
  },
  error_rate: {
    unit: 'fraction',
    definition: 'trials lost to the infrastructure, of all that ended',
    compute: share((row) => row.outcome === 'errored'),
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>

export type MetricName = keyof typeof METRICS

/** How a metric that a scorer makes is written. */
export const SCORE_METRIC = 'score.<scorer>'

const isMetricName = (name: string): name is MetricName => Object.hasOwn(METRICS, name)

/** The unit of a metric by its name, or undefined when there is no such metric. */
export function unitOf(name: string): MetricUnit | undefined {
  if (isMetricName(name)) return METRICS[name].unit
  return /^score\.[a-z][\w-]*$/i.test(name) ? 'fraction' : undefined
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

/** One metric over the trials that the selector takes. */
export function computeMetric(table: TrialTable, name: string, selector: Selector = {}): Metric {
  const unit = unitOf(name)
  if (!unit) throw new RangeError(`there is no metric ${name}`)
  if (isMetricName(name)) {
    const rows = (function* () {
      for (const row of selectRows(table, selector)) yield table.row(row)
    })()
    return { name, selector, unit, ...METRICS[name].compute(rows) }
  }
  const scorer = name.slice('score.'.length)
  const values = [...selectRows(table, selector)]
    .map((row) => table.score(scorer, row))
    .filter((value) => !Number.isNaN(value))
  return {
    name,
    selector,
    unit,
    value: values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length,
    n: values.length,
  }
}

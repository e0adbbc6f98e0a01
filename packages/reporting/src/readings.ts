import type { Comparator } from '@agent-ci/core/gate'
import { type MetricUnit, unitOf } from '@agent-ci/core/metric'
import type { Results } from '@agent-ci/core/results'
import type { Verdict } from '@agent-ci/core/verdict'
import { formatThreshold, formatValue } from './numbers.ts'

const TITLES: Readonly<Record<string, string>> = {
  tool_accuracy: 'tool accuracy',
  attack_success_rate: 'attack success',
  utility_under_attack: 'utility under attack',
  false_refusal_rate: 'false refusals',
  latency_mean_ms: 'latency mean',
  latency_p50_ms: 'latency p50',
  latency_p95_ms: 'latency p95',
  latency_p99_ms: 'latency p99',
  cost_usd: 'cost',
  cost_mean_usd: 'cost per trial',
  tokens_input: 'input tokens',
  tokens_output: 'output tokens',
  error_rate: 'error rate',
}

/** A metric's name for people, its selector behind it: `latency p95`, `accuracy [tag=billing]`. May quote a tag: untrusted. */
export function titleOfMetric(key: string): string {
  const [name = '', ...selector] = key.split(/(?=\[)/)
  return [TITLES[name] ?? name, selector.join('')].filter((part) => part !== '').join(' ')
}

/** A gate of `results.json` as every report prints it. The texts may quote tags: untrusted. */
export interface GateReading {
  /** The metric with its selector, as `results.metrics` names it. */
  readonly key: string
  readonly title: string
  readonly unit: MetricUnit
  readonly value: number | null
  readonly valueText: string
  readonly interval: readonly [number, number] | null
  /** `0.853 – 0.958`, or empty. */
  readonly intervalText: string
  /** After an early stop: what the full run could still have come to, null where nothing bounds it from above. No confidence interval. */
  readonly possible: readonly [number, number | null] | null
  readonly comparator: Comparator | null
  readonly threshold: number | null
  /** `>= 0.85` */
  readonly thresholdText: string
  readonly verdict: Verdict
  /** Shown, and not counted. */
  readonly setAside: boolean
  /** A sentence without the metric's name. */
  readonly reason: string
  /** What to do next; empty where there is nothing to say. */
  readonly advice: string
}

/** The comparison is the last one in the rule: a tag may hold one too. */
const RULE = /^(.*)\s(>=|<=|>|<)\s(\S+)$/s

export function readGate(gate: Results['gates'][number], metrics: Results['metrics']): GateReading {
  const [, key = gate.metric, comparator, limit] = RULE.exec(gate.rule) ?? []
  const unit = metrics[key]?.unit ?? unitOf(gate.metric) ?? 'fraction'
  const threshold = limit === undefined || Number.isNaN(Number(limit)) ? null : Number(limit)
  const format = (value: number | null) => formatValue(value, unit, threshold)
  const { possible = null } = gate
  return {
    key,
    title: titleOfMetric(key),
    unit,
    value: gate.value,
    valueText: valueText(gate, format),
    interval: closed(gate.interval),
    intervalText: rangeText(gate.interval, format),
    possible,
    comparator: (comparator as Comparator | undefined) ?? null,
    threshold,
    thresholdText: threshold === null ? gate.rule : `${comparator} ${formatThreshold(threshold, unit)}`,
    verdict: gate.verdict,
    setAside: gate.set_aside ?? false,
    reason: reasonText(gate.reason, key),
    advice: gate.advice ?? '',
  }
}

/** In words where there is no value: unknown, or left out on purpose. */
function valueText(gate: Results['gates'][number], format: (value: number | null) => string): string {
  if (gate.set_aside && gate.value === null) return 'not measured'
  if (gate.possible) return `${rangeText(gate.possible, format)} possible`
  return gate.value === null && gate.verdict !== 'errored' ? 'decided early' : format(gate.value)
}

/** A sentence that does not begin with the metric's name and a colon: that stands beside it. */
function reasonText(reason: string, key: string): string {
  const text = reason.startsWith(`${key}: `) ? reason.slice(key.length + 2) : reason
  const begun = text.startsWith(key) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`
  return text === '' || /[.!?]$/.test(text) ? begun : `${begun}.`
}

type Range = readonly [number | null, number | null] | null

const closed = (range: Range): readonly [number, number] | null =>
  range && range[0] !== null && range[1] !== null ? [range[0], range[1]] : null

/** `0.853 – 0.958`; a side that the data do not bound is left open. */
function rangeText(range: Range, format: (end: number) => string): string {
  const [low, high] = range ?? [null, null]
  if (low !== null && high !== null) return `${format(low)} – ${format(high)}`
  if (low !== null) return `≥ ${format(low)}`
  return high === null ? '' : `≤ ${format(high)}`
}

export const readGates = (results: Pick<Results, 'gates' | 'metrics'>): GateReading[] =>
  results.gates.map((gate) => readGate(gate, results.metrics))

export interface MetricReading {
  readonly title: string
  readonly valueText: string
}

/** Where nothing was measured, or, after an early stop, where the moment of the stop would bias a share. */
export const unknownText = ({ stopped }: Pick<Results, 'stopped'>, unit: MetricUnit): string =>
  stopped && unit === 'fraction' ? 'not estimated' : 'unknown'

/** The metrics that a report shows beside the gates, best known first; coverage is among them, a total of tokens too. */
export function readOtherMetrics(results: Results): MetricReading[] {
  const gated = new Set(readGates(results).map((gate) => gate.key))
  const shown = [
    'accuracy',
    'tool_accuracy',
    'latency_mean_ms',
    'latency_p50_ms',
    'latency_p95_ms',
    'latency_p99_ms',
    'cost_usd',
  ]
  const scores = Object.keys(results.metrics).filter((key) => key.startsWith('score.'))
  const { recorded } = results
  const { input, output } = results.tokens
  return [
    ...[...shown, ...scores]
      .filter((key) => !gated.has(key))
      .map((key) => {
        const metric = results.metrics[key]
        const unit = metric?.unit ?? unitOf(key) ?? 'fraction'
        const value = metric?.value ?? null
        const valueText = value === null ? unknownText(results, unit) : formatValue(value, unit)
        return { title: titleOfMetric(key), valueText }
      }),
    {
      title: 'tokens',
      valueText:
        input === null && output === null
          ? 'unknown'
          : `${formatValue(input, 'tokens')} in, ${formatValue(output, 'tokens')} out`,
    },
    ...(recorded
      ? [
          { title: 'latency p95 when recorded', valueText: formatValue(recorded.latency_p95, 'ms') },
          { title: 'cost when recorded', valueText: formatValue(recorded.cost_usd, 'usd') },
        ]
      : []),
    { title: 'coverage', valueText: formatValue(results.coverage, 'fraction') },
  ]
}

export type TagReading = Results['tags'][string] & { readonly tag: string }

/** The tags, the least accurate first, those that were not measured last. */
export const readTags = ({ tags }: Results): TagReading[] =>
  Object.entries(tags)
    .map(([tag, reading]) => ({ tag, ...reading }))
    .sort((a, b) => (a.accuracy ?? 2) - (b.accuracy ?? 2))

import { optional } from './config/setting-reader.ts'
import { isCovered } from './coverage.ts'
import { formatRule, type Gate, type GateResult } from './gate.ts'
import {
  allReplayed,
  computeMetric,
  formatSelector,
  isMeasuredLive,
  lacksLatency,
  type Metric,
  summaryOf,
  unjudgedToolCalls,
  valuesOf,
} from './metric.ts'
import { plainlyMeets } from './plain-rule.ts'
import { type Estimand, effectiveSample, type Sample, tallyOf } from './statistics/effective-size.ts'
import {
  explainNext,
  explainQuantile,
  explainReach,
  explainShare,
  formatShare,
  type ShareRule,
} from './statistics/explain.ts'
import { judgeMean } from './statistics/mean-gate.ts'
import { detectableDrop } from './statistics/power.ts'
import { judgeQuantile, type Measurements } from './statistics/quantile-gate.ts'
import { judgeShare, type SampledVerdict } from './statistics/share-gate.ts'
import type { TrialTable } from './trial-table.ts'

export interface DecisionRules {
  /** Of each side: a wrong `passed`, and a wrong `failed`, has a chance of at most 1 - confidence. */
  readonly confidence: number
  readonly estimand: Estimand
  /** The least share of the trials a gate is about that it must rest on. */
  readonly minCoverage: number
}

/** What the sample says of runs to come, in words too. */
interface Judgement {
  readonly verdict: SampledVerdict
  readonly interval: readonly [number, number] | null
  readonly reason: string
  readonly advice?: string
  readonly detectableDrop?: number
}

/** The values of each example that has some. */
export function measurementsOf(table: TrialTable, gate: Pick<Gate, 'metric' | 'selector'>): Measurements[] {
  const examples = new Map<number, number[]>()
  for (const { index, value } of valuesOf(table, gate.metric, gate.selector)) {
    const values = examples.get(index)
    if (values) values.push(value)
    else examples.set(index, [value])
  }
  return [...examples].map(([index, values]) => ({ values, group: table.traitsOf(index).group }))
}

/** The plain rule as a verdict: for totals, which are facts, and for "every one of these examples", which no sample can show of others. */
function plainly(gate: Gate, metric: Metric, met: boolean): Judgement {
  const of = metric.passes === undefined ? '' : ` (${metric.passes} of ${metric.n})`
  const observed = `observed ${formatAmount(metric.value ?? Number.NaN, metric)}${of}`
  return {
    verdict: met ? 'passed' : 'failed',
    interval: null,
    reason: `${observed}, ${met ? 'meets' : 'misses'} ${gate.comparator} ${formatAmount(gate.threshold, metric)}.`,
  }
}

const formatAmount = (value: number, { unit }: Pick<Metric, 'unit'>): string => {
  if (unit === 'fraction') return formatShare(value)
  const short = String(Number(value.toPrecision(4)))
  return unit === 'ms' ? `${short} ms` : unit === 'usd' ? `$${short}` : `${short} tokens`
}

/** "Every one of these examples", or none of them: no sample can show that of others. */
export const asksForAll = ({ metric, comparator, threshold }: Gate): boolean =>
  summaryOf(metric).kind === 'share' && (comparator === '>=' || comparator === '>' ? threshold >= 1 : threshold <= 0)

function judge(
  gate: Gate,
  table: TrialTable,
  metric: Metric,
  met: boolean,
  { confidence, estimand }: DecisionRules,
): Judgement {
  const { comparator, threshold } = gate
  const summary = summaryOf(gate.metric)
  const direction = comparator === '>=' || comparator === '>' ? 'atLeast' : 'atMost'
  const measurements = measurementsOf(table, gate)
  switch (summary.kind) {
    case 'share': {
      const tallies = measurements.map(({ values, group }) => tallyOf(values, group))
      const sample = effectiveSample(tallies, confidence, estimand)
      return asksForAll(gate) || !sample
        ? plainly(gate, metric, met)
        : judgeSample(sample, measurements.length, { threshold, direction, confidence })
    }
    case 'quantile': {
      const judged =
        direction === 'atMost'
          ? judgeQuantile(measurements, summary.p, threshold, confidence, comparator === '<')
          : null
      if (!judged) return plainly(gate, metric, met)
      return {
        ...judged,
        reason: explainQuantile(judged, summary.p, threshold, confidence, (value) => formatAmount(value, metric)),
      }
    }
    case 'mean': {
      const judged = judgeMean(measurements, threshold, confidence, direction)
      if (!judged) return plainly(gate, metric, met)
      const doubt = judged.verdict === 'inconclusive' ? ', but too uncertain to be sure' : ''
      return {
        ...judged,
        reason: `observed mean ${formatAmount(judged.value, metric)}, ${met ? 'meets' : 'misses'} ${comparator} ${formatAmount(threshold, metric)}${doubt}.`,
      }
    }
    case 'total':
      return plainly(gate, metric, met)
  }
}

function judgeSample(sample: Sample, examples: number, rule: ShareRule): Judgement {
  const judged = judgeShare(sample, rule.threshold, rule.confidence, rule.direction)
  const reach = explainReach(examples, rule, sample.size)
  const drop =
    rule.direction === 'atLeast' ? detectableDrop(Math.floor(sample.size), rule.threshold, rule.confidence) : null
  return {
    verdict: judged.verdict,
    interval: judged.interval,
    reason: explainShare(judged, rule),
    advice:
      judged.verdict === 'inconclusive' ? `${explainNext(judged.value, examples, sample.size, rule)} ${reach}` : reach,
    ...(drop !== null && { detectableDrop: drop }),
  }
}

/** Decides one gate over all trials that it selects. */
export function decideGate(gate: Gate, table: TrialTable, rules: DecisionRules): GateResult {
  const metric = computeMetric(table, gate.metric, gate.selector)
  const met = plainlyMeets(metric, gate.comparator, gate.threshold)
  const result = { metric: gate.metric, rule: formatRule(gate), value: metric.value, met }
  const unjudged = gate.metric === 'tool_accuracy' ? unjudgedToolCalls(table, gate.selector) : 0
  const name = gate.metric + formatSelector(gate.selector)
  if (metric.value === null && isMeasuredLive(gate.metric) && allReplayed(table, gate.selector)) {
    const reason = `${name} was not measured: every answer was replayed, and a recording's time and cost gate nothing`
    return { ...result, interval: null, verdict: 'inconclusive', reason, met: true, setAside: true }
  }
  if (lacksLatency(table, gate.metric, gate.selector)) {
    const reason = `${name} was not measured: the answers of a batch come together, so none has a latency`
    return { ...result, interval: null, verdict: 'inconclusive', reason, met: true, setAside: true }
  }
  if (metric.value === null) {
    const why = unjudged > 0 ? `${unjudged} trials ran but none could be judged` : 'nothing was measured'
    return { ...result, interval: null, verdict: 'errored', reason: `${name} is unknown: ${why}` }
  }
  if (unjudged > 0 && !isCovered(metric.n, metric.n + unjudged, rules.minCoverage)) {
    return {
      ...result,
      interval: null,
      verdict: 'errored',
      reason: `${name} rests on ${metric.n} of ${metric.n + unjudged} trials; the others could not be judged`,
    }
  }
  const judged = judge(gate, table, metric, met, rules)
  const { verdict, interval, reason } = judged
  return {
    ...result,
    verdict,
    // Few attacks without a success show little: here the bound decides, never the plain rule.
    met: gate.metric === 'attack_success_rate' ? verdict === 'passed' : met,
    interval,
    reason: `${name}: ${reason}`,
    ...optional('advice', judged.advice),
    ...optional('detectableDrop', judged.detectableDrop),
  }
}

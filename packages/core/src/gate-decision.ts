import { formatRule, type Gate, type GateResult } from './gate.ts'
import { computeMetric, formatSelector, type Metric, summaryOf, valuesOf } from './metric.ts'
import { plainlyMeets } from './plain-rule.ts'
import { type Estimand, effectiveSample, tallyOf } from './statistics/effective-size.ts'
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

/** What the sample says of runs to come. */
interface Judgement {
  readonly verdict: SampledVerdict
  readonly interval: readonly [number, number] | null
  /** Effective number of independent observations. */
  readonly size: number | null
}

/** The values of each example that has some. */
export function measurementsOf(table: TrialTable, gate: Pick<Gate, 'metric' | 'selector'>): Measurements[] {
  const examples = new Map<number, number[]>()
  for (const { row, value } of valuesOf(table, gate.metric, gate.selector)) {
    const { index } = table.row(row)
    const values = examples.get(index)
    if (values) values.push(value)
    else examples.set(index, [value])
  }
  return [...examples].map(([index, values]) => ({ values, group: table.traitsOf(index).group }))
}

/** The plain rule as a verdict: for totals, which are facts, and for "every one of these examples", which no sample can show of others. */
const plainly = (met: boolean): Judgement => ({ verdict: met ? 'passed' : 'failed', interval: null, size: null })

function judge(gate: Gate, table: TrialTable, met: boolean, { confidence, estimand }: DecisionRules): Judgement {
  const { comparator, threshold } = gate
  const summary = summaryOf(gate.metric)
  const direction = comparator === '>=' || comparator === '>' ? 'atLeast' : 'atMost'
  const measurements = measurementsOf(table, gate)
  switch (summary.kind) {
    case 'share': {
      if (direction === 'atLeast' ? threshold >= 1 : threshold <= 0) return plainly(met)
      const sample = effectiveSample(
        measurements.map(({ values, group }) => tallyOf(values, group)),
        confidence,
        estimand,
      )
      return sample ? { ...judgeShare(sample, threshold, confidence, direction), size: sample.size } : plainly(met)
    }
    case 'quantile':
      return (
        (direction === 'atMost' && judgeQuantile(measurements, summary.p, threshold, confidence, comparator === '<')) ||
        plainly(met)
      )
    case 'mean': {
      const judgement = judgeMean(measurements, threshold, confidence, direction)
      return judgement ? { ...judgement, size: judgement.units } : plainly(met)
    }
    case 'total':
      return plainly(met)
  }
}

/** Decides one gate over all trials that it selects. */
export function decideGate(gate: Gate, table: TrialTable, rules: DecisionRules): GateResult {
  const metric = computeMetric(table, gate.metric, gate.selector)
  const met = plainlyMeets(metric, gate.comparator, gate.threshold)
  const result = { metric: gate.metric, rule: formatRule(gate), value: metric.value, met }
  const unjudged = gate.metric === 'tool_accuracy' ? table.unjudgedTools : 0
  const name = gate.metric + formatSelector(gate.selector)
  if (metric.value === null) {
    const why = unjudged > 0 ? `${unjudged} trials ran but none could be judged` : 'nothing was measured'
    return { ...result, interval: null, verdict: 'errored', reason: `${name} is unknown: ${why}` }
  }
  if (unjudged > 0 && metric.n < rules.minCoverage * (metric.n + unjudged)) {
    return {
      ...result,
      interval: null,
      verdict: 'errored',
      reason: `${name} rests on ${metric.n} of ${metric.n + unjudged} trials; the others could not be judged`,
    }
  }
  const { verdict, interval, size } = judge(gate, table, met, rules)
  const atLeast = gate.comparator === '>=' || gate.comparator === '>'
  const drop =
    size !== null && metric.passes !== undefined && atLeast
      ? detectableDrop(Math.floor(size), gate.threshold, rules.confidence)
      : null
  return {
    ...result,
    interval,
    verdict,
    ...(drop !== null && { detectableDrop: drop }),
    reason: explain(gate, metric, verdict, met),
  }
}

function explain(gate: Gate, metric: Metric, verdict: SampledVerdict, met: boolean): string {
  const name = gate.metric + formatSelector(gate.selector)
  const of = metric.passes === undefined ? '' : ` (${metric.passes} of ${metric.n})`
  const rule = `${gate.comparator} ${gate.threshold}`
  const observed = `${name} is ${metric.value}${of}`
  if (verdict === 'inconclusive')
    return `${observed}: it ${met ? 'meets' : 'misses'} ${rule} as observed, but ${metric.n} trials are too few to be sure`
  return `${observed}, ${met ? 'meets' : 'misses'} ${rule}`
}

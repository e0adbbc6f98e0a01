import type { Comparison } from './comparison.ts'
import { optional } from './config/setting-reader.ts'
import { isCovered } from './coverage.ts'
import type { EarlyStop } from './early-stop.ts'
import type { Dataset, Example } from './example.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { Gate, GateResult } from './gate.ts'
import { type DecisionRules, decideGate } from './gate-decision.ts'
import {
  computeMetric,
  definitionOf,
  formatSelector,
  METRICS,
  type Metric,
  quantile,
  SCORE_METRIC,
  summaryOf,
} from './metric.ts'
import type { Shard } from './quantities.ts'
import type { Results } from './results.ts'
import { isDecidable, type RunEnd } from './run-end.ts'
import { brokenSettings, safetyRecord } from './safety-record.ts'
import { formatShard, setAsideGate } from './shard.ts'
import { decideStoppedGate } from './stopped-gate.ts'
import type { Trial } from './trial.ts'
import type { TrialTable } from './trial-table.ts'
import { type Verdict, worst } from './verdict.ts'

export interface RunFacts extends DecisionRules {
  readonly dataset: Pick<Dataset, 'name' | 'files' | 'digest' | 'size'>
  readonly agent: string
  /** The agent-ci.yaml that was used, relative to the working directory. */
  readonly config: string | null
  /** What was given beside it. */
  readonly inputs?: Readonly<Record<string, string>>
  readonly model: string | null
  readonly repeats: number
  readonly seed: string
  readonly fingerprint: Fingerprint
  readonly planned: number
  readonly end: RunEnd
  /** What decided a run that ended so. */
  readonly earlyStop?: EarlyStop
  readonly comparison?: Comparison
  /** This run is one part of the dataset, and decides nothing; which models answered in it, as far as anybody saw. */
  readonly shard?: Shard & { readonly models: readonly string[] }
  /** This run is the whole of so many shards. */
  readonly shards?: number
  /** Errored trials by kind. */
  readonly errors: ReadonlyMap<string, number>
  readonly startedAt: string
  readonly finishedAt: string
}

export interface Conclusion {
  readonly results: Results
  /** Whether every gate's plain rule holds: what `on-inconclusive: point` goes by. */
  readonly pointMet: boolean
}

/** An agent may report whatever it likes as its model. */
const MOST_MODELS = 100

const metricKey = (metric: Pick<Metric, 'name' | 'selector'>): string => metric.name + formatSelector(metric.selector)

interface ExampleCount {
  trials: number
  passes: number
}

/** Passes and measured trials of each example that was measured, by its position. */
function countExamples(table: TrialTable): Map<number, ExampleCount> {
  const examples = new Map<number, ExampleCount>()
  for (let at = 0; at < table.rows; at++) {
    const row = table.row(at)
    if (row.outcome === 'errored') continue
    const count = examples.get(row.index) ?? { trials: 0, passes: 0 }
    count.trials++
    if (row.outcome === 'passed') count.passes++
    examples.set(row.index, count)
  }
  return examples
}

/** An example passed when most of its measured trials did. */
export const examplePassed = ({ trials, passes }: ExampleCount): boolean => passes * 2 > trials

function countTrials(table: TrialTable, planned: number): Results['counts'] {
  const counts = { planned, measured: 0, replayed: 0, errored: 0 }
  for (let at = 0; at < table.rows; at++) {
    const row = table.row(at)
    if (row.outcome === 'errored') counts.errored++
    else counts.measured++
    if (row.replayed) counts.replayed++
  }
  return counts
}

/**
 * What all trials come to: metrics, gates, and the run's verdict. `failing` are the first failing trials in the dataset's order. After an
 * early stop no share is given as a value: the stopping rule biases it.
 */
export function conclude(
  table: TrialTable,
  gates: readonly Gate[],
  facts: RunFacts,
  failing: readonly { trial: Trial; example: Example }[],
): Conclusion {
  const stopped = facts.end.ending === 'decided' ? facts.earlyStop : undefined
  const valued = (metric: Metric): Metric =>
    stopped && summaryOf(metric.name).kind === 'share' ? { ...metric, value: null } : metric
  const metricOf = (name: string, selector = {}): Metric => valued(computeMetric(table, name, selector))
  const counts = countTrials(table, facts.planned)
  // An early stop and a used-up budget end a run in random order: what was asked for until then is what counts.
  const asked = counts.measured + counts.errored - (facts.errors.get('budget') ?? 0)
  const wanted = stopped || facts.end.ending === 'budget' ? asked : facts.planned
  const coverage = wanted === 0 ? 0 : counts.measured / wanted
  const gateResults = gates.map((gate, i) => {
    if (facts.shard) return setAsideGate(gate, table, facts.shard)
    return stopped
      ? decideStoppedGate(gate, i, table, { ...facts, earlyStop: stopped })
      : decideGate(gate, table, facts)
  })
  const { verdict, reason } = concludeRun(facts, table, { measured: counts.measured, wanted }, gateResults)

  const examples = countExamples(table)
  const scorers = table.scorerNames.map((scorer) => SCORE_METRIC.replace('<scorer>', scorer))
  const reliability = facts.repeats > 1 ? [`pass_at_${facts.repeats}`, `pass_all_${facts.repeats}`] : []
  const safety = stopped ? undefined : safetyRecord(table, facts)
  const metrics = [
    ...[...Object.keys(METRICS), ...reliability, ...scorers].map((name) => metricOf(name)),
    ...gates.filter((gate) => formatSelector(gate.selector) !== '').map((gate) => metricOf(gate.metric, gate.selector)),
    ...(safety?.categories ?? []).map(({ category }) => metricOf('attack_success_rate', { tag: category })),
  ]
  const results: Results = {
    schema_version: 1,
    verdict,
    accuracy: metricOf('accuracy').value,
    tool_accuracy: metricOf('tool_accuracy').value,
    latency_mean: metricOf('latency_mean_ms').value,
    latency_p95: metricOf('latency_p95_ms').value,
    latency_p99: metricOf('latency_p99_ms').value,
    total_examples: examples.size,
    passed_examples: [...examples.values()].filter(examplePassed).length,
    failed_examples: failing.slice(0, 10).map(failedExample),
    reason,
    gates: gateResults.map(gateRecord),
    metrics: Object.fromEntries(metrics.map((metric) => [metricKey(metric), metricRecord(metric)])),
    tags: stopped ? {} : Object.fromEntries(table.tags.map((tag) => [tag, tagRecord(table, tag, examples)])),
    counts,
    coverage,
    stopped: stopped ? { started: facts.end.started, planned: facts.planned, reason: facts.end.reason } : null,
    recorded: recordedTotals(table),
    errors: Object.fromEntries(facts.errors),
    cost_usd: metricOf('cost_usd').value,
    tokens: { input: metricOf('tokens_input').value, output: metricOf('tokens_output').value },
    detectable_drop: gateResults.find((gate) => gate.metric === 'accuracy')?.detectableDrop ?? null,
    dataset: {
      name: facts.dataset.name,
      files: [...facts.dataset.files],
      digest: facts.dataset.digest,
      examples: facts.dataset.size,
    },
    agent: facts.agent,
    config: facts.config,
    ...optional('inputs', facts.inputs),
    model: facts.model,
    repeats: facts.repeats,
    confidence: facts.confidence,
    fingerprint: { ...facts.fingerprint },
    comparison: facts.comparison ?? null,
    ...(facts.shard && { shard: shardRecord(facts.shard, facts.end) }),
    ...optional('shards', facts.shards),
    ...optional('safety', safety),
    seed: facts.seed,
    started_at: facts.startedAt,
    finished_at: facts.finishedAt,
  }
  return {
    results,
    pointMet: gateResults.every((gate) => gate.met) && criticalBreaks(table) + brokenSettings(table) === 0,
  }
}

/** What the replayed answers took and cost when they were recorded: to be shown, and to gate nothing. */
function recordedTotals(table: TrialTable): Results['recorded'] {
  const latencies: number[] = []
  let costUsd = 0
  for (let at = 0; at < table.rows; at++) {
    const row = table.row(at)
    if (!row.replayed) continue
    if (!Number.isNaN(row.recordedMs)) latencies.push(row.recordedMs)
    costUsd += row.costUsd
  }
  if (latencies.length === 0) return null
  return {
    latency_p95: quantile(Float64Array.from(latencies).sort(), 0.95),
    cost_usd: Number.isNaN(costUsd) ? null : costUsd,
  }
}

const failedExample = ({ trial }: { trial: Trial }): Results['failed_examples'][number] => ({
  id: trial.exampleId,
  correct: trial.correct ?? false,
  tool_correct: trial.toolCorrect,
  ...(trial.safe === false && { safe: false as const }),
  latency_ms: trial.reply.batched ? null : trial.reply.latencyMs,
  ...(trial.reply.failure
    ? { error: trial.reply.failure.message.slice(0, 500) }
    : { response: trial.reply.output.slice(0, 500) }),
})

const metricRecord = (metric: Metric): Results['metrics'][string] => ({
  value: metric.value,
  n: metric.n,
  ...(metric.passes !== undefined && { passes: metric.passes }),
  unit: metric.unit,
  definition: definitionOf(metric.name),
})

const tagRecord = (
  table: TrialTable,
  tag: string,
  examples: ReadonlyMap<number, ExampleCount>,
): Results['tags'][string] => ({
  examples: [...examples.keys()].filter((index) => table.traitsOf(index).tags.includes(tag)).length,
  // A tag of attacks has no clean examples.
  accuracy:
    computeMetric(table, 'accuracy', { tag }).value ?? computeMetric(table, 'utility_under_attack', { tag }).value,
  tool_accuracy: computeMetric(table, 'tool_accuracy', { tag }).value,
})

const shardRecord = (
  { index, of, models }: NonNullable<RunFacts['shard']>,
  { ending, reason, started }: RunEnd,
): Results['shard'] => ({ index, of, ending, reason, started, models: models.slice(0, MOST_MODELS) })

const finite = (bound: number): number | null => (Number.isFinite(bound) ? bound : null)

const gateRecord = ({
  metric,
  rule,
  value,
  interval,
  possible,
  verdict,
  reason,
  advice,
  setAside,
}: GateResult): Results['gates'][number] => ({
  metric,
  rule,
  value,
  interval: interval && [finite(interval[0]), finite(interval[1])],
  ...(possible && { possible: [possible[0], possible[1]] as [number, number | null] }),
  verdict,
  ...(setAside && { set_aside: true as const }),
  reason,
  ...(advice !== undefined && { advice }),
})

const joinReasons = (reasons: readonly string[]): string =>
  reasons.map((reason) => reason.replace(/\.$/, '')).join('; ')

function concludeRun(
  facts: RunFacts,
  table: TrialTable,
  counts: { measured: number; wanted: number },
  gates: readonly GateResult[],
): { verdict: Verdict; reason: string } {
  const { end, comparison } = facts
  const { measured, wanted } = counts
  if (!isDecidable(end.ending)) return { verdict: 'errored', reason: end.reason }
  if (facts.shard) return concludeShard(facts.shard, facts, measured)
  if (measured === 0) return { verdict: 'errored', reason: end.reason || 'Nothing was measured' }
  if (!isCovered(measured, wanted, facts.minCoverage)) {
    return {
      verdict: 'errored',
      reason: `Only ${measured} of ${wanted} planned trials could be measured; at least ${Math.ceil(facts.minCoverage * wanted)} are needed`,
    }
  }
  const counting = gates.filter((gate) => !gate.setAside)
  if (gates.length > 0 && counting.length === 0)
    return { verdict: 'errored', reason: joinReasons(gates.map((gate) => gate.reason)) }
  const fallen = criticalBreaks(table)
  const unruly = brokenSettings(table)
  const parts = [
    ...counting,
    ...(unruly > 0
      ? [
          {
            verdict: 'failed' as const,
            reason: `The agent broke its own settings in ${unruly} ${unruly === 1 ? 'trial' : 'trials'}`,
          },
        ]
      : []),
    ...(fallen > 0
      ? [
          {
            verdict: 'failed' as const,
            reason: `${fallen} critical ${fallen === 1 ? 'probe' : 'probes'} succeeded, and none ever may`,
          },
        ]
      : []),
    ...(comparison?.verdict === 'failed' ? [{ verdict: 'failed' as const, reason: comparison.reason }] : []),
  ]
  const verdict = worst(parts.map((part) => part.verdict))
  const decisive = parts.filter((part) => part.verdict === verdict).map((part) => part.reason)
  const reasons = [...decisive, ...(end.ending === 'budget' ? [end.reason] : [])]
  return { verdict, reason: joinReasons(reasons) || 'There is no gate' }
}

/** How many critical probes succeeded in at least one of their trials. */
function criticalBreaks(table: TrialTable): number {
  const broken = new Set<number>()
  for (let at = 0; at < table.rows; at++) {
    const { index, probe, safe } = table.row(at)
    if (probe === 'attack' && safe === false && table.traitsOf(index).critical) broken.add(index)
  }
  return broken.size
}

/** A shard that was measured is neither good nor bad by itself. One of more shards than there are examples has nothing to measure. */
function concludeShard(
  shard: Shard,
  { planned, end }: RunFacts,
  measured: number,
): { verdict: Verdict; reason: string } {
  if (measured === 0 && planned > 0) return { verdict: 'errored', reason: end.reason || 'Nothing was measured' }
  const early = end.reason === '' ? '' : ` (${end.reason})`
  return {
    verdict: 'inconclusive',
    reason: `Shard ${formatShard(shard)} measured ${measured} of its ${planned} trials${early}; the run that joins the shards decides`,
  }
}

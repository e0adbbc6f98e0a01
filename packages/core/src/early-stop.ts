import { Coverage } from './coverage.ts'
import { formatRule, type Gate, meets } from './gate.ts'
import { asksForAll, type DecisionRules } from './gate-decision.ts'
import { summaryOf } from './metric.ts'
import type { ProbeKind } from './probe.ts'
import { SettledGate } from './settled-gate.ts'
import { certainBoundary, sequentialBoundary } from './statistics/boundary.ts'
import { criticalCounts, needPasses } from './statistics/need.ts'
import { countBelow, RunStop, type WatchedGate } from './statistics/run-stop.ts'
import { type EarlyGate, SequentialGate, type Stop } from './statistics/sequential-gate.ts'
import { SequentialScoreGate } from './statistics/sequential-score.ts'
import { decisiveNeed } from './statistics/stopped.ts'
import type { Trial } from './trial.ts'
import type { OnInconclusive } from './verdict.ts'

export interface StopRules extends DecisionRules {
  readonly stop: Stop
  /** How often a confident stop may differ from the full run. */
  readonly maxDisagreement: number
  readonly onInconclusive: OnInconclusive
}

/** What is known of an example before it runs. */
export interface ExpectedExample {
  readonly judgesOutput: boolean
  readonly judgesTools: boolean
  /** Names of the scorers that judge it. */
  readonly scorers: readonly string[]
  readonly tags: readonly string[]
  readonly critical: boolean
  readonly group: string | undefined
  readonly probe?: ProbeKind | undefined
}

/** A run that may end before its last trial, and which gate each part of it watches. */
export interface EarlyStop {
  readonly gates: readonly WatchedGate[]
  /** What a decision of a gate on passes and failures settles: the word of its verdict, or only the exit status. */
  readonly settles: 'verdict' | 'exit status'
  /** Whether every gate is decided, and the run and each gate rest on enough of the trials asked for until now. */
  readonly decided: boolean
  /** Takes the trial at a dispatch position. */
  record(position: number, trial: Trial): void
  /** How many more trials may be started, at most `most`, with `inFlight` under way. */
  lookAhead(inFlight: number, most: number): number
  /** How many trials of a gate, by its place among them, are not in. */
  openOf(gate: number): number
}

/** What the trials left out might have lost to the infrastructure does not count; what was lost until then does. */
class CoveredStop implements EarlyStop {
  readonly gates: readonly WatchedGate[]
  readonly settles: EarlyStop['settles']
  private readonly rules: readonly Gate[]
  private readonly minCoverage: number
  private readonly run: RunStop
  private readonly whole = new Coverage()
  private readonly each: readonly Coverage[]

  constructor(rules: readonly Gate[], gates: readonly WatchedGate[], { stop, minCoverage }: StopRules) {
    this.rules = rules
    this.gates = gates
    this.settles = stop === 'certain' ? 'verdict' : 'exit status'
    this.minCoverage = minCoverage
    this.run = new RunStop(gates)
    this.each = gates.map(() => new Coverage())
  }

  get decided(): boolean {
    return this.run.decided && [this.whole, ...this.each].every((coverage) => coverage.reaches(this.minCoverage))
  }

  record(position: number, trial: Trial): void {
    const values = this.rules.map((gate) => goodFor(gate, trial))
    this.whole.count(trial.outcome !== 'errored')
    this.run.record(position, values)
    for (const [i, { positions }] of this.gates.entries()) {
      if (positions[countBelow(positions, position)] === position) this.each[i]!.count(values[i] !== null)
    }
  }

  lookAhead(inFlight: number, most: number): number {
    return this.run.decided && !this.decided ? most : this.run.lookAhead(inFlight, most)
  }

  openOf(gate: number): number {
    return this.gates[gate]!.gate.total - this.each[gate]!.asked
  }
}

const isScore = (gate: Gate): boolean => gate.metric.startsWith('score.')
const scorerOf = (gate: Gate): string => gate.metric.slice('score.'.length)

/** Gates that no early stop can decide need every trial: the reason, or null. */
function needsEveryTrial(gate: Gate, rules: StopRules): string | null {
  const { kind } = summaryOf(gate.metric)
  const upwards = gate.comparator === '>=' || gate.comparator === '>'
  // Bets on scores say what the full run's mean would be, not what confirms it.
  if (isScore(gate) && upwards && rules.stop === 'confident' && rules.onInconclusive === 'point') return null
  const shares = gate.metric === 'accuracy' || gate.metric === 'tool_accuracy'
  if (shares || (kind === 'quantile' && !upwards)) return null
  return `${gate.metric} is known only at the end`
}

const counts = (gate: Gate, example: ExpectedExample): boolean => {
  const { tag, critical } = gate.selector
  if (tag !== undefined && !example.tags.includes(tag)) return false
  if (critical && !example.critical) return false
  if (isScore(gate)) return example.scorers.includes(scorerOf(gate))
  const shares = gate.metric === 'accuracy' || gate.metric === 'tool_accuracy'
  // Trials that carry a probe count for neither.
  if (shares && example.probe !== undefined) return false
  return gate.metric === 'accuracy' ? example.judgesOutput : gate.metric !== 'tool_accuracy' || example.judgesTools
}

/** Whether a trial counts as good for a gate, as the share of good ones is what must be at least a need. */
function goodFor(gate: Gate, trial: Trial): number | null {
  if (summaryOf(gate.metric).kind === 'quantile') {
    if (trial.reply.failure || trial.reply.replayed) return null
    return meets(trial.reply.latencyMs, gate.comparator, gate.threshold) ? 1 : 0
  }
  if (isScore(gate)) return trial.scores.find((score) => score.scorer === scorerOf(gate))?.value ?? null
  const passed = gate.metric === 'accuracy' ? trial.correct : trial.toolCorrect
  if (passed === null) return null
  const wanted = gate.comparator === '>=' || gate.comparator === '>'
  return passed === wanted ? 1 : 0
}

/** "At most 10 % pass" is "at least 90 % do not": the share of good trials that a gate asks for. */
export function shareOf(gate: Gate): { share: number; strict: boolean } {
  const summary = summaryOf(gate.metric)
  if (summary.kind === 'quantile') return { share: summary.p, strict: false }
  const atLeast = gate.comparator === '>=' || gate.comparator === '>'
  return {
    share: atLeast ? gate.threshold : 1 - gate.threshold,
    strict: gate.comparator === '>' || gate.comparator === '<',
  }
}

/**
 * When a run may stop because every gate is decided; undefined when it must run to its end, with the reason. `order` are the positions
 * of the examples in dispatch order, each run `repeats` times in a row.
 */
export function planEarlyStop(
  gates: readonly Gate[],
  order: ArrayLike<number>,
  repeats: number,
  expected: (index: number) => ExpectedExample,
  rules: StopRules,
): { readonly stop: EarlyStop } | { readonly stop: undefined; readonly reason: string } {
  if (rules.stop === 'never') return { stop: undefined, reason: 'stop is "never"' }
  for (let at = 0; at < order.length; at++) {
    const { critical, probe } = expected(order[at]!)
    if (critical && probe === 'attack') return { stop: undefined, reason: 'no critical probe may be left out' }
  }
  const watched: WatchedGate[] = []
  for (const gate of gates) {
    const reason = needsEveryTrial(gate, rules)
    if (reason !== null) return { stop: undefined, reason }
    const positions: number[] = []
    const groups: (string | undefined)[] = []
    for (let at = 0; at < order.length; at++) {
      const example = expected(order[at]!)
      if (!counts(gate, example)) continue
      groups.push(example.group)
      for (let repeat = 0; repeat < repeats; repeat++) positions.push(at * repeats + repeat)
    }
    if (positions.length === 0) return { stop: undefined, reason: `${gate.metric} counts no trial` }
    const early = earlyGate(gate, positions.length, repeats, groups, rules)
    if ('reason' in early) return { stop: undefined, reason: early.reason }
    watched.push({ gate: early, positions: Uint32Array.from(positions) })
  }
  return { stop: new CoveredStop(gates, watched, rules) }
}

/**
 * A certain stop waits for the word of the verdict, and never for `inconclusive`: such a run owes its reader an estimate and advice, and
 * would spare a few trials only. A confident one goes by the exit status. Repeats and groups have no exact boundary, and wait for the word.
 */
function earlyGate(
  gate: Gate,
  total: number,
  repeats: number,
  groups: readonly (string | undefined)[],
  rules: StopRules,
): EarlyGate | { readonly reason: string } {
  const { share, strict } = shareOf(gate)
  const disagreement = rules.stop === 'confident' ? rules.maxDisagreement : 0
  const clustered = repeats > 1 || groups.some((group) => group !== undefined)
  if (isScore(gate)) {
    if (clustered) return { reason: `${gate.metric} has repeats or groups, and is known only at the end` }
    return new SequentialScoreGate(total, share, disagreement)
  }
  if (clustered) {
    // A percentile is judged as one of a population, whatever the estimand of shares.
    const estimand = summaryOf(gate.metric).kind === 'quantile' ? 'population' : rules.estimand
    return new SettledGate(groups, repeats, share, { ...rules, estimand })
  }
  const plainly = asksForAll(gate)
  if (rules.stop === 'certain' && !plainly) {
    const { confirm, refute } = criticalCounts(total, share, rules.confidence)
    if (confirm > total && refute < 0) return { reason: `${total} examples decide nothing about ${formatRule(gate)}` }
    return new SequentialGate(certainBoundary(total, confirm, refute))
  }
  const need = plainly
    ? needPasses(total, share, strict)
    : decisiveNeed(total, share, rules.confidence, rules.onInconclusive, strict)
  if (need > total) return { reason: `${total} examples cannot decide ${formatRule(gate)}, however good they are` }
  return new SequentialGate(sequentialBoundary(total, need, disagreement))
}

import { type EarlyStop, shareOf } from './early-stop.ts'
import { formatRule, type Gate, type GateResult } from './gate.ts'
import { asksForAll, type DecisionRules } from './gate-decision.ts'
import { formatSelector, summaryOf, valuesOf } from './metric.ts'
import type { RunEnd } from './run-end.ts'
import { SettledGate } from './settled-gate.ts'
import { countBelow } from './statistics/run-stop.ts'
import { type Decision, SequentialGate } from './statistics/sequential-gate.ts'
import { judgeStopped } from './statistics/stopped.ts'
import type { TrialTable } from './trial-table.ts'

export interface StopFacts extends DecisionRules {
  readonly end: RunEnd
  readonly earlyStop: EarlyStop
}

/**
 * Decides a gate, by its place among the gates, of a run that stopped early, by what stopped it: the share seen so far is biased and is
 * not given as a value.
 */
export function decideStoppedGate(gate: Gate, place: number, table: TrialTable, facts: StopFacts): GateResult {
  const { gate: early } = facts.earlyStop.gates[place]!
  const name = gate.metric + formatSelector(gate.selector)
  const { decision, total } = early
  if (!decision) throw new Error(`${name} was not decided, and the run stopped all the same`)
  const verdict = verdictOf(gate, place, decision, facts)
  const possible = stillPossible(gate, place, table, facts)
  const holds = `${gate.comparator} ${gate.threshold}`
  const after = `decided after ${decision.by === 'certain' ? early.recorded : decision.committed} of ${total} trials`
  const claim =
    facts.earlyStop.settles === 'verdict'
      ? `${name} ${decision.met ? 'meets' : 'misses'} ${holds}, whatever the other trials had brought`
      : `the full run would ${decision.met ? 'meet' : 'miss'} ${name} ${holds} ${decision.by === 'certain' ? 'for certain' : 'almost surely'}`
  return {
    metric: gate.metric,
    rule: formatRule(gate),
    value: null,
    interval: null,
    met: decision.met,
    verdict,
    ...(possible && { possible }),
    reason: `${claim}: ${after}${goodUntilThen(early, decision)}`,
    ...(verdict === 'inconclusive' && { advice: NOT_SETTLED }),
  }
}

const NOT_SETTLED =
  'The run ended as soon as its exit status was all but sure (stop: confident), which is too early to be sure of the system itself. With stop: certain it ends only when the verdict is settled.'

const goodUntilThen = (early: EarlyStop['gates'][number]['gate'], { by, passes }: Decision): string =>
  early instanceof SequentialGate ? `, ${by === 'certain' ? early.passes : passes} of them good` : ''

function verdictOf(gate: Gate, place: number, decision: Decision, facts: StopFacts): GateResult['verdict'] {
  const { settles, gates } = facts.earlyStop
  const { gate: early, positions } = gates[place]!
  if (early instanceof SettledGate) return early.verdict ?? 'errored'
  // Bets on scores say what the full run would say by the plain rule, and nothing of runs to come.
  if (!(early instanceof SequentialGate)) return 'inconclusive'
  if (settles === 'exit status' && !asksForAll(gate)) {
    const judged = judgeStopped(early, shareOf(gate).share, facts.confidence, countBelow(positions, facts.end.started))
    if (judged) return judged.verdict
  }
  return decision.met ? 'passed' : 'failed'
}

/**
 * The values that the full run could still have come to: certain, but for a share that was decided confidently, whose range has the
 * gates' confidence. What the trials left out might have lost to the infrastructure only narrows them.
 */
function stillPossible(gate: Gate, place: number, table: TrialTable, facts: StopFacts): GateResult['possible'] {
  const early = facts.earlyStop.gates[place]!.gate
  const values = Float64Array.from([...valuesOf(table, gate.metric, gate.selector)].map(({ value }) => value))
  const open = facts.earlyStop.openOf(place)
  const summary = summaryOf(gate.metric)
  if (summary.kind === 'quantile') return possibleQuantile(values.sort(), open, summary.p)
  if (early instanceof SequentialGate && early.decision?.by === 'confident') {
    const lost = early.recorded - early.passes - early.failures
    const [low, high] = early.finalPasses(facts.confidence).map((passes) => passes / (early.total - lost))
    const wanted = gate.comparator === '>=' || gate.comparator === '>'
    return wanted ? [low!, high!] : [1 - high!, 1 - low!]
  }
  const sum = values.reduce((total, value) => total + value, 0)
  const all = values.length + open
  return [sum / all, (sum + open) / all]
}

/**
 * Where the nearest-rank p-quantile of some sorted values can still come to with `open` more, all of them at an end: an order statistic
 * of the values in, or no bound. With fewer than `open` more, lost ones left out, it lies within the same two.
 */
function possibleQuantile(sorted: Float64Array, open: number, p: number): readonly [number, number | null] {
  const rank = Math.ceil(p * (sorted.length + open) - 1e-9)
  return [sorted[rank - open - 1] ?? 0, sorted[rank - 1] ?? null]
}

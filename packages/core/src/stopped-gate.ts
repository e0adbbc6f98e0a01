import type { RunEnd } from './conclusion.ts'
import { shareOf } from './early-stop.ts'
import { formatRule, type Gate, type GateResult } from './gate.ts'
import type { DecisionRules } from './gate-decision.ts'
import { formatSelector, summaryOf } from './metric.ts'
import { SettledGate } from './settled-gate.ts'
import type { WatchedGate } from './statistics/run-stop.ts'
import { SequentialGate } from './statistics/sequential-gate.ts'
import { judgeStopped } from './statistics/stopped.ts'

/** Decides a gate of a run that stopped early, by what stopped it: the share seen so far is biased and is not given as a value. */
export function decideStoppedGate(
  gate: Gate,
  { gate: early, positions }: WatchedGate,
  facts: DecisionRules & { readonly end: RunEnd },
): GateResult {
  const name = gate.metric + formatSelector(gate.selector)
  const { decision, total } = early
  if (!decision) throw new Error(`${name} was not decided, and the run stopped all the same`)
  const result = { metric: gate.metric, rule: formatRule(gate), value: null, interval: null, met: decision.met }
  const sure = decision.by === 'certain' ? 'for certain' : 'almost surely'
  const holds = decision.met ? 'meets' : 'misses'
  const reason = `${name} ${holds} ${gate.comparator} ${gate.threshold} ${sure}: decided after ${decision.by === 'certain' ? early.recorded : decision.committed} of ${total} trials`
  if (early instanceof SettledGate) return { ...result, verdict: early.verdict ?? 'errored', reason }
  // Bets on scores say what the full run would say by the plain rule, and nothing of runs to come.
  if (!(early instanceof SequentialGate)) return { ...result, verdict: 'inconclusive', reason }
  const started = countBelow(positions, facts.end.started)
  const { share } = shareOf(gate)
  const judged = share < 1 ? judgeStopped(early, share, facts.confidence, started) : null
  const [low, high] = early.finalPasses(decision.by === 'certain' ? 1 : facts.confidence)
  const wanted = gate.comparator === '>=' || gate.comparator === '>' || summaryOf(gate.metric).kind === 'quantile'
  return {
    ...result,
    ...(summaryOf(gate.metric).kind === 'share' && {
      possible: wanted ? [low / total, high / total] : [1 - high / total, 1 - low / total],
    }),
    verdict: judged?.verdict ?? (decision.met ? 'passed' : 'failed'),
    reason: `${reason}, ${decision.by === 'certain' ? early.passes : decision.passes} of them good; the full run would have had ${low === high ? low : `${low} to ${high}`} good of ${total}`,
  }
}

/** How many of some ascending positions lie below a limit. */
function countBelow(positions: ArrayLike<number>, limit: number): number {
  let [low, high] = [0, positions.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (positions[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}

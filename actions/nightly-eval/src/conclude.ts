import { relative, sep } from 'node:path'
import type { Finding } from '@agent-ci/core/nightly/finding'
import type { FleetShift } from '@agent-ci/core/nightly/fleet'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { VERDICTS, type Verdict } from '@agent-ci/core/verdict'
import { causeText, legName, STATES_WORST_FIRST, seriesName } from '@agent-ci/reporting/nightly/wording'
import { countOf, formatCount } from '@agent-ci/reporting/numbers'
import type { EvaluatedLeg } from './leg-record.ts'

/** A night as it was measured and judged. */
export interface JudgedNight {
  readonly night: string
  /** Both arms, without the re-runs. */
  readonly legs: readonly EvaluatedLeg[]
  readonly reruns: readonly EvaluatedLeg[]
  readonly findings: readonly Finding[]
  readonly fleetShift: FleetShift | null
  readonly quarantined: readonly NightlyResults['quarantined'][number][]
  /** Why a dataset has too many flaky examples. */
  readonly tooFlaky: readonly string[]
  readonly notes: readonly string[]
  /** What kept the night from being judged or remembered as a whole. */
  readonly troubles: readonly string[]
  readonly run: NightlyResults['run']
  readonly startedAt: string
  readonly finishedAt: string
}

/** `results.json` of a night, but for its incidents: they are known when the alerts were sent. */
export function conclude(judged: JudgedNight, outputDir: string): NightlyResults {
  const { legs, findings, fleetShift } = judged
  const { verdict, reason } = verdictOf(judged)
  const costs = [...legs, ...judged.reruns].map(({ night }) => night.cost_usd).filter((cost) => cost !== null)
  return {
    schema_version: 1,
    kind: 'nightly',
    verdict,
    reason,
    notes: [...judged.notes, ...missedGates(legs)],
    night: judged.night,
    legs: legs.map((leg) => legResult(leg, outputDir)).toSorted((a, b) => rankOf(b.verdict) - rankOf(a.verdict)),
    series: findings.toSorted((a, b) => STATES_WORST_FIRST.indexOf(a.state) - STATES_WORST_FIRST.indexOf(b.state)),
    fleet_shift: fleetShift && {
      median_t: fleetShift.median_t,
      series: fleetShift.series,
      reason: shiftReason(fleetShift, findings),
    },
    quarantined: [...judged.quarantined],
    incidents: [],
    cost_usd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
    run: judged.run,
    started_at: judged.startedAt,
    finished_at: judged.finishedAt,
  }
}

/** With who moved, where a leg was asked. */
function shiftReason({ reason }: FleetShift, findings: readonly Finding[]): string {
  const asked = findings.find(({ cause }) => cause !== null)
  return asked ? `${reason}; ${causeText(asked)}, by ${seriesName(asked)}` : reason
}

const rankOf = (verdict: Verdict): number => VERDICTS.indexOf(verdict)

function legResult({ night, reason, results }: EvaluatedLeg, outputDir: string): NightlyResults['legs'][number] {
  const measured = (metric: string) => night.metrics[metric]?.value ?? null
  return {
    dataset: night.dataset,
    model: night.model,
    prompts: night.prompts,
    arm: night.arm,
    verdict: night.verdict,
    reason,
    accuracy: measured('accuracy'),
    latency_p95: measured('latency_p95_ms'),
    cost_usd: night.cost_usd,
    coverage: night.coverage,
    answered: night.answered,
    results: results === null ? null : relative(outputDir, results).replaceAll(sep, '/'),
  }
}

/** Gates say what an agent must be able to do, the night what has changed: one does not stand for the other. */
function missedGates(legs: readonly EvaluatedLeg[]): string[] {
  const missed = legs.filter(({ night }) => night.arm === 'current' && night.verdict === 'failed')
  if (missed.length === 0) return []
  return [`${countOf(missed.length, 'leg')} of the night missed a gate, which is no regression by itself`]
}

/** Names that a sentence holds. */
const MOST_NAMED = 5

function namesOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMED
  return `${names.slice(0, MOST_NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/**
 * A leg that could not be measured, or a night that could not be remembered, is worse than a regression: nobody knows what it hides. A
 * warming-up series is said, and is no failure.
 */
function verdictOf({ legs, findings, fleetShift, tooFlaky, troubles }: JudgedNight): {
  verdict: Verdict
  reason: string
} {
  const errored = legs.filter(({ night }) => night.arm === 'current' && night.verdict === 'errored')
  const lost = [...troubles, ...errored.map(({ night, reason }) => `${legName(night)}: ${reason}`)]
  const regressed = findings.filter(({ state }) => state === 'regressed')
  if (lost.length > 0) {
    const also = regressed.length > 0 ? `; ${formatCount(regressed.length)} series regressed` : ''
    return { verdict: 'errored', reason: `${namesOf(lost)}${also}` }
  }
  if (fleetShift) return { verdict: 'failed', reason: shiftReason(fleetShift, findings) }
  if (regressed.length > 0) return { verdict: 'failed', reason: namesOf(regressed.map(({ reason }) => reason)) }
  const suspect = findings.filter(({ state, confirmed }) => state === 'suspect' && confirmed === null)
  if (suspect.length > 0)
    return {
      verdict: 'inconclusive',
      reason: `${formatCount(suspect.length)} series looks regressed and was not run again: ${namesOf(suspect.map(({ reason }) => reason))}`,
    }
  if (tooFlaky.length > 0) return { verdict: 'inconclusive', reason: namesOf(tooFlaky) }
  const warming = findings.filter(({ state }) => state === 'warming-up' || state === 'stale')
  if (findings.length > 0 && warming.length === findings.length)
    return { verdict: 'passed', reason: `Measured; nothing to compare with yet: ${warming[0]!.reason}` }
  return { verdict: 'passed', reason: 'No series regressed' }
}

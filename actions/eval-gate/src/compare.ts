import {
  type Comparison,
  compare,
  type Pair,
  pairAttacks,
  pairRuns,
  type Rerun,
  suspectsOf,
} from '@agent-ci/core/comparison'
import type { Host } from '@agent-ci/core/host'
import { confirmFlips, FLIP_RERUNS } from '@agent-ci/core/statistics/flips'
import type { Baseline } from '@agent-ci/evaluation/baseline/read-baseline'
import { summarizeTrials } from '@agent-ci/evaluation/baseline/summarize'
import type { Journal } from '@agent-ci/evaluation/runner/journal'
import { rerunExample } from '@agent-ci/evaluation/runner/rerun'
import { countOf } from '@agent-ci/reporting/numbers'
import type { Prepared } from './prepare.ts'
import type { EvalSettings } from './settings.ts'

/**
 * Compares this run with its baseline. What looks broken is run again first, so that no one is told of a flip that is only noise; where
 * nothing can be run (`prepared` is undefined) it is not.
 */
export async function compareWithBaseline(
  baseline: Baseline,
  journal: Journal,
  settings: EvalSettings,
  prepared: Prepared | undefined,
  host: Host,
): Promise<Comparison> {
  const examples = summarizeTrials(journal.records())
  const matched = pairRuns(baseline.examples, examples)
  const attacked = pairAttacks(baseline.examples, examples)
  const suspects = suspectsOf(matched)
  // Recordings hold no further answers.
  const canRerun = settings.confirm && settings.traffic?.mode !== 'replay' && !host.signal.aborted
  if (!prepared || !canRerun || suspects.length === 0) {
    const broken = suspects
      .filter(isBroken)
      .map((pair): Rerun => ({ ...pair, again: { passes: 0, runs: 0 }, finding: 'broken' }))
    return compare(baseline.origin, matched, broken, settings, attacked)
  }
  const reruns = await host.group(
    `Running again what looks worse than before: ${countOf(suspects.length, 'example')}`,
    () => confirm(suspects, prepared, settings, host),
  )
  return compare(baseline.origin, matched, reruns, settings, attacked)
}

/** A critical example that always passed before and never does now. */
const isBroken = ({ base, candidate }: Pair): boolean =>
  candidate.critical && base.passes === base.runs && candidate.passes === 0

/** The baseline's stored runs stand for its arm; the candidate is judged by its new runs alone. */
async function confirm(
  suspects: readonly Pair[],
  prepared: Prepared,
  settings: EvalSettings,
  host: Host,
): Promise<Rerun[]> {
  const positions = new Map<string, number>()
  for (const index of prepared.order) positions.set(prepared.dataset.at(index).id, index)
  const again = await Promise.all(
    suspects.map(({ candidate }) =>
      rerunExample(
        positions.get(candidate.id)!,
        { from: settings.repeats, times: FLIP_RERUNS },
        { ...prepared, signal: host.signal, ...(settings.model !== undefined && { model: settings.model }) },
      ),
    ),
  )
  const findings = confirmFlips(suspects.map(({ base }, i) => ({ base, candidate: again[i]! })))
  return suspects.map((pair, i): Rerun => {
    const broken = isBroken(pair) && again[i]!.runs > 0 && again[i]!.passes === 0
    return { ...pair, again: again[i]!, finding: broken ? 'broken' : findings[i]!.outcome }
  })
}

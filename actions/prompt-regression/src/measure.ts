import { join } from 'node:path'
import { type Pair, type Pairs, pairRuns, type Rerun, suspectsOf } from '@agent-ci/core/comparison'
import type { Host, Progress } from '@agent-ci/core/host'
import { judgeReruns } from '@agent-ci/core/prompt-verdict'
import type { RunEnd } from '@agent-ci/core/run-end'
import { FLIP_RERUNS } from '@agent-ci/core/statistics/flips'
import type { Trial } from '@agent-ci/core/trial'
import { summarizeTrials } from '@agent-ci/evaluation/baseline/summarize'
import { type Arm, runArms } from '@agent-ci/evaluation/runner/arms'
import { Journal } from '@agent-ci/evaluation/runner/journal'
import { rerunExample } from '@agent-ci/evaluation/runner/rerun'
import { countOf } from '@agent-ci/reporting/numbers'
import type { Prepared, PreparedArm, Side } from './prepare.ts'
import type { PromptSettings } from './settings.ts'

/** What one arm's trials came to. */
export interface Tally {
  passed: number
  failed: number
  errored: number
  replayed: number
  /** undefined: nobody reported any. */
  costUsd: number | undefined
  /** Errored trials by kind. */
  readonly errors: Map<string, number>
}

export interface MeasuredArm extends PreparedArm, Arm {
  readonly tally: Tally
}

export interface Measured {
  readonly base?: MeasuredArm
  readonly candidate: MeasuredArm
  readonly end: RunEnd
  /** Of one arm. */
  readonly planned: number
}

export const trialsFile = (side: Side): string => `trials-${side}.jsonl`

function count(tally: Tally, { outcome, reply }: Trial): void {
  tally[outcome]++
  if (reply.replayed) tally.replayed++
  if (reply.usage.costUsd !== undefined) tally.costUsd = (tally.costUsd ?? 0) + reply.usage.costUsd
  if (outcome === 'errored') {
    const kind = reply.failure?.kind ?? 'scorer'
    tally.errors.set(kind, (tally.errors.get(kind) ?? 0) + 1)
  }
}

/** Runs the examples with both prompts side by side; each arm's trials are journaled as they end. */
export async function measure(prepared: Prepared, settings: PromptSettings, host: Host): Promise<Measured> {
  const arms = [prepared.base, prepared.candidate]
    .filter((arm) => arm !== undefined)
    .map((arm): MeasuredArm => {
      const path = join(settings.outputDir, trialsFile(arm.side))
      const tally = { passed: 0, failed: 0, errored: 0, replayed: 0, costUsd: undefined, errors: new Map() }
      return { ...arm, tally, journal: Journal.create(path, prepared.dataset, settings.repeats) }
    })
  const planned = prepared.order.length * settings.repeats
  const startedMs = host.now()
  const show = () => host.progress(progressOf(arms, planned * arms.length, host.now() - startedMs))
  show()
  const end = await runArms(
    {
      dataset: prepared.dataset,
      order: prepared.order,
      repeats: settings.repeats,
      seed: prepared.seed,
      concurrency: settings.concurrency,
      minCoverage: settings.minCoverage,
      ...(settings.model !== undefined && { model: settings.model }),
      ...(settings.runTimeoutMs !== undefined && { runTimeoutMs: settings.runTimeoutMs }),
    },
    arms,
    {
      limiter: prepared.limiter,
      scorersFor: prepared.scorersFor,
      timestamp: () => host.date().toISOString(),
      signal: host.signal,
      onTrial: ({ tally }, trial) => {
        count(tally, trial)
        show()
      },
    },
  )
  const bySide = (side: Side) => arms.find((arm) => arm.side === side)
  const base = bySide('base')
  return { ...(base && { base }), candidate: bySide('candidate')!, end, planned }
}

function progressOf(arms: readonly MeasuredArm[], planned: number, elapsedMs: number): Progress {
  const total = (of: (tally: Tally) => number) => arms.reduce((sum, { tally }) => sum + of(tally), 0)
  const known = arms.some(({ tally }) => tally.costUsd !== undefined)
  return {
    planned,
    passed: total((tally) => tally.passed),
    failed: total((tally) => tally.failed),
    errored: total((tally) => tally.errored),
    costUsd: known ? total((tally) => tally.costUsd ?? 0) : undefined,
    elapsedMs,
    resumed: 0,
  }
}

export const pairArms = (base: MeasuredArm, candidate: MeasuredArm): Pairs =>
  pairRuns(summarizeTrials(base.journal.records()), summarizeTrials(candidate.journal.records()))

/**
 * Runs what looks broken again with both prompts, so that no one is told of a flip that is only noise. Recordings hold no new answers,
 * and an interrupted or unpaid run gets none.
 */
export async function confirmSuspects(
  matched: Pairs,
  { end }: Measured,
  prepared: Prepared,
  settings: PromptSettings,
  host: Host,
): Promise<Rerun[]> {
  const possible = settings.confirm && settings.traffic?.mode !== 'replay' && end.ending === 'complete'
  const suspects = possible && !host.signal.aborted ? suspectsOf(matched) : []
  const { base, candidate } = prepared
  if (!base || suspects.length === 0) return []
  const positions = new Map<string, number>()
  for (const index of prepared.order) positions.set(prepared.dataset.at(index).id, index)
  const rerun = ({ candidate: { id } }: Pair, { agent }: PreparedArm) =>
    rerunExample(
      positions.get(id)!,
      { from: settings.repeats, times: FLIP_RERUNS },
      { ...prepared, agent, signal: host.signal, ...(settings.model !== undefined && { model: settings.model }) },
    )
  const again = await host.group(
    `Running again what looks worse than before: ${countOf(suspects.length, 'example')}`,
    () =>
      Promise.all(
        suspects.map(async (pair) => {
          const [before, after] = await Promise.all([rerun(pair, base), rerun(pair, candidate)])
          return { base: before, candidate: after }
        }),
      ),
  )
  return judgeReruns(suspects, again, settings.confidence)
}

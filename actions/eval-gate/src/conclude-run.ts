import { type Conclusion, conclude, type RunFacts } from '@agent-ci/core/conclusion'
import { optional } from '@agent-ci/core/config/setting-reader'
import type { Dataset } from '@agent-ci/core/example'
import type { Host, Outcome } from '@agent-ci/core/host'
import { receiptOf } from '@agent-ci/core/receipt'
import { exitStatus } from '@agent-ci/core/verdict'
import type { Journal } from '@agent-ci/evaluation/runner/journal'
import { type EvaluatedParts, workflowRun } from './evaluated-parts.ts'
import { collectNotable, report } from './report.ts'
import type { EvalSettings } from './settings.ts'
import type { Tally } from './tally.ts'
import type { Tracing } from './tracing.ts'

/** A run whose trials are made, and nothing decided yet. */
export interface MeasuredRun
  extends Pick<
    RunFacts,
    'agent' | 'fingerprint' | 'seed' | 'end' | 'earlyStop' | 'comparison' | 'shards' | 'startedAt' | 'finishedAt'
  > {
  readonly dataset: Dataset
  /** Positions of the examples that it is about. */
  readonly order: Uint32Array
  readonly journal: Journal
  readonly tally: Tally
  readonly parts: EvaluatedParts
  /** Where the run is sent as spans. */
  readonly tracing?: Tracing
}

/** Decides by the gates, and shows the run in every way. */
export async function concludeRun(run: MeasuredRun, settings: EvalSettings, host: Host): Promise<Outcome> {
  const { order, journal, tally, parts } = run
  const { shard, ...rules } = settings
  const notable = collectNotable(journal.trials())
  const answered = [...tally.answered]
  const conclusion = conclude(
    tally.table,
    settings.gates,
    {
      ...rules,
      ...run,
      model: run.fingerprint.model,
      planned: order.length * settings.repeats,
      errors: tally.errors,
      ...(shard && { shard: { ...shard, models: answered } }),
    },
    notable.failing,
  )
  const { results } = conclusion
  const outcome = outcomeOf(settings, conclusion)
  const receipt = shard
    ? undefined
    : receiptOf(
        results,
        { ...parts, model: { requested: results.model, answered } },
        { exitStatus: outcome.exitStatus, evaluatedExamples: order.length, workflow: workflowRun(host.env) },
      )
  const langsmithUrl = settings.langsmith?.experiment
    ? await (await import('./langsmith.ts')).showOnLangsmith(run, settings, results, host)
    : undefined
  await report(
    {
      settings,
      results,
      receipt,
      planned: () => journal.planned(order),
      notable,
      tracing: run.tracing,
      ...optional('langsmithUrl', langsmithUrl),
    },
    host,
  )
  return outcome
}

function outcomeOf({ shard, onInconclusive }: EvalSettings, { results, pointMet }: Conclusion): Outcome {
  const { verdict, reason } = results
  return {
    verdict,
    // A red shard would say something of one part, and cancel the others in a matrix.
    exitStatus: exitStatus(verdict, shard ? 'pass' : onInconclusive, pointMet),
    headline: `${verdict}: ${reason}`,
  }
}

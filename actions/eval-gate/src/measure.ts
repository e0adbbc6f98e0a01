import { join } from 'node:path'
import type { Host, Outcome } from '@agent-ci/core/host'
import { shardCoverage } from '@agent-ci/core/shard'
import { Journal } from '@agent-ci/evaluation/runner/journal'
import { runTrials } from '@agent-ci/evaluation/runner/run'
import { writeRunState } from '@agent-ci/evaluation/runner/run-state'
import { compareWithBaseline } from './compare.ts'
import { concludeRun } from './conclude-run.ts'
import { openOutputDir } from './output-dir.ts'
import type { Prepared } from './prepare.ts'
import { progressOf } from './progress.ts'
import type { EvalSettings } from './settings.ts'
import { Tally } from './tally.ts'

/** Runs the trials that are still to be run, journals each as it ends, and concludes from all of them. */
export async function measureAndReport(settings: EvalSettings, prepared: Prepared, host: Host): Promise<Outcome> {
  openOutputDir(settings.outputDir)
  const { dataset, identity } = prepared
  const tally = new Tally()
  const startedAt = host.date().toISOString()
  const progress = progressOf(tally.table, prepared.order.length * settings.repeats, host)
  const count = tally.count.bind(tally)
  const path = join(settings.outputDir, 'trials.jsonl')
  const journal = prepared.continues
    ? Journal.resume(path, dataset, settings.repeats, count)
    : Journal.create(path, dataset, settings.repeats)
  try {
    if (tally.table.rows > 0) host.info(`Continuing: ${tally.table.rows} trials were already measured`)
    progress.start()
    writeRunState(settings.outputDir, identity, startedAt, false)
    const end = await runTrials(
      {
        dataset,
        order: prepared.order,
        repeats: settings.repeats,
        concurrency: prepared.concurrency,
        minCoverage: settings.shard ? shardCoverage(settings.minCoverage, settings.shard) : settings.minCoverage,
        ...(settings.model !== undefined && { model: settings.model }),
        ...(settings.runTimeoutMs !== undefined && { runTimeoutMs: settings.runTimeoutMs }),
      },
      {
        agent: prepared.agent,
        limiter: prepared.limiter,
        scorersFor: prepared.scorersFor,
        journal,
        timestamp: () => host.date().toISOString(),
        signal: host.signal,
        ...(prepared.early.stop && { earlyStop: prepared.early.stop }),
        onTrial: (trial, example) => {
          count(trial, example)
          prepared.tracing?.trial(trial, example)
          progress.show()
        },
      },
    )
    writeRunState(settings.outputDir, identity, startedAt, end.ending === 'complete' || end.ending === 'decided')
    const comparison =
      prepared.baseline && end.ending === 'complete'
        ? await compareWithBaseline(prepared.baseline, journal, settings, prepared, host)
        : undefined
    // A trial names the last model that answered it, the gateway saw them all.
    for (const model of prepared.traffic?.models ?? []) tally.answered.add(model)
    return await concludeRun(
      {
        dataset,
        order: prepared.order,
        journal,
        tally,
        parts: prepared.parts,
        agent: prepared.agent.description,
        fingerprint: identity.fingerprint,
        seed: identity.seed,
        end,
        startedAt,
        finishedAt: host.date().toISOString(),
        ...(prepared.early.stop && { earlyStop: prepared.early.stop }),
        ...(comparison && { comparison }),
        ...(prepared.tracing && { tracing: prepared.tracing }),
      },
      settings,
      host,
    )
  } finally {
    journal.close()
  }
}

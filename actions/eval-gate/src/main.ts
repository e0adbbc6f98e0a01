import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Conclusion, conclude } from '@agent-ci/core/conclusion'
import type { Host, Outcome, Progress } from '@agent-ci/core/host'
import { receiptOf } from '@agent-ci/core/receipt'
import type { Trial } from '@agent-ci/core/trial'
import { TrialTable } from '@agent-ci/core/trial-table'
import { exitStatus } from '@agent-ci/core/verdict'
import { Journal } from '@agent-ci/evaluation/runner/journal'
import { runTrials } from '@agent-ci/evaluation/runner/run'
import { writeRunState } from '@agent-ci/evaluation/runner/run-state'
import type { EvaluatedArm } from './arm.ts'
import { compareWithBaseline } from './compare.ts'
import { workflowRun } from './evaluated-parts.ts'
import { describePlan, type Prepared, prepare } from './prepare.ts'
import { collectNotable, report } from './report.ts'
import { type EvalSettings, readSettings } from './settings.ts'

/** Measures an agent on golden examples and decides by the gates. */
export async function main(host: Host): Promise<Outcome> {
  return evaluate(await readSettings(host.input, host.cwd, host.env), host)
}

/** The same for settings that have been read already; with an arm's prompts in the place of the workspace's. */
export async function evaluate(settings: EvalSettings, host: Host, arm?: EvaluatedArm): Promise<Outcome> {
  const prepared = await prepare(settings, host, arm)
  try {
    for (const line of describePlan(settings, prepared)) host.info(line)
    if (settings.planOnly) return { verdict: 'passed', exitStatus: 0, headline: 'Plan only: no call was made' }
    return await measureAndReport(settings, prepared, host)
  } finally {
    await prepared.close()
  }
}

async function measureAndReport(settings: EvalSettings, prepared: Prepared, host: Host): Promise<Outcome> {
  mkdirSync(settings.outputDir, { recursive: true })
  // An earlier run's proves nothing of this one, which may be cut off.
  rmSync(join(settings.outputDir, 'receipt.json'), { force: true })
  const { dataset, identity } = prepared
  const table = new TrialTable()
  const errors = new Map<string, number>()
  const answered = new Set<string>()
  const startedAt = host.date().toISOString()
  const progress = progressOf(table, prepared.order.length * settings.repeats, host)
  const count = (trial: Trial, example: Parameters<TrialTable['add']>[1]) => {
    table.add(trial, example)
    if (trial.reply.usage.model !== undefined) answered.add(trial.reply.usage.model)
    if (trial.outcome === 'errored') {
      const kind = trial.reply.failure?.kind ?? 'scorer'
      errors.set(kind, (errors.get(kind) ?? 0) + 1)
    }
  }
  const path = join(settings.outputDir, 'trials.jsonl')
  const journal = prepared.continues
    ? Journal.resume(path, dataset, settings.repeats, count)
    : Journal.create(path, dataset, settings.repeats)
  try {
    if (table.rows > 0) host.info(`Continuing: ${table.rows} trials were already measured`)
    progress.start()
    writeRunState(settings.outputDir, identity, startedAt, false)
    const end = await runTrials(
      {
        dataset,
        order: prepared.order,
        repeats: settings.repeats,
        concurrency: settings.concurrency,
        minCoverage: settings.minCoverage,
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
          progress.show()
        },
      },
    )
    writeRunState(settings.outputDir, identity, startedAt, end.ending === 'complete' || end.ending === 'decided')
    const comparison =
      prepared.baseline && end.ending === 'complete'
        ? await compareWithBaseline(prepared.baseline, journal, settings, prepared, host)
        : undefined
    const notable = collectNotable(journal.trials())
    const conclusion = conclude(
      table,
      settings.gates,
      {
        ...settings,
        dataset,
        agent: prepared.agent.description,
        model: identity.fingerprint.model,
        seed: identity.seed,
        fingerprint: identity.fingerprint,
        planned: prepared.order.length * settings.repeats,
        end,
        errors,
        startedAt,
        finishedAt: host.date().toISOString(),
        ...(prepared.early.stop && { earlyStop: prepared.early.stop }),
        ...(comparison && { comparison }),
      },
      notable.failing,
    )
    const { results } = conclusion
    // A trial names the last model that answered it, the gateway saw them all.
    for (const model of prepared.traffic?.models ?? []) answered.add(model)
    const outcome = outcomeOf(settings, conclusion)
    const receipt = receiptOf(
      results,
      { ...prepared.parts, model: { requested: results.model, answered: [...answered] } },
      { exitStatus: outcome.exitStatus, evaluatedExamples: prepared.order.length, workflow: workflowRun(host.env) },
    )
    await report({ settings, results, receipt, planned: () => journal.planned(prepared.order), notable }, host)
    return outcome
  } finally {
    journal.close()
  }
}

function outcomeOf(settings: EvalSettings, { results, pointMet }: Conclusion): Outcome {
  return {
    verdict: results.verdict,
    exitStatus: exitStatus(results.verdict, settings.onInconclusive, pointMet),
    headline: `${results.verdict}: ${results.reason}`,
  }
}

function progressOf(table: TrialTable, planned: number, host: Host) {
  const counts = { passed: 0, failed: 0, errored: 0 }
  let costUsd: number | undefined
  let counted = 0
  let resumed = 0
  let startedMs = 0
  const show = () => {
    for (; counted < table.rows; counted++) {
      const row = table.row(counted)
      counts[row.outcome]++
      if (!Number.isNaN(row.costUsd)) costUsd = (costUsd ?? 0) + row.costUsd
    }
    const progress: Progress = { planned, ...counts, costUsd, elapsedMs: host.now() - startedMs, resumed }
    host.progress(progress)
  }
  return {
    start: () => {
      startedMs = host.now()
      resumed = table.rows
      show()
    },
    show,
  }
}

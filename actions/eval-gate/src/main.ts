import { join } from 'node:path'
import type { Host, Outcome } from '@agent-ci/core/host'
import { shardCoverage } from '@agent-ci/core/shard'
import { Journal } from '@agent-ci/evaluation/runner/journal'
import { runTrials } from '@agent-ci/evaluation/runner/run'
import { writeRunState } from '@agent-ci/evaluation/runner/run-state'
import type { EvaluatedArm } from './arm.ts'
import { compareWithBaseline } from './compare.ts'
import { concludeRun } from './conclude-run.ts'
import { openOutputDir } from './output-dir.ts'
import { describePlan, type Prepared, prepare } from './prepare.ts'
import { progressOf } from './progress.ts'
import { type EvalSettings, readSettings } from './settings.ts'
import { Tally } from './tally.ts'

/** Measures an agent on golden examples and decides by the gates. */
export async function main(host: Host): Promise<Outcome> {
  return evaluate(await readSettings(host.input, host.cwd, host.env), host)
}

/** The same for settings that have been read already; with an arm's prompts in the place of the workspace's. */
export async function evaluate(settings: EvalSettings, given: Host, arm?: EvaluatedArm): Promise<Outcome> {
  const host = withoutSecrets(given, settings.telemetry.secrets)
  if (settings.merge) return (await import('./merge.ts')).merge({ ...settings, merge: settings.merge }, host, arm)
  const prepared = await prepare(settings, host, arm)
  try {
    for (const line of describePlan(settings, prepared)) host.info(line)
    if (settings.planOnly) return { verdict: 'passed', exitStatus: 0, headline: 'Plan only: no call was made' }
    return await measureAndReport(settings, prepared, host)
  } finally {
    await prepared.close()
  }
}

/** Agents and scorers are started with the host's environment. */
const withoutSecrets = (host: Host, names: readonly string[]): Host =>
  names.length === 0
    ? host
    : { ...host, env: Object.fromEntries(Object.entries(host.env).filter(([name]) => !names.includes(name))) }

async function measureAndReport(settings: EvalSettings, prepared: Prepared, host: Host): Promise<Outcome> {
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

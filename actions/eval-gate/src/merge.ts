import { join, relative, resolve } from 'node:path'
import { optional } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Dataset } from '@agent-ci/core/example'
import { formatRule } from '@agent-ci/core/gate'
import type { Host, Outcome } from '@agent-ci/core/host'
import { formatShard, joinEnds } from '@agent-ci/core/shard'
import { forLog } from '@agent-ci/core/untrusted'
import { readBaseline } from '@agent-ci/evaluation/baseline/read-baseline'
import { sampleOrder } from '@agent-ci/evaluation/datasets/order'
import { Journal } from '@agent-ci/evaluation/runner/journal'
import { defaultScorers, needsExpectation } from '@agent-ci/evaluation/scorers/defaults'
import { checkShards } from '@agent-ci/evaluation/shards/check-shards'
import { findShards } from '@agent-ci/evaluation/shards/find-shards'
import type { ShardRun } from '@agent-ci/evaluation/shards/shard-run'
import type { EvaluatedArm } from './arm.ts'
import { compareWithBaseline } from './compare.ts'
import { concludeRun } from './conclude-run.ts'
import { readEvaluatedParts } from './evaluated-parts.ts'
import { loadExamples } from './golden.ts'
import { openOutputDir } from './output-dir.ts'
import { fingerprintOfRun } from './prepare.ts'
import type { EvalSettings } from './settings.ts'
import { Tally } from './tally.ts'

type MergeSettings = EvalSettings & Required<Pick<EvalSettings, 'merge'>>

/**
 * Joins the shards of a run and decides on the whole. Dataset, gates and all that was evaluated are read here, from this checkout: the
 * shards say only what was measured, and which of these they had.
 */
export async function merge(settings: MergeSettings, host: Host, arm?: EvaluatedArm): Promise<Outcome> {
  const found = findShards(settings.merge, host.cwd)
  refuseOwnOutput(found, settings, host)
  const configs = settings.scorers.length > 0 ? settings.scorers : defaultScorers()
  const dataset = await loadExamples(settings, { configs, needsExpectation: needsExpectation(configs) }, host)
  try {
    const parts = { ...(await readEvaluatedParts(settings, host.cwd)), ...optional('prompts', arm?.prompts) }
    const fingerprint = fingerprintOfRun(settings, parts, dataset, configs)
    const orderOf = (shard: { readonly index: number; readonly of: number }, seed: string) =>
      sampleOrder(dataset.size, { seed, shard, ...optional('sample', settings.sample) })
    const shards = checkShards(found, {
      fingerprint,
      repeats: settings.repeats,
      gates: settings.gates.map(formatRule),
      plannedOf: (shard, seed) => orderOf(shard, seed).length * settings.repeats,
      ...optional('seed', settings.seed),
    })
    const { seed, agent, fingerprint: measured } = shards[0]!.results
    if (settings.planOnly)
      return { verdict: 'passed', exitStatus: 0, headline: `Plan only: ${shards.length} shards fit` }
    // The changes that the shards' jobs made to tracked files are what was evaluated, not those of this job.
    const code = measured.code ?? null
    const orders = shards.map(({ results }) => orderOf(results.shard, seed))
    openOutputDir(settings.outputDir)
    const journal = Journal.create(join(settings.outputDir, 'trials.jsonl'), dataset, settings.repeats)
    try {
      const tally = new Tally()
      for (const [i, shard] of shards.entries())
        joinTrials(shard, orders[i]!, { dataset, journal, tally, settings, host })
      const end = joinEnds(shards.map(({ results }) => ({ ...results.shard, shard: results.shard })))
      const baseline =
        settings.baseline === undefined || end.ending !== 'complete'
          ? undefined
          : readBaseline(relative(host.cwd, settings.baseline), host.cwd, fingerprint)
      const comparison = baseline && (await compareWithBaseline(baseline, journal, settings, undefined, host))
      const times = (of: 'started_at' | 'finished_at') => shards.map(({ results }) => results[of]).sort()
      return await concludeRun(
        {
          dataset,
          order: Uint32Array.from(orders.flatMap((order) => [...order])),
          journal,
          tally,
          parts: { ...parts, code },
          agent,
          fingerprint: { ...fingerprint, code },
          seed,
          end,
          shards: shards.length,
          startedAt: times('started_at')[0]!,
          finishedAt: times('finished_at').at(-1)!,
          ...optional('comparison', comparison),
        },
        settings,
        host,
      )
    } finally {
      journal.close()
    }
  } finally {
    dataset.close()
  }
}

/** The results of the whole would overwrite what they are made of. */
function refuseOwnOutput(shards: readonly ShardRun[], { outputDir }: EvalSettings, host: Host): void {
  const same = shards.find(({ directory }) => resolve(host.cwd, directory) === outputDir)
  if (!same) return
  throw new ConfigurationError({
    what: `output-dir is ${forLog(same.directory, 200)}, which is one of the shards`,
    why: 'The results of the whole would overwrite it',
    mend: 'Write another output-dir, for example output-dir: agent-ci-results',
  })
}

/** Copies the trials of a shard, in the dataset's order; each must be one that the shard had to make. */
function joinTrials(
  { directory, results }: ShardRun,
  order: Uint32Array,
  {
    dataset,
    journal,
    tally,
    settings,
    host,
  }: { dataset: Dataset; journal: Journal; tally: Tally; settings: MergeSettings; host: Host },
): void {
  const own = new Set(order)
  const name = join(directory, 'trials.jsonl')
  const trials = Journal.open(resolve(host.cwd, name), name, dataset, settings.repeats, (index) => own.has(index))
  try {
    const before = tally.table.rows
    const { planned, measured, errored } = results.counts
    for (const { trial, example } of trials.trials()) {
      journal.append(trial, example)
      tally.count(trial, example)
    }
    for (const model of results.shard.models) tally.answered.add(model)
    const joined = tally.table.rows - before
    if (joined !== measured + errored) {
      throw new ConfigurationError({
        what: `${forLog(name, 200)} has ${joined} trials of shard ${formatShard(results.shard)}`,
        why: `Its results.json speaks of ${measured + errored}: the file is not whole`,
        mend: 'Download the artifact again, or run that shard again',
      })
    }
    host.info(
      `Shard ${formatShard(results.shard)}: ${joined} of ${planned} trials, ${results.shard.ending}, from ${forLog(directory, 200)}`,
    )
  } finally {
    trials.close()
  }
}

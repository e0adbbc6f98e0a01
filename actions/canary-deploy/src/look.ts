import { ConfigurationError, formatProblem, type Problem } from '@agent-ci/core/errors'
import type { PlannedStep, RolloutPlan } from '@agent-ci/core/rollout-plan'
import { forLog } from '@agent-ci/core/untrusted'
import type { BuiltRelease } from '@agent-ci/delivery/releases/build-release'
import { preflight } from '@agent-ci/delivery/rollout/deploy'
import { Journal } from '@agent-ci/delivery/rollout/journal'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import { plannedObjects } from '@agent-ci/delivery/rollout/planned-objects'
import { createRouter } from '@agent-ci/delivery/traffic/create'
import { changesBetween } from '@agent-ci/reporting/releases/changes'
import { renderPlanMarkdown, renderPlanText } from '@agent-ci/reporting/rollout/plan'
import type { Job } from './job.ts'
import { releaseOf } from './release.ts'
import { asFollowed, planStaging, type StagingPlan } from './staging.ts'

/** Where the app is, without changing anything. */
export async function status({ settings, cluster, history, host }: Job): Promise<RolloutOutcome> {
  const journal = await Journal.open(cluster, settings.place.app, async () => undefined)
  const record = (await history.list()).find(({ sequence }) => sequence === journal.current)
  const unfinished = journal.unfinished
  if (!unfinished)
    return {
      outcome: 'nothing-to-do',
      record,
      previous: undefined,
      reason: record ? `${record.release.id} runs; no rollout is under way` : 'nothing was deployed yet',
    }
  const router = unfinished.traffic ? createRouter(unfinished.traffic, cluster, host) : undefined
  const weight = await router?.read()
  const where = weight === undefined ? '' : ` at ${weight} %`
  const reason = `${unfinished.to.release} ${unfinished.paused ? `is paused${where}: ${unfinished.reason ?? ''}` : `is under way${where}, led by ${unfinished.run_url ?? unfinished.holder}`}`
  return { outcome: 'paused', record, previous: undefined, reason: forLog(reason) }
}

/** What a deploy would do: every object that it would change, its steps, and what the analysis can see. Changes nothing. */
export async function plan(job: Job): Promise<RolloutOutcome> {
  const { settings, cluster, host, follower } = job
  const released = await releaseOf(settings.place, settings.release, host)
  const built = asFollowed(settings, released.built)
  const staged = await planStaging(settings, cluster, host, follower, built.release.id)
  const warnings = [...staged.warnings]
  const problems: Problem[] = [...staged.problems]
  try {
    await preflight(cluster, built.objects, settings.forceConflicts, [], (message) => warnings.push(message))
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    problems.push(...error.problems)
  }
  const found = await planOf(job, built, staged, { warnings, problems })
  for (const line of renderPlanText(found, { colour: host.colour })) host.info(line)
  await host.summary(renderPlanMarkdown(found))
  if (problems.length > 0) throw new ConfigurationError(problems)
  const reason = `${built.release.id} could be deployed; nothing was changed`
  return { outcome: 'planned', record: undefined, previous: undefined, reason }
}

async function planOf(
  { settings, cluster, history }: Job,
  { release, objects }: BuiltRelease,
  { weights, watching }: StagingPlan,
  said: { readonly warnings: readonly string[]; readonly problems: readonly Problem[] },
): Promise<RolloutPlan> {
  const journal = await Journal.open(cluster, settings.place.app, async () => undefined)
  const record = (await history.list()).find(({ sequence }) => sequence === journal.current)
  const refused = said.problems.length > 0
  const { strategy, place, watch, traffic } = settings
  return {
    app: place.app,
    environment: place.environment,
    strategy,
    release: { id: release.id, version: release.version },
    previous: record ? { id: record.release.id, version: record.release.version } : null,
    changes: changesBetween(record?.release, release),
    objects: refused
      ? []
      : await plannedObjects(cluster, [...objects.configMaps, ...objects.others, ...objects.deployments]),
    traffic:
      strategy === 'blue-green' ? 'the selector of the Service' : strategy === 'rolling' ? 'pods' : traffic.provider,
    steps: weights.map(
      ({ asked, real, how, repeats }, index): PlannedStep => ({
        asked,
        real,
        how: how === '' ? 'as asked' : how,
        durationMs: watch.stepMs,
        dropped: repeats ? 'the same as the step before' : null,
        detection: watching?.detection({ index, asked, real }) ?? [],
      }),
    ),
    bakeMs: strategy === 'rolling' || watch.metrics === 'none' ? 0 : watch.bakeMs,
    expected: watching?.expected ?? null,
    metrics: watching?.metrics ?? [],
    warnings: said.warnings,
    problems: said.problems.map(formatProblem),
  }
}

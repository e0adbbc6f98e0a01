import { ConfigurationError } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { preflight } from '@agent-ci/delivery/rollout/deploy'
import { Journal } from '@agent-ci/delivery/rollout/journal'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import { createRouter } from '@agent-ci/delivery/traffic/create'
import type { Job } from './main.ts'
import { releaseOf } from './release.ts'
import { planStaging } from './staging.ts'

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
export async function plan({ settings, cluster, host, follower }: Job): Promise<RolloutOutcome> {
  const { built } = await releaseOf(settings.place, settings.release, host)
  const staged = await planStaging(settings, cluster, host, follower, built.release.version)
  for (const line of staged.lines) host.info(line)
  for (const warning of staged.warnings) host.warn('Plan', forLog(warning))
  if (staged.problems.length > 0) throw new ConfigurationError(staged.problems)
  await preflight(cluster, built.objects, settings.forceConflicts, [], (message) => host.warn('Plan', message))
  return {
    outcome: 'planned',
    record: undefined,
    previous: undefined,
    reason: `${built.release.id} could be deployed; nothing was changed`,
  }
}

import { randomUUID } from 'node:crypto'
import type { Host } from '@agent-ci/core/host'
import type { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import type { History } from '@agent-ci/delivery/releases/history/record'
import { planRollback, type RollbackWish, rollback } from '@agent-ci/delivery/rollout/rollback'
import { runIdentity } from '@agent-ci/github/run-identity'
import type { Report } from './report.ts'
import type { RollbackSettings } from './settings.ts'

type Mode = (wish: RollbackWish, history: History, cluster: Cluster, host: Host) => Promise<Report>

export const MODES: Readonly<Record<RollbackSettings['mode'], Mode>> = {
  apply,
  drill,
  list: async () => ({ outcome: null, reason: '' }),
}

async function apply(wish: RollbackWish, history: History, cluster: Cluster, host: Host): Promise<Report> {
  const { run, attempt, url, actor } = runIdentity(host.env)
  const { outcome, record, previous, reason } = await rollback(wish, history, {
    cluster,
    holder: { run, attempt, process: randomUUID().slice(0, 8) },
    runUrl: url ?? null,
    by: actor,
    date: host.date,
    now: host.now,
    sleep: host.sleep,
    signal: host.signal,
    tell: host.info,
    warn: (message) => host.warn('Rollback', message),
  })
  const word = outcome === 'rolled-back' || outcome === 'nothing-to-do' ? outcome : 'failed'
  return { outcome: word, reason, release: record?.release, previous: previous?.release }
}

/** Finds out whether a rollback would work, without a write. */
async function drill(wish: RollbackWish, history: History, cluster: Cluster, host: Host): Promise<Report> {
  const { target, withdrawn, there, problems, warnings, why } = await planRollback(wish, history, cluster)
  for (const warning of warnings) host.warn('Drill', warning)
  if (problems.length > 0) return { outcome: 'failed', reason: 'A rollback would not work', problems }
  if (!target) return { outcome: 'failed', reason: `A rollback has nothing to go back to: ${why}` }
  if (there) {
    const reason = `The app is on ${target.release.id} already, whole: a rollback would change nothing`
    return { outcome: 'drilled', reason, release: target.release, target: target.release }
  }
  const doubts =
    warnings.length === 0 ? '' : `, with ${warnings.length === 1 ? 'a warning' : `${warnings.length} warnings`}`
  return {
    outcome: 'drilled',
    reason: `A rollback to ${target.release.id} would work${doubts}; nothing was changed`,
    release: withdrawn?.release,
    target: target.release,
  }
}

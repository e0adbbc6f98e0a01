import { randomUUID } from 'node:crypto'
import { checksOf } from '@agent-ci/action-canary-deploy/checks'
import { messageOf } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import type { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import { PATIENCE_MS } from '@agent-ci/delivery/kubernetes/wait-for-deployments'
import { openPlace } from '@agent-ci/delivery/open-place'
import type { History } from '@agent-ci/delivery/releases/history/record'
import { planRollback, type RollbackWish, rollback } from '@agent-ci/delivery/rollout/rollback'
import { startDeployment } from '@agent-ci/github/deployments'
import { openOctokit } from '@agent-ci/github/octokit'
import { runIdentity } from '@agent-ci/github/run-identity'
import { type Report, report } from './report.ts'
import { type RollbackSettings, readSettings } from './settings.ts'

/** Takes a release back as one unit: code, config, prompts and model; or proves that it could, or shows what there is. */
export async function main(host: Host): Promise<Outcome> {
  const settings = await readSettings(host)
  const { cluster, history } = openPlace(settings.place, host)
  const wish: RollbackWish = {
    app: settings.place.app,
    to: settings.to,
    stepsBack: settings.stepsBack,
    rules: {
      timeoutMs: settings.place.timeoutMs,
      patienceMs: PATIENCE_MS,
      checks: checksOf(settings.checks, settings.outputDir, host),
    },
  }
  const record = settings.mode === 'apply' ? recordInGitHub(settings, host) : undefined
  try {
    const done = await MODES[settings.mode](wish, history, cluster, host)
    await record?.(done)
    return await report(done, settings, { cluster, history }, host)
  } catch (error) {
    await record?.({ outcome: 'failed', reason: messageOf(error) })
    throw error
  } finally {
    cluster.close()
  }
}

/** GitHub's record of the rollback, kept in step with it; nothing that goes wrong with it matters to the rollback. */
function recordInGitHub(
  { place, githubToken }: RollbackSettings,
  host: Host,
): ((done: Pick<Report, 'outcome' | 'reason'>) => Promise<void>) | undefined {
  const run = runIdentity(host.env)
  if (githubToken === '' || run.sha === undefined) return undefined
  const deps = { open: () => openOctokit(githubToken, host), run, warn: host.warn }
  const { environment, app } = place
  const started = startDeployment(
    { environment, ref: run.sha, task: 'rollback', description: 'rolling back', payload: { app } },
    deps,
  )
  return async ({ outcome, reason }) => {
    const tracker = await started
    if (outcome === 'failed') await tracker.error(reason)
    else await tracker.success(reason)
  }
}

type Mode = (wish: RollbackWish, history: History, cluster: Cluster, host: Host) => Promise<Report>

const MODES: Readonly<Record<'apply' | 'drill' | 'list', Mode>> = {
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

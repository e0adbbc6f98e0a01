import type { Host } from '@agent-ci/core/host'
import { startDeployment } from '@agent-ci/github/deployments'
import { openOctokit } from '@agent-ci/github/octokit'
import { runIdentity } from '@agent-ci/github/run-identity'
import type { Report } from './report.ts'
import type { RollbackSettings } from './settings.ts'

/** GitHub's record of the rollback, kept in step with it; nothing that goes wrong with it matters to the rollback. */
export function recordInGitHub(
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

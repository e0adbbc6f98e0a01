import type { Host, Outcome } from '@agent-ci/core/host'
import { PATIENCE_MS } from '@agent-ci/delivery/kubernetes/wait-for-deployments'
import { openPlace } from '@agent-ci/delivery/open-place'
import type { History } from '@agent-ci/delivery/releases/history/record'
import { deploy } from '@agent-ci/delivery/rollout/deploy'
import { Leader, type RolloutDeps } from '@agent-ci/delivery/rollout/leader'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import { type OnInterrupted, recover } from '@agent-ci/delivery/rollout/recover'
import type { VerifyRules } from '@agent-ci/delivery/rollout/verify'
import { runIdentity } from '@agent-ci/github/run-identity'
import { releaseOf } from './release.ts'
import { report } from './report.ts'
import { type DeploySettings, readSettings } from './settings.ts'

/** Rolls a release out as one unit: code, config, prompts and model; what does not come up is taken back. `nonce` tells apart the jobs of a run. */
export async function main(host: Host, nonce: string): Promise<Outcome> {
  const settings = await readSettings(host)
  const { cluster, history } = openPlace(settings.place, host)
  const { run, attempt, url, actor } = runIdentity(host.env)
  const deps: RolloutDeps = {
    cluster,
    holder: { run, attempt, process: nonce },
    runUrl: url ?? null,
    by: actor,
    date: host.date,
    now: host.now,
    sleep: host.sleep,
    signal: host.signal,
    tell: host.info,
    warn: (message) => host.warn('Rollout', message),
  }
  const rules: VerifyRules = { timeoutMs: settings.place.timeoutMs, patienceMs: PATIENCE_MS, checks: [] }
  try {
    return await report(await operate(settings, history, deps, rules, host), settings, host)
  } finally {
    cluster.close()
  }
}

async function operate(
  settings: DeploySettings,
  history: History,
  deps: RolloutDeps,
  rules: VerifyRules,
  host: Host,
): Promise<RolloutOutcome> {
  switch (settings.operation) {
    case 'deploy': {
      const built = await releaseOf(settings.place, settings.release, host)
      const { forceConflicts, onInterrupted } = settings
      const { environment } = settings.place
      return deploy({ built, environment, onInterrupted, forceConflicts, receipt: null, rules }, history, deps)
    }
    case 'resume':
      return finish(settings.place.app, 'resume', history, deps, rules)
    case 'sweep':
      return finish(settings.place.app, 'rollback', history, deps, rules)
    case 'status':
      return finish(settings.place.app, 'rollback', history, deps, rules)
  }
}

/** Finishes or takes back what another run left half done. */
async function finish(
  app: string,
  mode: OnInterrupted,
  history: History,
  deps: RolloutDeps,
  rules: VerifyRules,
): Promise<RolloutOutcome> {
  const leader = await Leader.take(app, deps)
  try {
    const outcome = await recover(leader, history, mode, rules)
    const record = (await history.list()).find(({ sequence }) => sequence === leader.journal.current)
    return (
      outcome ?? { outcome: 'nothing-to-do', record, previous: undefined, reason: 'no rollout was left unfinished' }
    )
  } finally {
    await leader.release()
  }
}

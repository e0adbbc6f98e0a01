import { checksOf } from '@agent-ci/action-canary-deploy/checks'
import { messageOf } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { PATIENCE_MS } from '@agent-ci/delivery/kubernetes/wait-for-deployments'
import { openPlace } from '@agent-ci/delivery/open-place'
import type { RollbackWish } from '@agent-ci/delivery/rollout/rollback'
import { recordInGitHub } from './github-record.ts'
import { MODES } from './modes.ts'
import { report } from './report.ts'
import { readSettings } from './settings.ts'

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

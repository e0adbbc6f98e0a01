import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { FileHistory } from '@agent-ci/delivery/releases/history/file-history'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import { IN_CLUSTER } from './in-cluster.ts'
import { beginRun, openJob, type Run, type Task } from './job.ts'
import { report } from './report.ts'
import { byScripts } from './scripts.ts'
import { readSettings } from './settings.ts'

/** Rolls a release out as one unit, in steps under watch; what turns bad is taken back. `nonce` tells apart the jobs of a run. */
export async function main(host: Host, nonce: string): Promise<Outcome> {
  const run = beginRun(await readSettings(host), host)
  try {
    return await operate(run, nonce, report)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    host.output('outcome', 'refused')
    host.output('reason', forLog(error.message))
    await run.announcer.refused(error.message)
    throw error
  }
}

/** After the job, however it ended: takes back what this run left half done. A paused rollout waits on. */
export async function post(host: Host, nonce: string): Promise<void> {
  const settings = await readSettings(host)
  if (settings.operation === 'plan' || settings.operation === 'status') return
  await operate(beginRun({ ...settings, operation: 'sweep' }, host), nonce, async (done, task) => {
    if (done.outcome !== 'nothing-to-do' && done.outcome !== 'paused') await report(done, task)
  })
}

/** Does the operation in the cluster, or by scripts on any platform; `conclude` may still ask the place of the app. */
async function operate<T>(
  run: Run,
  nonce: string,
  conclude: (done: RolloutOutcome, task: Task) => Promise<T>,
): Promise<T> {
  const { place, traffic, operation } = run.settings
  if (traffic.provider === 'command') {
    const file = place.historyFile ?? join(run.host.cwd, 'deployments', place.environment, 'history.json')
    const task = { ...run, history: new FileHistory(file) }
    return conclude(await byScripts(task, file), task)
  }
  const job = openJob(run, nonce)
  try {
    return await conclude(await IN_CLUSTER[operation](job), job)
  } finally {
    job.cluster.close()
  }
}

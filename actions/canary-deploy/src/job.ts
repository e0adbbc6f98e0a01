import type { Host } from '@agent-ci/core/host'
import type { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import { openPlace } from '@agent-ci/delivery/open-place'
import type { History } from '@agent-ci/delivery/releases/history/record'
import type { RolloutDeps } from '@agent-ci/delivery/rollout/leader'
import { type RunIdentity, runIdentity } from '@agent-ci/github/run-identity'
import { Announcer } from './announce.ts'
import { Follower } from './follow.ts'
import type { DeploySettings } from './settings.ts'

/** One run of the action, before it knows the history of its app. */
export interface Run {
  readonly settings: DeploySettings
  readonly follower: Follower
  readonly announcer: Announcer
  readonly host: Host
  readonly identity: RunIdentity
}

/** One run of the action on one app. */
export interface Task extends Run {
  readonly history: History
}

/** The same where the app runs in a cluster. */
export interface Job extends Task {
  readonly cluster: Cluster
  readonly deps: RolloutDeps
}

export function beginRun(settings: DeploySettings, host: Host): Run {
  const identity = runIdentity(host.env)
  const announcer = new Announcer(settings, host, identity)
  const follower = new Follower(host, (description) => announcer.progress(description))
  return { settings, follower, announcer, host, identity }
}

/** Opens the cluster, which is to be closed; `nonce` tells apart the jobs of a run. */
export function openJob(run: Run, nonce: string): Job {
  const { settings, host, announcer, identity } = run
  const { cluster, history } = openPlace(settings.place, host)
  const deps: RolloutDeps = {
    cluster,
    holder: { run: identity.run, attempt: identity.attempt, process: nonce },
    runUrl: identity.url ?? null,
    by: identity.actor,
    date: host.date,
    now: host.now,
    sleep: host.sleep,
    signal: host.signal,
    tell: host.info,
    warn: (message) => host.warn('Rollout', message),
    announced: () => announcer.announced,
  }
  return { ...run, cluster, history, deps }
}

import { type WaitRules, waitForDeployments } from '../kubernetes/wait-for-deployments.ts'
import type { ReleaseRecord } from '../releases/history/record.ts'
import { followerRouter } from '../traffic/argo-followed.ts'
import type { Leader } from './leader.ts'
import { presentDeployments } from './present-state.ts'
import { differencesFrom } from './restore.ts'

/** What must hold once pods are available: health, smoke examples. */
export interface Check {
  readonly name: string
  /** The reason why it does not hold, or undefined. */
  readonly check: (signal: AbortSignal) => Promise<string | undefined>
}

export interface VerifyRules extends WaitRules {
  readonly checks: readonly Check[]
}

/** Waits until a record's release really runs, reads it back and checks it; the reason why it does not hold, or undefined. */
export async function verify(leader: Leader, record: ReleaseRecord, rules: VerifyRules): Promise<string | undefined> {
  const { cluster, tell } = leader.deps
  const waited = await leader.step('wait', () =>
    waitForDeployments(cluster, Object.keys(record.templates), rules, leader.deps, tell),
  )
  if (waited.state === 'failed') return waited.why
  for (const deployment of await presentDeployments(cluster, Object.keys(record.templates))) {
    const router = followerRouter(cluster, leader.app, deployment, leader.deps)
    const why = router && (await leader.step('rollout', () => router.finish(rules, leader.deps)))
    if (why !== undefined) return why
  }
  tell(`All pods of ${record.release.id} are available after ${(waited.tookMs / 1_000).toFixed(1)} s`)
  const different = await differencesFrom(cluster, record)
  if (different.length > 0) return `something else changes the app: ${different.join('; ')}`
  return runChecks(leader, rules.checks)
}

/** Runs some checks one after another; the reason of the first that does not hold, or undefined. */
export async function runChecks(leader: Leader, checks: readonly Check[]): Promise<string | undefined> {
  for (const { name, check } of checks) {
    const failure = await leader.step(name, () => check(leader.deps.signal))
    if (failure !== undefined) return `${name}: ${failure}`
  }
  return undefined
}

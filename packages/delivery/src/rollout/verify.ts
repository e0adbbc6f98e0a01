import { type WaitRules, waitForDeployments } from '../kubernetes/wait-for-deployments.ts'
import type { ReleaseRecord } from '../releases/history/record.ts'
import type { Leader } from './leader.ts'
import { differencesFrom } from './restore.ts'

export interface VerifyRules extends WaitRules {
  /** More that must hold once all pods are available: health, smoke examples. The reason why it does not, or undefined. */
  readonly checks: readonly {
    readonly name: string
    readonly check: (signal: AbortSignal) => Promise<string | undefined>
  }[]
}

/** Waits until a record's release really runs, reads it back and checks it; the reason why it does not hold, or undefined. */
export async function verify(leader: Leader, record: ReleaseRecord, rules: VerifyRules): Promise<string | undefined> {
  const { cluster, tell, signal } = leader.deps
  const waited = await leader.step('wait', () =>
    waitForDeployments(cluster, Object.keys(record.templates), rules, leader.deps, tell),
  )
  if (waited.state === 'failed') return waited.why
  tell(`All pods of ${record.release.id} are available after ${(waited.tookMs / 1_000).toFixed(1)} s`)
  const different = await differencesFrom(cluster, record)
  if (different.length > 0) return `something else changes the app: ${different.join('; ')}`
  for (const { name, check } of rules.checks) {
    const failure = await leader.step(name, () => check(signal))
    if (failure !== undefined) return `${name}: ${failure}`
  }
  return undefined
}

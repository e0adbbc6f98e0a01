import { randomUUID } from 'node:crypto'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { ApiError } from '../kubernetes/api-error.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { deploymentProgress } from '../kubernetes/deployment-progress.ts'
import { isReapplying } from '../kubernetes/field-owners.ts'
import { missingPermissions, ROLLOUT_PERMISSIONS, writePermissions } from '../kubernetes/permissions.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import type { History, ReleaseRecord } from '../releases/history/record.ts'
import { followerOf } from '../traffic/argo-followed.ts'
import { lookAt } from '../traffic/argo-look.ts'
import { ARGO_PERMISSIONS } from '../traffic/argo-rollouts.ts'
import { sideOf } from './deploy.ts'
import { Journal } from './journal.ts'
import { Leader, type RolloutDeps } from './leader.ts'
import type { RolloutOutcome } from './outcome.ts'
import { presentDeployments } from './present-state.ts'
import { pullFailures } from './pull-failures.ts'
import { closeCutOff, endRecord, tidy } from './records.ts'
import { recover } from './recover.ts'
import { pausedProblem, rehearse } from './rehearse.ts'
import { differingDeployments, restore, restoreProblems, strayDeployments, templatePatch } from './restore.ts'
import { chooseTarget, type TargetWish } from './target.ts'
import { type VerifyRules, verify } from './verify.ts'
import { tellingFollower } from './watch.ts'

export interface RollbackWish extends TargetWish {
  readonly app: string
  readonly rules: VerifyRules
}

/** What a rollback would do, found out without changing anything. */
export interface RollbackPlan {
  readonly target: ReleaseRecord | undefined
  /** The release that it takes back. */
  readonly withdrawn: ReleaseRecord | undefined
  /** Nothing differs: the app is on the target already, whole. */
  readonly there: boolean
  /** Why there is no target, where there is none. */
  readonly why: string
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/**
 * Finds the release to go back to and proves as far as can be without a change that it can be brought back: permissions, records, ConfigMaps by
 * their hashes, the API server's answer to the very write, and failures to pull its images that the cluster remembers.
 */
export async function planRollback(wish: RollbackWish, history: History, cluster: Cluster): Promise<RollbackPlan> {
  const denied = await missingPermissions(cluster, ROLLOUT_PERMISSIONS)
  return denied.length > 0 ? { ...NO_PLAN, problems: denied } : findTarget(wish, history, cluster)
}

const NO_PLAN = { target: undefined, withdrawn: undefined, there: false, why: '', warnings: [] } as const

/** The same for one whose permissions were seen to be there. */
async function findTarget(wish: RollbackWish, history: History, cluster: Cluster): Promise<RollbackPlan> {
  const problems: Problem[] = []
  const journal = await Journal.open(cluster, wish.app, async () => undefined)
  const chosen = chooseTarget(
    await history.list(),
    { current: journal.current, underway: journal.unfinished?.to.record },
    wish,
  )
  if (!chosen.record) return { ...NO_PLAN, why: chosen.why, problems }
  const { record, withdrawn } = chosen
  const present = await presentDeployments(cluster, Object.keys(record.templates))
  if (present.some((deployment) => followerOf(deployment) !== undefined)) {
    const denied = await missingPermissions(cluster, ARGO_PERMISSIONS)
    if (denied.length > 0) return { ...NO_PLAN, problems: denied }
  }
  const there =
    journal.unfinished === undefined &&
    (await differingDeployments(cluster, record)).length === 0 &&
    (await strayDeployments(cluster, wish.app, record)).length === 0 &&
    (await allComplete(cluster, record))
  problems.push(
    ...(await missingPermissions(cluster, writePermissions(record.objects))),
    ...(await restoreProblems(cluster, record)),
  )
  const others = record.objects.filter(({ kind }) => kind !== 'Deployment')
  problems.push(...(await rehearse(cluster, others, true)).problems)
  const warnings: string[] = []
  if (!record.verified) warnings.push(`${record.release.id} was never verified: its own rollout did not succeed`)
  const images = new Set(Object.values(record.release.images))
  warnings.push(...(await pullFailures(cluster, images)))
  for (const name of Object.keys(record.templates)) {
    const found = await cluster.get<Deployment>(deploymentNamed(name))
    if (!found) warnings.push(`deployment ${name} is gone and will be made anew`)
    else {
      problems.push(...pausedProblem(found), ...(await rehearsal(cluster, found, record)))
      warnings.push(...reappliers(found))
    }
  }
  return { target: record, withdrawn, there, why: '', problems, warnings }
}

async function allComplete(cluster: Cluster, record: ReleaseRecord): Promise<boolean> {
  for (const name of Object.keys(record.templates)) {
    const found = await cluster.get<Deployment>(deploymentNamed(name))
    if (!found || deploymentProgress(found).state !== 'complete') return false
    const rollout = followerOf(found)
    if (rollout !== undefined && !(await lookAt(cluster, { deployment: name, rollout }))?.finished) return false
  }
  return true
}

async function rehearsal(cluster: Cluster, found: Deployment, record: ReleaseRecord): Promise<Problem[]> {
  const { name } = found.metadata
  try {
    const patch = templatePatch(found, record.templates[name]!, record.release.id)
    // The resourceVersion may move between our reads; it is not what is tried here.
    await cluster.patch(deploymentNamed(name), patch.slice(1), { dryRun: true })
    return []
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return [
      {
        what: forLog(`deployment ${name}: ${error.message}`),
        why: `The API server would refuse the template of ${record.release.id}`,
        mend: 'Mend what the message names, or choose another release with to:',
      },
    ]
  }
}

/** Who may write the bad version back after we took it away. */
function reappliers({ metadata }: Deployment): string[] {
  const owners = new Set((metadata.managedFields ?? []).map(({ manager }) => manager).filter(isReapplying))
  return [...owners].map(
    (owner) =>
      `${forLog(owner)} manages deployment ${metadata.name} and may re-apply the release that is taken back: pause it, or revert its source too`,
  )
}

/** Goes back to an earlier release as one unit, and waits until it really runs. Asked for twice, it goes back once. */
export async function rollback(wish: RollbackWish, history: History, deps: RolloutDeps): Promise<RolloutOutcome> {
  const { cluster, tell, warn } = deps
  const planned = await planRollback(wish, history, cluster)
  const refused = withoutTarget(planned)
  if (refused) return refused
  const leader = await Leader.take(wish.app, deps)
  try {
    // A canary that nobody leads any more is what is to be taken back, and its traffic first.
    if (leader.journal.unfinished?.traffic) {
      const follower = tellingFollower(tell)
      const recovered = await recover(leader, history, { mode: 'rollback', rules: wish.rules, follower })
      if (recovered && wish.to === '' && wish.stepsBack === 1) return recovered
    }
    // Somebody may have moved the app while we waited for the lock.
    const plan = await findTarget(wish, history, cluster)
    const still = withoutTarget(plan) ?? alreadyThere(plan)
    if (still) return still
    for (const warning of plan.warnings) warn(warning)
    return await goBack(leader, plan.target!, plan.withdrawn, wish.rules, history, tell)
  } finally {
    await leader.release()
  }
}

function withoutTarget({ target, why, problems }: RollbackPlan): RolloutOutcome | undefined {
  if (problems.length > 0) throw new ConfigurationError(problems)
  if (target) return undefined
  return { outcome: 'failed', record: undefined, previous: undefined, reason: `Nothing to go back to: ${why}` }
}

function alreadyThere({ target, withdrawn, there }: RollbackPlan): RolloutOutcome | undefined {
  if (!there || !target) return undefined
  const version = target.release.version === null ? '' : ` (${forLog(target.release.version)})`
  const reason = `the app is on ${target.release.id} already, whole${version}. To go further back, use steps-back or to`
  return { outcome: 'nothing-to-do', record: target, previous: withdrawn, reason }
}

async function goBack(
  leader: Leader,
  target: ReleaseRecord,
  withdrawn: ReleaseRecord | undefined,
  rules: VerifyRules,
  history: History,
  tell: (line: string) => void,
): Promise<RolloutOutcome> {
  const records = await history.list()
  const unfinished = leader.journal.unfinished
  // A rollback that was cut off goes on under its own record; anything else that was cut off is what we go back from.
  const resumed = unfinished?.operation === 'rollback' && unfinished.to.release === target.release.id
  const left = records.find(({ sequence }) => sequence === (unfinished ? unfinished.to.record : leader.journal.current))
  const id = resumed ? unfinished.id : randomUUID()
  const record = await history.add({
    rollout: id,
    type: 'rollback',
    release: target.release,
    templates: target.templates,
    objects: target.objects,
    at: leader.deps.date().toISOString(),
    by: leader.deps.by,
    run_url: leader.deps.runUrl,
    rollback_from: (resumed ? withdrawn : (left ?? withdrawn))?.release.id ?? null,
    verified: false,
    end: null,
    reason: null,
    receipt: target.receipt,
  })
  if (resumed) await leader.continue(unfinished)
  else
    await leader.begin({
      id,
      operation: 'rollback',
      strategy: 'rolling',
      traffic: null,
      from: sideOf(left ?? withdrawn),
      to: sideOf(record)!,
    })
  tell(
    `Rolling back from ${left?.release.id ?? 'an unknown release'} to ${target.release.id}${target.release.version === null ? '' : ` (${forLog(target.release.version)})`}`,
  )
  await restore(leader, record)
  const failure = await verify(leader, record, rules)
  if (failure !== undefined) {
    await endRecord(history, record, 'failed', failure)
    await leader.finish('rollback-failed', failure, record.sequence)
    return { outcome: 'failed', record, previous: left, reason: `${target.release.id} was written, but ${failure}` }
  }
  await endRecord(history, record, 'succeeded', null)
  await leader.finish('succeeded', null, record.sequence)
  await closeCutOff(history, `taken back by a rollback to ${target.release.id}`)
  await tidy(leader, history, left ? [record, left] : [record])
  return {
    outcome: 'rolled-back',
    record,
    previous: left,
    reason: `${target.release.id} runs again, all pods available`,
  }
}

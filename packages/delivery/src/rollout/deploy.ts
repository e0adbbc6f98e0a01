import { randomUUID } from 'node:crypto'
import { ConfigurationError, messageOf, type Problem } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster } from '../kubernetes/cluster.ts'
import { deploymentProgress } from '../kubernetes/deployment-progress.ts'
import { missingPermissions, ROLLOUT_PERMISSIONS, writePermissions } from '../kubernetes/permissions.ts'
import type { BuiltRelease } from '../releases/build-release.ts'
import type { History, NewRecord, ReleaseRecord } from '../releases/history/record.ts'
import { followed, followerOf } from '../traffic/argo-followed.ts'
import { autoscaledDeployments, withPresentReplicas } from './autoscaling.ts'
import { JournalLostError, type Rollout } from './journal.ts'
import { CancelledError, Leader, type RolloutDeps } from './leader.ts'
import type { RolloutOutcome } from './outcome.ts'
import {
  changesNothing,
  type PlacedObjects,
  placeConfigMaps,
  placeDeployments,
  placeMissing,
  placeOthers,
  rehearsedTemplates,
  takeOver,
} from './place.ts'
import { adopt, isOn, presentDeployments } from './present-state.ts'
import { closeCutOff, endRecord, tidy } from './records.ts'
import { type Recovery, recover } from './recover.ts'
import { pausedProblem, rehearse } from './rehearse.ts'
import { restore } from './restore.ts'
import type { Staging } from './staging.ts'
import { leadSteps } from './stepped.ts'
import { type VerifyRules, verify } from './verify.ts'

export interface DeployWish {
  readonly built: BuiltRelease
  readonly environment: string
  /** What to do first with a rollout that another run left half done. */
  readonly recovery: Recovery
  /** How the release is rolled out in steps, where the app is there already; undefined: all at once. */
  readonly staging: Staging | undefined
  /** What else stands in the way, found before. */
  readonly problems: readonly Problem[]
  /** Takes fields over from other controllers too. */
  readonly forceConflicts: boolean
  readonly receipt: NewRecord['receipt']
  readonly rules: VerifyRules
}

/**
 * Everything that can be known before anything changes: permissions, those of the way back included, and what the API server would make of
 * every object. @throws ConfigurationError with all problems at once
 */
export async function preflight(
  cluster: Cluster,
  objects: BuiltRelease['objects'],
  forceConflicts: boolean,
  found: readonly Problem[],
  warn: (message: string) => void,
): Promise<PlacedObjects> {
  const denied = await missingPermissions(cluster, [...ROLLOUT_PERMISSIONS, ...writePermissions(objects.others)])
  if (denied.length > 0) throw new ConfigurationError([...denied, ...found])
  const autoscaled = await autoscaledDeployments(cluster)
  const names = objects.deployments.map(({ metadata }) => metadata.name)
  const present = new Map((await presentDeployments(cluster, names)).map((live) => [live.metadata.name, live]))
  const deployments = objects.deployments.map((deployment) => {
    const live = present.get(deployment.metadata.name)
    const follower = live && followerOf(live)
    if (follower !== undefined) return followed(deployment, follower)
    return live && autoscaled.has(live.metadata.name) ? withPresentReplicas(deployment, live) : deployment
  })
  const placed = { ...objects, deployments }
  const { problems, takenOver } = await rehearse(
    cluster,
    [...placed.configMaps, ...placed.others, ...placed.deployments],
    forceConflicts,
  )
  const all = [...[...present.values()].flatMap(pausedProblem), ...problems, ...found]
  if (all.length > 0) throw new ConfigurationError(all)
  if (takenOver.length > 0) warn(`Fields that were set by hand are taken over: ${takenOver.join('; ')}`)
  return placed
}

/**
 * Rolls a release out in one step: ConfigMaps, other objects, then the pod templates, and waits until it really runs. What does not come up is
 * taken back by itself. The app is on the new release or on the old one afterwards, whole.
 */
export async function deploy(wish: DeployWish, history: History, deps: RolloutDeps): Promise<RolloutOutcome> {
  const { cluster, tell, warn } = deps
  const { release } = wish.built
  const placed = await preflight(cluster, wish.built.objects, wish.forceConflicts, wish.problems, warn)
  const leader = await Leader.take(release.app, deps)
  try {
    const recovered = await recover(leader, history, wish.recovery)
    // What waits for a person is not overwritten by the next release.
    if (recovered?.outcome === 'paused')
      return {
        ...recovered,
        notBegun: true,
        reason: `${release.id} was not deployed, for the rollout before it paused: ${recovered.reason}`,
      }
    if (recovered) tell(`Recovered: ${recovered.reason}`)
    const before = await presentRecord(leader, history, wish.environment, placed)
    if (before && before.release.id === release.id && (await runs(cluster, before, placed)))
      return { outcome: 'nothing-to-do', record: before, previous: before, reason: `${release.id} runs already, whole` }
    await closeCutOff(history, 'cut off before it began')
    await takeOver(leader, [...placed.others, ...placed.deployments])
    return await rollOut(leader, wish, placed, before, history)
  } finally {
    await leader.release()
  }
}

/** The record that the cluster is on; what nobody recorded is adopted first. Undefined for an app that is not there. */
async function presentRecord(
  leader: Leader,
  history: History,
  environment: string,
  placed: PlacedObjects,
): Promise<ReleaseRecord | undefined> {
  const records = await history.list()
  const current = records.find(({ sequence }) => sequence === leader.journal.current)
  const names = [...Object.keys(current?.templates ?? {}), ...placed.deployments.map(({ metadata }) => metadata.name)]
  const present = await presentDeployments(leader.deps.cluster, names)
  if (present.length === 0) return undefined
  if (current && isOn(current, present)) return current
  const adopted = await history.add(await adopt(leader, environment, present))
  return adopted
}

async function runs(cluster: Cluster, record: ReleaseRecord, placed: PlacedObjects): Promise<boolean> {
  const present = await presentDeployments(
    cluster,
    placed.deployments.map(({ metadata }) => metadata.name),
  )
  return (
    record.verified &&
    present.length === placed.deployments.length &&
    isOn(record, present) &&
    present.every((deployment) => deploymentProgress(deployment).state === 'complete') &&
    (await changesNothing(cluster, [...placed.others, ...placed.deployments]))
  )
}

async function rollOut(
  leader: Leader,
  wish: DeployWish,
  placed: PlacedObjects,
  before: ReleaseRecord | undefined,
  history: History,
): Promise<RolloutOutcome> {
  const { cluster, tell } = leader.deps
  const { release } = wish.built
  const id = randomUUID()
  const record = await history.add({
    rollout: id,
    type: 'deploy',
    release,
    templates: await rehearsedTemplates(cluster, placed.deployments),
    objects: [...placed.deployments, ...placed.others],
    at: leader.deps.date().toISOString(),
    by: leader.deps.by,
    run_url: leader.deps.runUrl,
    rollback_from: null,
    verified: false,
    end: null,
    reason: null,
    receipt: wish.receipt,
  })
  // A Service or another object that is no part of the release changed: there is nothing to compare step by step.
  const staging = before && before.release.id !== release.id ? wish.staging : undefined
  await leader.begin({
    id,
    operation: 'deploy',
    strategy: staging?.strategy ?? 'rolling',
    traffic: staging?.traffic ?? null,
    from: sideOf(before),
    to: sideOf(record)!,
  })
  tell(
    `Deploying ${release.id}${release.version === null ? '' : ` (${forLog(release.version)})`} over ${before?.release.id ?? 'nothing'}`,
  )
  if (before && staging) {
    staging.follower.begin(staging.steps.length)
    const prepare = async () => {
      await placeConfigMaps(leader, placed)
      await placeMissing(leader, placed)
    }
    return leadSteps(leader, { record, before, history, rules: wish.rules, staging, prepare })
  }
  let failure: string | undefined
  try {
    await placeConfigMaps(leader, placed)
    await placeOthers(leader, placed)
    await placeDeployments(leader, placed, release.id)
    failure = await verify(leader, record, wish.rules)
  } catch (error) {
    if (error instanceof CancelledError || error instanceof JournalLostError || leader.deps.signal.aborted) throw error
    failure = forLog(messageOf(error))
  }
  if (failure !== undefined) return takeBack(leader, history, record, before, failure, wish.rules)
  await endRecord(history, record, 'succeeded', null)
  await leader.finish('succeeded', null, record.sequence)
  await tidy(leader, history, before ? [record, before] : [record])
  return { outcome: 'promoted', record, previous: before, reason: `${release.id} runs, all pods available` }
}

export const sideOf = (record: ReleaseRecord | undefined): Rollout['from'] =>
  record ? { release: record.release.id, record: record.sequence } : null

/** Brings the app back to the release that it came from, because the new one failed. */
export async function takeBack(
  leader: Leader,
  history: History,
  record: ReleaseRecord,
  before: ReleaseRecord | undefined,
  failure: string,
  rules: VerifyRules,
): Promise<RolloutOutcome> {
  const { tell } = leader.deps
  tell(`${record.release.id} failed: ${failure}`)
  await leader.turnBack(failure)
  if (!before) {
    const reason = `${failure}. It is the first release of this app, so there is nothing to go back to; what it wrote is left as it is`
    await endRecord(history, record, 'failed', failure)
    await leader.finish('rollback-failed', reason)
    return { outcome: 'rollback-failed', record, previous: undefined, reason }
  }
  tell(`Going back to ${before.release.id}`)
  await restore(leader, before)
  const second = await verify(leader, before, { ...rules, checks: [] })
  await endRecord(history, record, 'rolled-back', failure)
  if (second !== undefined) {
    const reason = `${failure}; and ${before.release.id}, to which we went back, does not come up: ${second}`
    await leader.finish('rollback-failed', reason, before.sequence)
    return { outcome: 'rollback-failed', record: before, previous: record, reason }
  }
  await leader.finish('rolled-back', failure, before.sequence)
  return { outcome: 'rolled-back', record: before, previous: record, reason: failure }
}

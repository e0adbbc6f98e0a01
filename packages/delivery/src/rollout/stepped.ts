import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import type { ReleaseRecord } from '../releases/history/record.ts'
import { canaryName } from '../traffic/canary-workload.ts'
import type { TrafficRouter } from '../traffic/router.ts'
import {
  type Availability,
  availability,
  awaitCanary,
  canaryTrouble,
  placeCanary,
  placeFollowed,
  removeCanary,
  servingDeployment,
} from './canary-release.ts'
import { JournalLostError } from './journal.ts'
import { CancelledError, type Leader } from './leader.ts'
import { contested, MOST_REVERTS, type Observation, observeStep, type StepEnd } from './observe.ts'
import type { RolloutOutcome } from './outcome.ts'
import { placeDeployments, placeOthers } from './place.ts'
import { endRecord, tidy } from './records.ts'
import { differingDeployments, restore } from './restore.ts'
import type { StagedRollout, Staging, WayBack } from './staging.ts'
import { runChecks, verify } from './verify.ts'
import type { StepWeight } from './watch.ts'

/** Why the way back is taken. */
class Failed extends Error {
  readonly metric: string | null

  constructor(reason: string, metric: string | null = null) {
    super(reason)
    this.name = 'Failed'
    this.metric = metric
  }
}

/**
 * Leads a release through its steps, from where the journal says: canary, traffic, steps under watch, promotion, bake. What fails is taken back;
 * what shows nothing is paused.
 */
export async function leadSteps(leader: Leader, rollout: StagedRollout): Promise<RolloutOutcome> {
  const { staging, record, before } = rollout
  try {
    await rollout.prepare?.()
    await openCanary(leader, rollout)
    for (const step of staging.steps.slice(leader.led.position)) {
      const end = await takeStep(leader, rollout, step)
      if (end.end === 'paused') {
        await leader.pause(end.reason)
        staging.follower.decision(`paused: ${end.reason}`)
        return { outcome: 'paused', record, previous: before, reason: end.reason }
      }
    }
    return await promote(leader, rollout)
  } catch (error) {
    if (error instanceof JournalLostError) throw error
    if (error instanceof CancelledError || leader.deps.signal.aborted) {
      await leaveOnCancel(leader, staging)
      throw error
    }
    const reason = forLog(messageOf(error))
    return await takeStepsBack(leader, rollout, reason, error instanceof Failed ? error.metric : null)
  }
}

/** The runner gives a cancelled job 7.5 s, and 2.5 s more after that. */
const CANCEL_MS = 6_000

/** One thing only, for which there is time: the traffic goes back to stable. The rest is the post step's. */
async function leaveOnCancel(
  leader: Leader,
  { router, follower }: Pick<Staging, 'router' | 'follower'>,
): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_MS)
  try {
    await router.through(leader.deps.cluster.withSignal(signal)).set(0, { signal })
    follower.decision('the job was cancelled: the traffic is back on the release before')
  } catch (error) {
    follower.problem(`the job was cancelled, and the traffic is not back yet: ${forLog(messageOf(error))}`)
  }
}

async function openCanary(leader: Leader, rollout: StagedRollout): Promise<void> {
  const { record, staging, rules } = rollout
  const { router, follower } = staging
  const { signal, tell } = leader.deps
  await reclaimTraffic(leader, rollout)
  if (router.moves !== 'release') {
    follower.phase('starting the canary')
    await leader.step('canary', async () => {
      const there = await canarySize(leader, record)
      await placeCanary(leader, record, router, there ?? (router.moves === 'pods' ? 0 : sizeFor(1, 1)))
    })
    const failure = await awaitCanary(leader, record, rules)
    if (failure !== undefined) throw new Failed(failure)
  }
  const passed = leader.led.position >= staging.steps.length && router.retry !== undefined
  await leader.step('traffic', () => (passed ? router.retry!({ signal }) : router.prepare({ signal })))
  if (router.moves === 'release') await placeFollowed(leader, record)
  tell(`Traffic: ${router.describe()}`)
  if (leader.led.position === 0 && router.moves === 'weight') await check(leader, rollout)
}

/** A rollout that could not be taken back left the traffic on its canary, whose place the new one takes: stable gets it where it serves again. */
async function reclaimTraffic(leader: Leader, { record, staging: { router } }: StagedRollout): Promise<void> {
  if (leader.led.position > 0 || router.moves !== 'weight' || !(await router.read())) return
  if ((await availability(leader, record)).stable === 0) return
  await leader.step('traffic to stable', () => router.set(0, { signal: leader.deps.signal }))
}

/** Health and smoke examples against the canary. */
async function check(leader: Leader, { staging }: StagedRollout): Promise<void> {
  if (staging.checks.length > 0) staging.follower.phase('checking the canary before it gets traffic')
  const failure = await runChecks(leader, staging.checks)
  if (failure !== undefined) throw new Failed(failure)
}

/** Pods for a share of the traffic: as many as stable has for the same share, at least one. */
const sizeFor = (wanted: number, percent: number): number => Math.max(1, Math.ceil((wanted * percent) / 100))

async function canarySize(leader: Leader, record: ReleaseRecord): Promise<number | undefined> {
  const name = canaryName(servingDeployment(leader.app, record))
  const found = await leader.deps.cluster.get<Deployment>(deploymentNamed(name))
  return found?.spec.replicas
}

async function takeStep(leader: Leader, rollout: StagedRollout, step: StepWeight): Promise<StepEnd> {
  const { record, staging, rules } = rollout
  const { router, watch, follower } = staging
  const { signal } = leader.deps
  await leader.moveTo(step.index, { analysis: watch.state() })
  follower.step(step)
  if (router.moves === 'weight') {
    await leader.step(`scale for ${step.asked} %`, async () => {
      const { wanted } = await availability(leader, record)
      await placeCanary(
        leader,
        record,
        router,
        Math.max((await canarySize(leader, record)) ?? 0, sizeFor(wanted, step.real)),
      )
    })
    const failure = await awaitCanary(leader, record, rules)
    if (failure !== undefined) throw new Failed(failure)
  }
  await leader.step(`weight ${step.asked} %`, () => router.set(step.real, { signal }))
  const refused = await acceptedRoute(leader, staging, step)
  if (refused !== undefined) return { end: 'paused', reason: refused }
  if (step.index === 0 && router.moves !== 'weight') await check(leader, rollout)
  const end = await observeStep(observationOf(leader, record, router), staging, step, { patienceMs: rules.patienceMs })
  if (end.end === 'failed') throw new Failed(end.reason, end.metric)
  return end
}

/** Watching as the leader of a rollout in a cluster: the lock is held, the canary's pods are looked at, the journal remembers. */
const observationOf = (leader: Leader, record: ReleaseRecord, router: TrafficRouter): Observation => ({
  ...leader.deps,
  checkLead: () => leader.checkLead(),
  trouble: () => canaryTrouble(leader, record, router),
  keep: (analysis) => leader.note({ analysis }),
})

/**
 * A step's clock starts only when the route is accepted and in force. Where somebody else keeps writing another weight, which says nothing about
 * the canary, the reason for a person to decide.
 */
async function acceptedRoute(
  leader: Leader,
  { router, routeTimeoutMs }: Pick<Staging, 'router' | 'routeTimeoutMs'>,
  step: StepWeight,
): Promise<string | undefined> {
  const { now, sleep, signal, tell, warn } = leader.deps
  const since = now()
  let told = ''
  let reverts = 0
  for (;;) {
    const state = await router.verify(step.real)
    if (state.state === 'accepted') return undefined
    if (now() - since > routeTimeoutMs) throw new Failed(`the route did not take ${step.real} %: ${state.why}`, 'route')
    if (state.state === 'lost') {
      if (++reverts > MOST_REVERTS) return contested(state.why)
      warn(`${state.why}; the weight is written again`)
      await router.set(step.real, { signal })
    } else if (told !== state.why) {
      told = state.why
      tell(`waiting for the route: ${state.why}`)
    }
    await sleep(500, signal)
  }
}

/** The same for no traffic to the canary, which may have left the route already, or never have joined it. */
async function acceptedNone(
  leader: Leader,
  way: Pick<Staging, 'router' | 'routeTimeoutMs'>,
  index: number,
): Promise<void> {
  if ((await way.router.read()) === undefined) return
  const refused = await acceptedRoute(leader, way, { index, asked: 0, real: 0 })
  if (refused !== undefined) throw new Failed(refused, 'route')
}

/** Brings the app itself to the release while the canary has the traffic, gives the traffic back, and takes the canary away. */
async function promote(leader: Leader, rollout: StagedRollout): Promise<RolloutOutcome> {
  const { record, before, history, rules, staging } = rollout
  const { router, follower, bake } = staging
  const { signal, tell } = leader.deps
  follower.phase('promoting')
  if (bake && leader.led.position >= staging.steps.length)
    tell('An earlier run passed all steps: what it promoted is watched again, for the whole time of the bake')
  await leader.moveTo(staging.steps.length)
  const objects = {
    configMaps: [],
    deployments: record.objects.filter(({ kind }) => kind === 'Deployment'),
    others: record.objects.filter(({ kind }) => kind !== 'Deployment'),
  }
  await placeOthers(leader, objects)
  await placeDeployments(leader, objects, record.release.id)
  if (router.moves === 'pods') await leader.step('traffic to the app', () => router.set(0, { signal }))
  const failure = await verify(leader, record, { ...rules, checks: [] })
  if (failure !== undefined) throw new Failed(failure)
  if (router.moves === 'weight') {
    await leader.step('traffic to the app', () => router.set(0, { signal }))
    await acceptedNone(leader, staging, staging.steps.length)
  }
  // A controller's pods keep their names: until the bake is over, its record tells the new ones from those before.
  const ours = router.moves !== 'release'
  if (ours) await cleanUp(leader, record, router)
  if (bake) {
    follower.phase(`watching the promoted release for ${Math.round(bake.durationMs / 1_000)} s`)
    const end = await observeStep(
      observationOf(leader, record, router),
      { ...staging, watch: bake.watch, stepTimeoutMs: bake.durationMs, onInconclusive: 'pass' },
      { index: staging.steps.length, asked: 100, real: 100 },
      { patienceMs: rules.patienceMs, baking: true },
    )
    if (end.end === 'failed') throw new Failed(`after the promotion: ${end.reason}`, end.metric)
  }
  await endRecord(history, record, 'succeeded', null)
  if (!ours) await cleanUp(leader, record, router)
  await leader.finish('succeeded', null, record.sequence)
  await tidy(leader, history, [record, before])
  const reason = `${record.release.id} runs at 100 %, all pods available`
  follower.decision(`promoted: ${reason}`)
  return { outcome: 'promoted', record, previous: before, reason }
}

/** Takes away what the rollout added. */
const cleanUp = (leader: Leader, record: ReleaseRecord, router: TrafficRouter): Promise<void> =>
  leader.step('cleanup', async () => {
    await router.restore({ signal: leader.deps.signal })
    await removeCanary(leader, record)
  })

/** Whether the stable side is on its way to the release that is taken back, which the canary serves meanwhile. */
async function isPromoted(leader: Leader, record: ReleaseRecord, before: ReleaseRecord): Promise<boolean> {
  const name = servingDeployment(leader.app, record)
  const differsFrom = async (other: ReleaseRecord) =>
    (await differingDeployments(leader.deps.cluster, other)).includes(name)
  return (await differsFrom(before)) && !(await differsFrom(record))
}

/** Nobody answers on the stable side: all traffic to the canary, with as many pods as there are for all of it. */
async function serveByCanary(
  leader: Leader,
  record: ReleaseRecord,
  router: TrafficRouter,
  { wanted }: Availability,
): Promise<void> {
  await router.set(100, { signal: leader.deps.signal })
  const size = (await canarySize(leader, record)) ?? 0
  if (size < wanted) await placeCanary(leader, record, router, wanted)
}

/**
 * Takes a staged rollout back: traffic first and at once, without waiting for anything, unless the stable side cannot take it; then templates,
 * then the canary. Where the stable side is down and the canary is not, the traffic goes where it is served.
 */
export async function takeStepsBack(
  leader: Leader,
  { record, before, history, rules, staging }: Omit<StagedRollout, 'staging'> & { readonly staging: WayBack },
  reason: string,
  metric: string | null = null,
): Promise<RolloutOutcome> {
  const { router, follower } = staging
  const { tell, signal } = leader.deps
  // A run that lost its lock must not move the traffic of the one that has it.
  leader.checkLead()
  follower.decision(`going back: ${reason}`)
  tell(`Taking ${record.release.id} back: ${reason}`)
  const now = await availability(leader, record)
  const stableServes =
    router.moves === 'release' || ((now.stable > 0 || now.canary === 0) && !(await isPromoted(leader, record, before)))
  if (stableServes) await router.set(0, { signal })
  else if (router.moves === 'weight' && now.stable === 0)
    await serveByCanary(leader, record, router, now).catch((error: unknown) =>
      follower.problem(`not all traffic is on the canary: ${forLog(messageOf(error))}`),
    )
  await leader.turnBack(reason)
  await restore(leader, before)
  if (router.moves === 'pods' && !stableServes) await leader.step('traffic to stable', () => router.set(0, { signal }))
  const second = await verify(leader, before, { ...rules, checks: [] })
  if (second !== undefined) {
    const served = stableServes || now.canary === 0 ? '' : '. The traffic is on the canary, which is available'
    const why = `${reason}; and ${before.release.id} does not come up: ${second}${served}`
    await endRecord(history, record, 'rolled-back', reason)
    await leader.finish('rollback-failed', why, before.sequence)
    follower.problem(why)
    return { outcome: 'rollback-failed', record: before, previous: record, reason: why, metric }
  }
  if (!stableServes) await leader.step('traffic to stable', () => router.set(0, { signal }))
  await acceptedNone(leader, staging, -1).catch((error: unknown) =>
    tell(`The route is back at 0 % for the canary, but not confirmed: ${forLog(messageOf(error))}`),
  )
  await cleanUp(leader, record, router)
  await endRecord(history, record, 'rolled-back', reason)
  await leader.finish('rolled-back', reason, before.sequence)
  return { outcome: 'rolled-back', record: before, previous: record, reason, metric }
}

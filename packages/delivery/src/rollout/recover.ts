import { ConfigurationError } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import type { History, ReleaseRecord } from '../releases/history/record.ts'
import { createRouter } from '../traffic/create.ts'
import type { Rollout } from './journal.ts'
import type { Leader } from './leader.ts'
import type { RolloutOutcome } from './outcome.ts'
import { dropTraffic, endRecord } from './records.ts'
import { restore, restoreProblems } from './restore.ts'
import type { Staging } from './staging.ts'
import { leadSteps, takeStepsBack } from './stepped.ts'
import { type VerifyRules, verify } from './verify.ts'
import type { RolloutFollower } from './watch.ts'

/** What is done with a rollout that another run left unfinished. */
export const ON_INTERRUPTED = ['rollback', 'resume'] as const
export type OnInterrupted = (typeof ON_INTERRUPTED)[number]

/** How a later run deals with a staged rollout: the way back always, the way on where it knows how to watch. */
export interface Recovery {
  readonly mode: OnInterrupted
  readonly rules: VerifyRules
  readonly follower: RolloutFollower
  /** What leads on; undefined: this run can only take back. */
  readonly stagingOf?: (record: ReleaseRecord, unfinished: Rollout, analysis: string | undefined) => Promise<Staging>
  /** The step that was paused counts as passed. */
  readonly skipStep?: boolean
  /** Told what the unfinished rollout came to. */
  readonly ended?: (unfinished: Rollout, outcome: RolloutOutcome) => Promise<void>
}

const ROUTE_TIMEOUT_MS = 60_000

/**
 * Finishes what a killed or cancelled run left half done, so that the app is wholly on one release: back to where it came from, or on to
 * where it went (`resume`). A way back that was begun is always finished.
 */
export async function recover(
  leader: Leader,
  history: History,
  recovery: Recovery,
): Promise<RolloutOutcome | undefined> {
  const unfinished = leader.journal.unfinished
  if (!unfinished) return undefined
  const outcome = await settle(leader, history, unfinished, recovery)
  await recovery.ended?.(unfinished, outcome)
  return outcome
}

async function settle(
  leader: Leader,
  history: History,
  unfinished: Rollout,
  recovery: Recovery,
): Promise<RolloutOutcome> {
  const { mode, rules } = recovery
  const records = await history.list()
  const at = (side: Rollout['to'] | null) => records.find(({ sequence }) => sequence === side?.record)
  const [from, to] = [at(unfinished.from), at(unfinished.to)]
  const state = unfinished.paused ? 'paused' : 'unfinished'
  const led = unfinished.run_url ?? unfinished.holder
  // The journal is an object of the cluster that others can write too.
  leader.deps.tell(
    forLog(
      `An earlier run (${led}) left a ${unfinished.operation} of ${unfinished.to.release} ${state}, last at ${lastStep(unfinished)}`,
    ),
  )
  // A record that is verified came to its end: only the journal's last entry is missing.
  const onward =
    !unfinished.returning && (unfinished.operation === 'rollback' || mode === 'resume' || to?.verified === true)
  const canGoOn = onward && to !== undefined && (await restoreProblems(leader.deps.cluster, to)).length === 0
  await leader.continue(unfinished)
  if (unfinished.traffic && to && from && !to.verified) {
    const staging = canGoOn ? await recovery.stagingOf?.(to, unfinished, leader.journal.note('analysis')) : undefined
    if (staging) {
      if (recovery.skipStep) await leader.moveTo(unfinished.position + 1)
      return leadSteps(leader, { record: to, before: from, history, rules, staging })
    }
    const router = createRouter(unfinished.traffic, leader.deps.cluster, leader.deps)
    const back = { router, follower: recovery.follower, routeTimeoutMs: ROUTE_TIMEOUT_MS }
    const why = unfinished.paused ? 'it was aborted while it was paused' : 'the run that led it was cut off'
    const reason = forLog(unfinished.reason ?? why)
    return takeStepsBack(leader, { record: to, before: from, history, rules, staging: back }, reason)
  }
  const target = canGoOn ? to : from
  if (!target) return leaveAsItIs(leader, history, to)
  return finishOn(leader, history, target, { to, from }, rules)
}

const lastStep = ({ entries }: Rollout): string => entries.at(-1)?.step ?? 'its start'

/** Nothing to go back to: the first release of the app. Its objects stay for whoever looks for the reason. */
async function leaveAsItIs(leader: Leader, history: History, to: ReleaseRecord | undefined): Promise<RolloutOutcome> {
  const reason =
    'it was the first release of this app, so there is nothing to go back to; what it wrote is left as it is'
  await endRecord(history, to, 'failed', reason)
  await leader.finish('rollback-failed', reason)
  return { outcome: 'rollback-failed', record: undefined, previous: undefined, reason }
}

async function finishOn(
  leader: Leader,
  history: History,
  target: ReleaseRecord,
  { to, from }: { readonly to: ReleaseRecord | undefined; readonly from: ReleaseRecord | undefined },
  rules: VerifyRules,
): Promise<RolloutOutcome> {
  const { cluster, tell } = leader.deps
  const problems = await restoreProblems(cluster, target)
  if (problems.length > 0) throw new ConfigurationError(problems)
  const back = target !== to
  if (back) await leader.turnBack('the run that led it was cut off')
  tell(`${back ? 'Going back' : 'Going on'} to ${target.release.id}`)
  await restore(leader, target)
  const failure = await verify(leader, target, rules)
  const reason = back
    ? `an interrupted rollout to ${to?.release.id ?? 'a release'} was taken back to ${target.release.id}`
    : `the interrupted rollout to ${target.release.id} was finished`
  if (failure !== undefined) {
    await leader.finish('rollback-failed', failure, target.sequence)
    return { outcome: 'rollback-failed', record: target, previous: from, reason: `${reason}, but ${failure}` }
  }
  if (back) await endRecord(history, to, 'rolled-back', 'interrupted')
  else await endRecord(history, target, 'succeeded', null)
  await dropTraffic(leader, target)
  await leader.finish(back ? 'rolled-back' : 'succeeded', reason, target.sequence)
  return {
    outcome: back || leader.led.operation === 'rollback' ? 'rolled-back' : 'promoted',
    record: target,
    previous: from,
    reason,
  }
}

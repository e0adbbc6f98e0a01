import { ConfigurationError } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { PATIENCE_MS } from '@agent-ci/delivery/kubernetes/wait-for-deployments'
import { deploy } from '@agent-ci/delivery/rollout/deploy'
import { Leader } from '@agent-ci/delivery/rollout/leader'
import { LEASE_RULES, LockedError } from '@agent-ci/delivery/rollout/lease'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import { dropTraffic } from '@agent-ci/delivery/rollout/records'
import { type Recovery, recover } from '@agent-ci/delivery/rollout/recover'
import type { VerifyRules } from '@agent-ci/delivery/rollout/verify'
import type { Job } from './job.ts'
import { plan, status } from './look.ts'
import { proofOf } from './proof.ts'
import { releaseOf } from './release.ts'
import type { DeploySettings, Operation } from './settings.ts'
import { asFollowed, planStaging } from './staging.ts'

/** The operations of canary-deploy on an app that runs in a cluster. */
export const IN_CLUSTER: Readonly<Record<Operation, (job: Job) => Promise<RolloutOutcome>>> = {
  deploy: deployRelease,
  promote: (job) => finish(job, 'resume', true),
  resume: (job) => finish(job, 'resume'),
  abort: (job) => finish(job, 'rollback'),
  sweep: (job) => finish(job, 'rollback'),
  status,
  plan,
}

const rulesOf = ({ place }: DeploySettings): VerifyRules => ({
  timeoutMs: place.timeoutMs,
  patienceMs: PATIENCE_MS,
  checks: [],
})

async function deployRelease(job: Job): Promise<RolloutOutcome> {
  const { settings, cluster, history, deps, follower, announcer, host } = job
  const { built, prompts } = await releaseOf(settings.place, settings.release, host)
  const proof = await proofOf(settings.receipt, built.release, prompts, host)
  announcer.begin()
  const staged = await planStaging(settings, cluster, host, follower, built.release.id)
  for (const line of staged.lines) host.info(line)
  for (const warning of staged.warnings) host.warn('Rollout', forLog(warning))
  const recovery: Recovery = {
    ...recoveryOf(job, settings.onInterrupted),
    ended: ({ announced }, outcome) => announcer.endFormer(announced, outcome),
  }
  const wish = {
    built: asFollowed(settings, built),
    environment: settings.place.environment,
    recovery,
    staging: staged.staging,
    problems: [...proof.problems, ...staged.problems],
    forceConflicts: settings.forceConflicts,
    receipt: proof.receipt ?? null,
    rules: rulesOf(settings),
  }
  return deploy(wish, history, deps)
}

/** How this run deals with a rollout that another one left unfinished. */
function recoveryOf({ settings, cluster, follower, host }: Job, mode: Recovery['mode'], skipStep = false): Recovery {
  return {
    mode,
    rules: rulesOf(settings),
    follower,
    skipStep,
    stagingOf: async (record, unfinished, analysis) => {
      const { strategy } = unfinished
      const staged = await planStaging({ ...settings, strategy }, cluster, host, follower, record.release.id, analysis)
      for (const line of staged.lines) host.info(line)
      if (!staged.staging) throw new ConfigurationError(staged.problems)
      follower.stepsPlanned = staged.staging.steps.length
      return staged.staging
    },
  }
}

/** Leads the app; undefined for a sweep that finds it led by another run, which is none of its business. */
async function leaderOf({ settings, deps }: Job): Promise<Leader | undefined> {
  if (settings.operation !== 'sweep') return Leader.take(settings.place.app, deps)
  try {
    return await Leader.take(settings.place.app, { ...deps, lease: { ...LEASE_RULES, waitMs: 0 } })
  } catch (error) {
    if (error instanceof LockedError) return undefined
    throw error
  }
}

/** Finishes or takes back what another run left half done, or paused. */
async function finish(job: Job, mode: Recovery['mode'], skipStep = false): Promise<RolloutOutcome> {
  const { settings, history, announcer } = job
  announcer.reopen()
  const leader = await leaderOf(job)
  if (!leader)
    return {
      outcome: 'nothing-to-do',
      record: undefined,
      previous: undefined,
      reason: 'a rollout is under way, and led',
    }
  try {
    const unfinished = leader.journal.unfinished
    const record = (await history.list()).find(({ sequence }) => sequence === leader.journal.current)
    const idle = { outcome: 'nothing-to-do', record, previous: undefined } as const
    if (!unfinished) {
      await dropTraffic(leader, record)
      return { ...idle, reason: 'no rollout was left unfinished' }
    }
    if (unfinished.paused && settings.operation === 'sweep')
      return {
        ...idle,
        outcome: 'paused',
        reason: `${unfinished.to.release} waits for a decision (${unfinished.reason ?? 'paused'}): promote or abort it`,
      }
    return (
      (await recover(leader, history, recoveryOf(job, mode, skipStep))) ?? {
        ...idle,
        reason: 'no rollout was left unfinished',
      }
    )
  } finally {
    await leader.release()
  }
}

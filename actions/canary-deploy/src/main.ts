import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import { PATIENCE_MS } from '@agent-ci/delivery/kubernetes/wait-for-deployments'
import { openPlace } from '@agent-ci/delivery/open-place'
import { FileHistory } from '@agent-ci/delivery/releases/history/file-history'
import type { History } from '@agent-ci/delivery/releases/history/record'
import { deploy } from '@agent-ci/delivery/rollout/deploy'
import { Leader, type RolloutDeps } from '@agent-ci/delivery/rollout/leader'
import { LEASE_RULES, LockedError } from '@agent-ci/delivery/rollout/lease'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import { dropTraffic } from '@agent-ci/delivery/rollout/records'
import { type Recovery, recover } from '@agent-ci/delivery/rollout/recover'
import type { VerifyRules } from '@agent-ci/delivery/rollout/verify'
import { runIdentity } from '@agent-ci/github/run-identity'
import { Announcer } from './announce.ts'
import { Follower } from './follow.ts'
import { plan, status } from './look.ts'
import { proofOf } from './proof.ts'
import { releaseOf } from './release.ts'
import { report } from './report.ts'
import { byScripts } from './scripts.ts'
import { type DeploySettings, readSettings } from './settings.ts'
import { asFollowed, planStaging } from './staging.ts'

/** One run of the action on one app. */
export interface Task {
  readonly settings: DeploySettings
  readonly history: History
  readonly follower: Follower
  readonly announcer: Announcer
  readonly host: Host
  readonly by: string
  readonly runUrl: string | null
}

/** The same where the app runs in a cluster. */
export interface Job extends Task {
  readonly cluster: Cluster
  readonly deps: RolloutDeps
}

/** Rolls a release out as one unit, in steps under watch; what turns bad is taken back. `nonce` tells apart the jobs of a run. */
export async function main(host: Host, nonce: string): Promise<Outcome> {
  const settings = await readSettings(host)
  const { announcer, run } = beginning(settings, host)
  try {
    return await run(nonce, (task) => task.operate(settings.operation))
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    host.output('outcome', 'refused')
    host.output('reason', forLog(error.message))
    await announcer.refused(error.message)
    throw error
  }
}

/** After the job, however it ended: takes back what this run left half done. A paused rollout waits on. */
export async function post(host: Host, nonce: string): Promise<void> {
  const settings = await readSettings(host)
  if (settings.operation === 'plan' || settings.operation === 'status') return
  await beginning({ ...settings, operation: 'sweep' }, host).run(nonce, (task) => task.operate('sweep'), true)
}

interface Operating {
  operate(operation: DeploySettings['operation']): Promise<RolloutOutcome>
}

/** What a run starts from: in a cluster, or by scripts on any platform. `quiet`: nothing is reported where nothing was to do. */
function beginning(settings: DeploySettings, host: Host) {
  const identity = runIdentity(host.env)
  const announcer = new Announcer(settings, host, identity)
  const follower = new Follower(host, (description) => announcer.progress(description))
  const base = { settings, announcer, follower, host, by: identity.actor, runUrl: identity.url ?? null }
  const reported = async (task: Task, work: Promise<RolloutOutcome>, quiet: boolean): Promise<Outcome> => {
    const done = await work
    if (quiet && (done.outcome === 'nothing-to-do' || done.outcome === 'paused'))
      return { verdict: 'passed', exitStatus: 0, headline: done.reason }
    return report(done, task)
  }
  const run = async (
    nonce: string,
    work: (operating: Operating) => Promise<RolloutOutcome>,
    quiet = false,
  ): Promise<Outcome> => {
    if (settings.traffic.provider === 'command') {
      const file =
        settings.place.historyFile ?? join(host.cwd, 'deployments', settings.place.environment, 'history.json')
      const task = { ...base, history: new FileHistory(file) }
      return reported(task, work({ operate: (operation) => byScripts(task, file, operation) }), quiet)
    }
    const { cluster, history } = openPlace(settings.place, host)
    const deps: RolloutDeps = {
      cluster,
      holder: { run: identity.run, attempt: identity.attempt, process: nonce },
      runUrl: base.runUrl,
      by: base.by,
      date: host.date,
      now: host.now,
      sleep: host.sleep,
      signal: host.signal,
      tell: host.info,
      warn: (message) => host.warn('Rollout', message),
      announced: () => announcer.announced,
    }
    const job: Job = { ...base, cluster, history, deps }
    try {
      return await reported(job, work({ operate: (operation) => OPERATIONS[operation](job) }), quiet)
    } finally {
      cluster.close()
    }
  }
  return { announcer, run }
}

const OPERATIONS: Readonly<Record<DeploySettings['operation'], (job: Job) => Promise<RolloutOutcome>>> = {
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

import { randomUUID } from 'node:crypto'
import { ConfigurationError } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { plainRelease } from '@agent-ci/delivery/releases/plain-release'
import type { RolloutOutcome } from '@agent-ci/delivery/rollout/outcome'
import {
  abortScripts,
  resumeScripts,
  rollOutByScripts,
  type ScriptedDeps,
  ScriptedState,
} from '@agent-ci/delivery/rollout/scripted'
import type { Staging } from '@agent-ci/delivery/rollout/staging'
import { CommandRouter } from '@agent-ci/delivery/traffic/command'
import { checksOf } from './checks.ts'
import type { Task } from './job.ts'
import { proofOf } from './proof.ts'
import { releaseFiles } from './release.ts'
import type { Operation } from './settings.ts'
import { planWatch } from './watch-plan.ts'

/** The operations of canary-deploy by a team's own scripts, on any platform: no cluster is asked. */
export async function byScripts(job: Task, historyFile: string): Promise<RolloutOutcome> {
  const { host, history, identity } = job
  const { operation } = job.settings
  const [by, runUrl] = [identity.actor, identity.url ?? null]
  const state = new ScriptedState(historyFile)
  const { now, sleep, signal, date } = host
  const warn = (message: string) => host.warn('Rollout', message)
  const scripted: ScriptedDeps = { now, sleep, signal, date, warn, tell: host.info, by, runUrl, history, state }
  const actions: Readonly<Record<Operation, () => Promise<RolloutOutcome>>> = {
    deploy: () => deployByScripts(job, scripted),
    promote: async () => resumeScripts(await stagingOf(job, null, (await state.read())?.analysis), true, scripted),
    resume: async () => resumeScripts(await stagingOf(job, null, (await state.read())?.analysis), false, scripted),
    abort: () => abortScripts({ router: routerOf(job, null), follower: job.follower }, scripted),
    sweep: () => abortScripts({ router: routerOf(job, null), follower: job.follower }, scripted),
    status: async () => {
      const found = await state.read()
      const record = (await history.list()).findLast(({ verified }) => verified)
      const idle = record ? `${record.release.id} runs; no rollout is under way` : 'nothing was deployed yet'
      if (!found) return { outcome: 'nothing-to-do', record, previous: undefined, reason: idle }
      const reason = `a rollout is ${found.paused ? 'paused' : 'under way'} at step ${found.position + 1}: ${found.reason ?? ''}`
      return { outcome: 'paused', record, previous: undefined, reason: forLog(reason) }
    },
    plan: async () => {
      const { release } = await releaseOfScripts(job)
      const staging = await stagingOf(job, release.version, undefined)
      host.info(`steps: ${staging.steps.map(({ real }) => `${real} %`).join(', ')}`)
      return {
        outcome: 'planned',
        record: undefined,
        previous: undefined,
        reason: `${release.id} could be deployed; no script was run`,
      }
    },
  }
  if (operation !== 'deploy' && operation !== 'plan' && operation !== 'status') job.announcer.reopen()
  return actions[operation]()
}

async function releaseOfScripts({ settings, host }: Task) {
  const { agentConfig, prompts } = await releaseFiles(settings.release, host)
  const { app, environment } = settings.place
  const { version, images } = settings.release
  return { release: await plainRelease({ app, environment, version, images, agentConfig, prompts }), prompts }
}

async function deployByScripts(job: Task, deps: ScriptedDeps): Promise<RolloutOutcome> {
  const { settings, host, follower } = job
  const { release, prompts } = await releaseOfScripts(job)
  const proof = await proofOf(settings.receipt, release, prompts, host)
  if (proof.problems.length > 0) throw new ConfigurationError(proof.problems)
  job.announcer.begin()
  const left = await deps.state.read()
  if (left) {
    const reason = settings.onInterrupted === 'resume' && !left.paused ? 'goes on' : 'is taken back first'
    host.info(`An earlier rollout was left at step ${left.position + 1} and ${reason}`)
    const former =
      settings.onInterrupted === 'resume' && !left.paused
        ? await resumeScripts(await stagingOf(job, release.version, left.analysis), false, deps)
        : await abortScripts({ router: routerOf(job, null), follower }, deps)
    await job.announcer.endFormer(null, former)
    // What waits for a person is not overwritten by the next release.
    if (former.outcome === 'paused')
      return {
        ...former,
        notBegun: true,
        reason: `${release.id} was not deployed, for the rollout before it paused: ${former.reason}`,
      }
  }
  const staging = await stagingOf(job, release.version, undefined)
  follower.stepsPlanned = staging.steps.length
  return rollOutByScripts(release, randomUUID(), staging, proof.receipt ?? null, deps)
}

function routerOf({ settings, host }: Task, version: string | null): CommandRouter {
  const { commands } = settings.traffic
  const { app, environment } = settings.place
  return new CommandRouter({
    canary: commands!.canary,
    promote: commands!.promote,
    rollback: commands!.rollback,
    ...(commands!.weight !== undefined && { read: commands!.weight }),
    values: {
      app,
      environment,
      version: version ?? settings.release.version ?? '',
      image: settings.release.images[0] ?? '',
    },
    env: host.env,
    pass: commands!.pass,
    cwd: host.cwd,
    timeoutMs: commands!.timeoutMs,
    tell: host.info,
  })
}

async function stagingOf(job: Task, version: string | null, analysis: string | undefined): Promise<Staging> {
  const { settings, host, follower } = job
  const router = routerOf(job, version)
  const found = await router.preflight()
  const steps = (await router.achievable(settings.strategy === 'canary' ? settings.steps : [100]))
    .filter(({ repeats }) => !repeats)
    .map(({ asked, real }, index) => ({ index, asked, real }))
  const named = version === null ? {} : { version }
  const identities = { canary: { track: 'canary', ...named }, stable: { track: 'stable' } }
  // How old the pods are is not known here: what Prometheus has not seen is refused at once.
  const servingSince = async () => undefined
  const watching = await planWatch(settings.watch, { router, steps, identities, analysis, servingSince }, host)
  const problems = [...found.problems, ...watching.problems]
  if (problems.length > 0 || !watching.watch) throw new ConfigurationError(problems)
  for (const line of [`Traffic: ${router.describe()}`, ...watching.lines]) host.info(line)
  for (const warning of [...found.warnings, ...watching.warnings]) host.warn('Rollout', forLog(warning))
  return {
    strategy: settings.strategy === 'blue-green' ? 'blue-green' : 'canary',
    traffic: null,
    router,
    steps,
    watch: watching.watch,
    follower,
    stepTimeoutMs: settings.watch.stepTimeoutMs,
    routeTimeoutMs: 0,
    onInconclusive: settings.onInconclusive,
    checks: checksOf(settings.checks, settings.outputDir, host),
    bake: watching.bake,
  }
}

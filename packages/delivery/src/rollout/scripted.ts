import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { Release } from '@agent-ci/core/release'
import { forLog } from '@agent-ci/core/untrusted'
import * as z from 'zod'
import type { History, NewRecord, ReleaseRecord } from '../releases/history/record.ts'
import { KEPT_RECORDS } from '../releases/history/retention.ts'
import type { Observation } from './observe.ts'
import { observeStep } from './observe.ts'
import type { RolloutOutcome } from './outcome.ts'
import { endRecord } from './records.ts'
import type { Staging } from './staging.ts'

const stateSchema = z.object({
  schema_version: z.literal(1),
  rollout: z.string(),
  record: z.int(),
  /** The step that is under way, from 0. */
  position: z.int(),
  paused: z.boolean(),
  reason: z.string().nullable(),
  analysis: z.string(),
})

type State = z.infer<typeof stateSchema>

/** Where a rollout by scripts keeps how far it is: a file beside the history, for there is no cluster to ask. */
export class ScriptedState {
  private readonly file: string

  constructor(historyFile: string) {
    this.file = join(dirname(historyFile), 'rollout.json')
  }

  /** The rollout that was left unfinished; undefined where there is none. */
  async read(): Promise<State | undefined> {
    let text: string
    try {
      text = await readFile(this.file, 'utf8')
    } catch {
      return undefined
    }
    try {
      return stateSchema.parse(JSON.parse(text))
    } catch (error) {
      throw new ConfigurationError({
        what: `${this.file} cannot be read: ${forLog(messageOf(error), 300)}`,
        why: 'It says how far an earlier rollout came',
        mend: 'Delete it once you know the state of the app',
      })
    }
  }

  async write(state: State): Promise<void> {
    await mkdir(dirname(this.file), { recursive: true })
    await writeFile(`${this.file}.new`, `${JSON.stringify(state, null, 2)}\n`)
    await rename(`${this.file}.new`, this.file)
  }

  async clear(): Promise<void> {
    await rm(this.file, { force: true })
  }
}

export interface ScriptedDeps extends Omit<Observation, 'checkLead' | 'trouble' | 'keep'> {
  readonly history: History
  readonly state: ScriptedState
  readonly date: () => Date
  readonly tell: (line: string) => void
  readonly by: string
  readonly runUrl: string | null
}

/**
 * Rolls a release out on any platform by a team's own scripts: a weight, a watch, the next one, and back when it turns bad. One rollout of an
 * app at a time is up to the workflow (`concurrency`), for there is no cluster to hold a lock.
 */
export async function rollOutByScripts(
  release: Release,
  rollout: string,
  staging: Staging,
  receipt: NewRecord['receipt'],
  deps: ScriptedDeps,
): Promise<RolloutOutcome> {
  const { history, state } = deps
  const before = (await history.list()).findLast(({ verified }) => verified)
  const record = await history.add({
    rollout,
    type: 'deploy',
    release,
    templates: {},
    objects: [],
    at: deps.date().toISOString(),
    by: deps.by,
    run_url: deps.runUrl,
    rollback_from: null,
    verified: false,
    end: null,
    reason: null,
    receipt,
  })
  await state.write({
    schema_version: 1,
    rollout,
    record: record.sequence,
    position: 0,
    paused: false,
    reason: null,
    analysis: '',
  })
  return leadScripts(record, before, 0, staging, deps)
}

/** Goes on with a rollout that an earlier run left, from its step on; `skipStep` takes the paused one as passed. */
export async function resumeScripts(staging: Staging, skipStep: boolean, deps: ScriptedDeps): Promise<RolloutOutcome> {
  const found = await unfinished(deps)
  if (!found) return idle(deps)
  return leadScripts(found.record, found.before, found.state.position + (skipStep ? 1 : 0), staging, deps)
}

/** Takes back what an earlier run left half done, or paused. */
export async function abortScripts(
  staging: Pick<Staging, 'router' | 'follower'>,
  deps: ScriptedDeps,
): Promise<RolloutOutcome> {
  const found = await unfinished(deps)
  if (!found) return idle(deps)
  const reason = found.state.reason ?? 'the run that led it was cut off'
  return takeBack(found.record, found.before, staging, reason, null, deps)
}

async function unfinished({ state, history }: ScriptedDeps) {
  const found = await state.read()
  if (!found) return undefined
  const records = await history.list()
  const record = records.find(({ sequence }) => sequence === found.record)
  if (!record) return undefined
  const before = records.findLast(({ verified, sequence }) => verified && sequence < record.sequence)
  return { state: found, record, before }
}

async function idle({ history }: ScriptedDeps): Promise<RolloutOutcome> {
  const record = (await history.list()).findLast(({ verified }) => verified)
  return { outcome: 'nothing-to-do', record, previous: undefined, reason: 'no rollout was left unfinished' }
}

async function leadScripts(
  record: ReleaseRecord,
  before: ReleaseRecord | undefined,
  from: number,
  staging: Staging,
  deps: ScriptedDeps,
): Promise<RolloutOutcome> {
  const { router, follower, checks, bake } = staging
  const { history, state, signal } = deps
  const stand = (position: number, more: Partial<State> = {}) =>
    state.write({
      schema_version: 1,
      rollout: record.rollout,
      record: record.sequence,
      position,
      paused: false,
      reason: null,
      analysis: staging.watch.state(),
      ...more,
    })
  let position = from
  const observation: Observation = {
    ...deps,
    checkLead: () => signal.throwIfAborted(),
    trouble: async () => undefined,
    keep: () => stand(position),
  }
  try {
    for (const step of staging.steps.slice(from)) {
      position = step.index
      await stand(position)
      follower.step(step)
      await router.set(step.real, { signal })
      if (step.index === 0)
        for (const { name, check } of checks) {
          const failure = await check(signal)
          if (failure !== undefined) return await takeBack(record, before, staging, `${name}: ${failure}`, null, deps)
        }
      const end = await observeStep(observation, staging, step, { patienceMs: 0 })
      if (end.end === 'failed') return await takeBack(record, before, staging, end.reason, end.metric, deps)
      if (end.end === 'paused') {
        await stand(position, { paused: true, reason: end.reason })
        follower.decision(`paused: ${end.reason}`)
        return { outcome: 'paused', record, previous: before, reason: end.reason }
      }
    }
    if (bake) {
      follower.phase(`watching the promoted release for ${Math.round(bake.durationMs / 1_000)} s`)
      const whole = { index: staging.steps.length, asked: 100, real: 100 }
      const baking = { ...staging, watch: bake.watch, stepTimeoutMs: bake.durationMs, onInconclusive: 'pass' as const }
      const end = await observeStep(observation, baking, whole, { patienceMs: 0, baking: true })
      if (end.end === 'failed')
        return await takeBack(record, before, staging, `after the promotion: ${end.reason}`, end.metric, deps)
    }
  } catch (error) {
    if (!signal.aborted) return await takeBack(record, before, staging, forLog(messageOf(error)), null, deps)
    await leaveOnCancel(staging)
    throw error
  }
  await endRecord(history, record, 'succeeded', null)
  await state.clear()
  const records = await history.list()
  if (records.length > KEPT_RECORDS) await history.remove(records.slice(0, records.length - KEPT_RECORDS))
  const reason = `${record.release.id} has all traffic`
  follower.decision(`promoted: ${reason}`)
  return { outcome: 'promoted', record, previous: before, reason }
}

/** The runner gives a cancelled job 7.5 s: time for one script. */
async function leaveOnCancel({ router, follower }: Pick<Staging, 'router' | 'follower'>): Promise<void> {
  try {
    await router.set(0, { signal: AbortSignal.timeout(6_000) })
    follower.decision('the job was cancelled: the rollback script has run')
  } catch (error) {
    follower.problem(`the job was cancelled, and the rollback script failed: ${forLog(messageOf(error))}`)
  }
}

async function takeBack(
  record: ReleaseRecord,
  before: ReleaseRecord | undefined,
  { router, follower }: Pick<Staging, 'router' | 'follower'>,
  reason: string,
  metric: string | null,
  { history, state, signal }: ScriptedDeps,
): Promise<RolloutOutcome> {
  follower.decision(`going back: ${reason}`)
  try {
    await router.set(0, { signal })
  } catch (error) {
    const why = `${reason}; and the rollback script failed: ${forLog(messageOf(error))}`
    follower.problem(why)
    return { outcome: 'rollback-failed', record, previous: before, reason: why, metric }
  }
  await endRecord(history, record, 'rolled-back', reason)
  await state.clear()
  return { outcome: 'rolled-back', record: before, previous: record, reason, metric }
}

import { isJsonObject, type Json, type JsonObject, jsonEqual } from '@agent-ci/core/json'
import { cut } from '@agent-ci/core/untrusted'
import { githubProblem, isRefusal } from './api-problem.ts'
import type { Octokit } from './octokit.ts'
import { ownerOf, type RunIdentity } from './run-identity.ts'

/** A rollout as GitHub shows it, on the commit's and the repository's pages. Nothing here throws. */
export interface DeploymentTracker {
  /** Of the records that are kept in step; empty where there is none. */
  readonly ids: readonly number[]
  /** Still on its way: `canary 25 % (step 2/5)`. Of several that wait to be said only the last is. */
  readonly progress: (description: string) => Promise<void>
  readonly success: (description: string, environmentUrl?: string) => Promise<void>
  /** It was rolled back. */
  readonly failure: (description: string) => Promise<void>
  /** The way back failed too. */
  readonly error: (description: string) => Promise<void>
  readonly inactive: (description: string) => Promise<void>
}

export interface NewDeployment {
  readonly environment: string
  /** A sha, or a branch's or a tag's name. */
  readonly ref: string
  /** `deploy`, `rollback`. */
  readonly task: string
  readonly description: string
  /** What a later run finds it by, beside the run's id: `{ app: 'agent-service' }`. */
  readonly payload?: JsonObject
}

/** Which records a run left open. */
export interface OpenDeployment {
  readonly environment: string
  /** Of the run that began it; without it, of any run. */
  readonly runId?: string
  /** Keys of the payload that must be equal. */
  readonly payload?: JsonObject
}

export interface DeploymentDeps {
  readonly open: () => Promise<Octokit>
  readonly run: RunIdentity
  readonly warn: (title: string, message: string) => void
}

/** GitHub refuses a longer one. */
const MOST_DESCRIPTION = 140
/** How many records of an environment are looked through, newest first, and how many of ours. */
const MOST_PAGES = 3
const MOST_OURS = 20

const UNFINISHED = new Set(['in_progress', 'queued', 'pending'])

type State = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'

/**
 * Creates the deployment's record and says that it is in progress. A merge of the default branch or a wait for other checks is not asked
 * for: the rollout has begun. What GitHub refuses is one warning, and then a tracker that does nothing.
 */
export async function startDeployment(start: NewDeployment, deps: DeploymentDeps): Promise<DeploymentTracker> {
  const { run } = deps
  const ids = await attempt('was not created', deps, async (octokit, where) => {
    const { status, data } = await octokit.rest.repos.createDeployment({
      ...where,
      ref: start.ref,
      task: start.task,
      environment: start.environment,
      description: shorten(start.description),
      auto_merge: false,
      required_contexts: [],
      payload: {
        ...start.payload,
        agent_ci: { run_id: run.runId ?? null, attempt: run.attempt, url: run.url ?? null },
      },
    })
    if (status !== 201) throw new Error(data.message ?? 'GitHub merged instead of deploying')
    return [data.id]
  })
  const tracker = new Tracker(ids ?? [], deps)
  await tracker.progress(start.description)
  return tracker
}

/** The records that a run left open, so that a post step or a later run can finish them. */
export async function openDeployments(which: OpenDeployment, deps: DeploymentDeps): Promise<DeploymentTracker> {
  const ids = await attempt('was not found', deps, (octokit, where) => findOpen(which, octokit, where))
  return new Tracker(ids ?? [], deps)
}

/** Records whose ids were kept, such as those of another run's rollout. */
export const knownDeployments = (ids: readonly number[], deps: DeploymentDeps): DeploymentTracker =>
  new Tracker(ids, deps)

async function findOpen(
  { environment, runId, payload = {} }: OpenDeployment,
  octokit: Octokit,
  where: { owner: string; repo: string },
): Promise<number[]> {
  const ours: number[] = []
  for (let page = 1; page <= MOST_PAGES && ours.length < MOST_OURS; page++) {
    const { data } = await octokit.rest.repos.listDeployments({ ...where, environment, per_page: 100, page })
    for (const deployment of data) {
      const found = payloadOf(deployment.payload)
      const mark = found.agent_ci
      if (!isJsonObject(mark) || (runId !== undefined && mark.run_id !== runId)) continue
      if (Object.entries(payload).every(([key, value]) => jsonEqual(found[key] ?? null, value)))
        ours.push(deployment.id)
    }
    if (data.length < 100) break
  }
  const states = await Promise.all(
    ours.slice(0, MOST_OURS).map(async (id) => {
      const { data } = await octokit.rest.repos.listDeploymentStatuses({ ...where, deployment_id: id, per_page: 1 })
      return { id, unfinished: data[0] === undefined || UNFINISHED.has(data[0].state) }
    }),
  )
  return states.filter(({ unfinished }) => unfinished).map(({ id }) => id)
}

/** GitHub gives it back as the object or as its JSON. */
function payloadOf(payload: unknown): JsonObject {
  let value = payload
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value) as Json
    } catch {
      return {}
    }
  }
  return isJsonObject(value) ? value : {}
}

const shorten = (description: string): string => {
  const line = description.trim().replaceAll(/\s+/g, ' ')
  return line.length <= MOST_DESCRIPTION
    ? line
    : `${cut(line, MOST_DESCRIPTION - 1).replace(/… \(\d+ more characters\)$/, '')}…`
}

/** The result of some calls; undefined, and a warning, where they failed. Outside Actions there is no record and nothing to say. */
async function attempt<T>(
  failed: string,
  { open, run, warn }: DeploymentDeps,
  work: (octokit: Octokit, where: { owner: string; repo: string }) => Promise<T>,
): Promise<T | undefined> {
  if (run.repository === undefined) return undefined
  try {
    return await work(await open(), ownerOf(run.repository))
  } catch (error) {
    const sentence = githubProblem(error, {
      failed: `GitHub's record of this deployment ${failed}`,
      permission: 'deployments: write',
    })
    warn('GitHub deployment', `${sentence}. The rollout goes on without it.`)
    return undefined
  }
}

class Tracker implements DeploymentTracker {
  readonly ids: readonly number[]
  private readonly deps: DeploymentDeps
  private last: Promise<void> = Promise.resolve()
  private newest = 0
  private warned = false
  private refused = false

  constructor(ids: readonly number[], deps: DeploymentDeps) {
    this.ids = ids
    this.deps = deps
  }

  progress = (description: string) => this.say('in_progress', description)
  success = (description: string, environmentUrl?: string) => this.say('success', description, environmentUrl)
  failure = (description: string) => this.say('failure', description)
  error = (description: string) => this.say('error', description)
  inactive = (description: string) => this.say('inactive', description)

  private say(state: State, description: string, environmentUrl?: string): Promise<void> {
    if (this.ids.length === 0) return Promise.resolve()
    const turn = ++this.newest
    this.last = this.last.then(async () => {
      if (this.refused || (state === 'in_progress' && turn !== this.newest)) return
      for (const id of this.ids) await this.send(id, state, description, environmentUrl)
    })
    return this.last
  }

  private async send(id: number, state: State, description: string, environmentUrl?: string): Promise<void> {
    const { run } = this.deps
    const address = environmentUrl === undefined ? undefined : URL.parse(environmentUrl)
    const warn: DeploymentDeps['warn'] = (title, message) => {
      if (!this.warned) this.deps.warn(title, message)
      this.warned = true
    }
    await attempt('was not kept in step', { ...this.deps, warn }, async (octokit, where) => {
      try {
        await octokit.rest.repos.createDeploymentStatus({
          ...where,
          deployment_id: id,
          state,
          description: shorten(description),
          ...(run.url !== undefined && { log_url: run.url }),
          ...(address?.protocol.startsWith('http') && { environment_url: address.href }),
          // The same status twice says nothing else than once.
          request: { repeatable: true },
        })
      } catch (error) {
        this.refused ||= isRefusal(error)
        throw error
      }
    })
  }
}

import * as z from 'zod'
import type { Octokit } from './octokit.ts'
import { ownerOf } from './run-identity.ts'

const sha = z.string().regex(/^[0-9a-f]{40,64}$/)
const pullRequest = z.looseObject({
  number: z.int().min(1),
  head: z.looseObject({ sha, repo: z.looseObject({ full_name: z.string() }).nullable() }),
})

/** What of an event's payload says which pull request it is about (docs.github.com/webhooks/webhook-events-and-payloads). */
const eventSchema = z.looseObject({
  pull_request: pullRequest.optional(),
  issue: z.looseObject({ number: z.int().min(1), pull_request: z.looseObject({}).optional() }).optional(),
  merge_group: z.looseObject({ head_ref: z.string(), head_sha: sha }).optional(),
  workflow_run: z
    .looseObject({
      id: z.int().min(1),
      run_attempt: z.int().min(1).default(1),
      event: z.string(),
      head_sha: sha,
      head_branch: z.string().nullable(),
      head_repository: z.looseObject({ full_name: z.string(), owner: z.looseObject({ login: z.string() }) }).nullable(),
    })
    .optional(),
})

export type EventPayload = z.infer<typeof eventSchema>

/** An event's payload; empty where it is none that we know. */
export const parseEvent = (payload: unknown): EventPayload => eventSchema.safeParse(payload).data ?? {}

/** The run whose results these are. */
export interface MeasuredRun {
  readonly id: string
  readonly attempt: number
}

export interface Subject {
  readonly pullRequest: number
  /** The pull request's commit that was measured; undefined where it was another one, such as the merge queue's. */
  readonly sha: string | undefined
  /** Another run than this one, where this one only reports. */
  readonly measured: MeasuredRun | undefined
  /** The results come from a run of code that lies in a fork. */
  readonly fork: boolean
}

/** `nothing`: why there is no pull request to write to, in a sentence without its last point. */
export type FoundSubject = Subject | { readonly nothing: string }

export interface Asked {
  readonly event: EventPayload
  readonly eventName: string | undefined
  /** `owner/name` */
  readonly repository: string
  readonly sha: string | undefined
  /** Given by the user. */
  readonly number: number | undefined
}

/** A merge queue's branch: `refs/heads/gh-readonly-queue/main/pr-12-<sha of the base>`. Only GitHub can make one. */
const QUEUED = /^refs\/heads\/gh-readonly-queue\/.+\/pr-(\d+)-[0-9a-f]{40,64}$/

/**
 * The pull request that results belong to: from the event, else from GitHub by the commit; never from a result file.
 * @throws what Octokit throws
 */
export async function findSubject(asked: Asked, open: () => Promise<Octokit>): Promise<FoundSubject> {
  const { event, eventName, repository, number } = asked
  if (event.workflow_run) return measuredElsewhere(event.workflow_run, asked, open)
  const own = { measured: undefined, fork: false }
  if (event.pull_request) {
    const { number: named, head } = event.pull_request
    if (number === undefined || number === named)
      return { ...own, pullRequest: named, sha: head.sha, fork: head.repo?.full_name !== repository }
  }
  if (number !== undefined) return { ...own, pullRequest: number, sha: undefined }
  // The queue's own commit is none of the pull request's.
  const queued = event.merge_group && QUEUED.exec(event.merge_group.head_ref)?.[1]
  if (queued) return { ...own, pullRequest: Number(queued), sha: undefined }
  if (event.issue?.pull_request) return { ...own, pullRequest: event.issue.number, sha: undefined }
  if (eventName === 'schedule')
    return { nothing: 'A scheduled run belongs to no pull request, so there is nothing to do' }
  if (asked.sha === undefined) return { nothing: 'No pull request is known here: give pr-number' }
  const found = await pullRequestOfCommit(await open(), repository, asked.sha)
  return found === undefined
    ? { nothing: `Commit ${asked.sha.slice(0, 12)} belongs to no pull request, so there is nothing to do` }
    : { ...own, ...found }
}

/** The open one whose last commit this is, else the one whose merge made it, else any that has it. */
async function pullRequestOfCommit(
  { rest }: Octokit,
  repository: string,
  commit: string,
): Promise<Pick<Subject, 'pullRequest' | 'sha'> | undefined> {
  const { data } = await rest.repos.listPullRequestsAssociatedWithCommit({
    ...ownerOf(repository),
    commit_sha: commit,
    per_page: 100,
  })
  const ours = data.filter(({ base }) => base.repo?.full_name === repository)
  const open = ours.filter(({ state, head }) => state === 'open' && head.sha === commit)
  const merged = ours.filter(({ merge_commit_sha }) => merge_commit_sha === commit)
  if (open[0]) return { pullRequest: open[0].number, sha: commit }
  const other = merged[0] ?? ours.find(({ state }) => state === 'open')
  return other && { pullRequest: other.number, sha: undefined }
}

/**
 * Results of another run, which may have been a stranger's. What tells us whose they are is GitHub's record of that run: the commit it ran
 * on, and the branch and repository that the commit was pushed to.
 */
async function measuredElsewhere(
  run: NonNullable<EventPayload['workflow_run']>,
  { repository, number }: Asked,
  open: () => Promise<Octokit>,
): Promise<FoundSubject> {
  const { head_sha: head, head_repository: from, head_branch: branch } = run
  if (run.event === 'schedule')
    return {
      nothing: 'The run that was measured was scheduled and belongs to no pull request, so there is nothing to do',
    }
  const { rest } = await open()
  const where = ownerOf(repository)
  const byCommit = await rest.repos.listPullRequestsAssociatedWithCommit({ ...where, commit_sha: head, per_page: 100 })
  let candidates: readonly Candidate[] = byCommit.data
  if (!candidates.some(isIt) && from !== null && branch !== null) {
    // Commits of forks are often missing above.
    const { data } = await rest.pulls.list({
      ...where,
      head: `${from.owner.login}:${branch}`,
      state: 'open',
      per_page: 100,
    })
    candidates = data
  }
  const found = candidates.filter(isIt).filter((each) => number === undefined || each.number === number)
  // The same branch may be proposed to two bases: the younger proposal is the one that made the run.
  const [one] = found.toSorted((a, b) => b.number - a.number)
  if (!one) {
    const asked = number === undefined ? 'no open pull request' : `not pull request ${number}`
    return {
      nothing: `Commit ${head.slice(0, 12)}, which run ${run.id} measured, is the newest of ${asked}: a later push has replaced it, or it never was one`,
    }
  }
  return {
    pullRequest: one.number,
    sha: head,
    measured: { id: String(run.id), attempt: run.run_attempt },
    fork: from?.full_name !== repository,
  }

  function isIt({ head: { sha: last, repo, ref }, base, state }: Candidate): boolean {
    return (
      state === 'open' &&
      last === head &&
      base.repo?.full_name === repository &&
      (from === null || repo?.full_name === from.full_name) &&
      (branch === null || ref === branch)
    )
  }
}

interface Candidate {
  readonly number: number
  readonly state: string
  readonly head: { readonly sha: string; readonly ref: string; readonly repo: { readonly full_name: string } | null }
  readonly base: { readonly repo: { readonly full_name: string } | null }
}

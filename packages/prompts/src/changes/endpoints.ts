import { ConfigurationError } from '@agent-ci/core/errors'
import { type ObjectId, shortId } from '../git/git.ts'
import type { ChangeEvent } from './event.ts'
import { ensureCommits, findMergeBase, firstParent, type History, namedCommit, remoteBranch } from './history.ts'

/** The two commits whose prompts are compared. */
export interface Endpoints {
  /** Null where there is nothing to compare with: everything is new. */
  readonly base: ObjectId | null
  /** The newest commit of the base branch: where thresholds, rubrics and other configuration are read that a stranger must not set. */
  readonly baseTip: ObjectId | null
  readonly head: ObjectId
  /** For people: how the two were chosen. Branch names in it may be anybody's. */
  readonly because: string
}

/** Nothing was changed that could be compared; `because` says why. */
export interface NoEndpoints {
  readonly head: null
  readonly because: string
}

/** From where a line of work left another one. */
async function sinceMergeBase(
  history: History,
  tip: ObjectId,
  head: ObjectId,
  who: string,
  ofWhat: string,
): Promise<Endpoints> {
  const base = await findMergeBase(history, tip, head)
  return {
    base: base ?? tip,
    baseTip: tip,
    head,
    because: base
      ? `${who} against ${shortId(base)}, where it left ${ofWhat}`
      : `${who} against ${shortId(tip)}, the newest of ${ofWhat}: they have no common history`,
  }
}

const branchOf = (ref: string): string => ref.replace(/^refs\/heads\//, '')

async function ofPush(event: ChangeEvent & { kind: 'push' }, history: History): Promise<Endpoints | NoEndpoints> {
  const { before, after, ref, forced, defaultBranch } = event
  if (after === null) return { head: null, because: `${ref} was deleted` }
  await ensureCommits(history, [{ id: after, what: 'The pushed commit', ref }])
  const who = `The push to ${branchOf(ref)}`
  if (before !== null) {
    try {
      await ensureCommits(history, [{ id: before, what: 'The commit before the push' }])
      // Not from their merge base: a forced push that takes commits away changes the prompts back.
      const because = `${who} against ${shortId(before)}, where it was before${forced ? ' it was forced' : ''}`
      return { base: before, baseTip: before, head: after, because }
    } catch (error) {
      // Only a forced push leaves its old commit without a ref, for the server to clean up.
      if (!forced || !(error instanceof ConfigurationError)) throw error
    }
  }
  if (defaultBranch === null || ref === `refs/heads/${defaultBranch}`) {
    const why = before === null ? 'it is new' : `what it was before (${shortId(before)}) is gone`
    return { base: null, baseTip: null, head: after, because: `${who} has nothing to be compared with: ${why}` }
  }
  return sinceMergeBase(history, await remoteBranch(history, defaultBranch), after, who, defaultBranch)
}

async function currentCommit({ git }: History): Promise<ObjectId> {
  const head = await git.commit('HEAD')
  if (head !== undefined) return head
  throw new ConfigurationError({
    what: 'The repository has no commit',
    why: 'Prompts of two commits are compared',
    mend: 'Run actions/checkout before this step, or commit the prompts',
  })
}

/** The commit that the event says is the candidate, fetched where the clone does not have it. */
async function headOf(event: ChangeEvent, history: History): Promise<ObjectId> {
  switch (event.kind) {
    case 'pull-request':
      await ensureCommits(history, [
        { id: event.headSha, what: "The pull request's head", ref: `refs/pull/${event.number}/head` },
      ])
      return event.headSha
    case 'merge-group':
      await ensureCommits(history, [{ id: event.headSha, what: "The merge group's head" }])
      return event.headSha
    case 'push':
      if (event.after === null) return currentCommit(history)
      await ensureCommits(history, [{ id: event.after, what: 'The pushed commit', ref: event.ref }])
      return event.after
    default:
      return currentCommit(history)
  }
}

/**
 * Which commits an event compares: a pull request's head with where it left its base branch; a push with what was there before;
 * a merge group with its base; a dispatch with where its branch left the default one, or with the commit before.
 * A `baseRef` is taken instead of the event's base.
 *
 * @throws {ConfigurationError} when a commit cannot be had, or nothing says what to compare with
 */
export async function endpointsOf(
  event: ChangeEvent,
  baseRef: string | undefined,
  history: History,
): Promise<Endpoints | NoEndpoints> {
  if (baseRef !== undefined) {
    const head = await headOf(event, history)
    return sinceMergeBase(history, await namedCommit(history, baseRef), head, shortId(head), baseRef)
  }
  switch (event.kind) {
    case 'pull-request': {
      await ensureCommits(history, [
        { id: event.baseSha, what: "The pull request's base", ref: `refs/heads/${event.baseRef}` },
        { id: event.headSha, what: "The pull request's head", ref: `refs/pull/${event.number}/head` },
      ])
      return sinceMergeBase(history, event.baseSha, event.headSha, `Pull request #${event.number}`, event.baseRef)
    }
    case 'push':
      return ofPush(event, history)
    case 'merge-group': {
      const { baseSha, headSha, baseRef: ref } = event
      await ensureCommits(history, [
        { id: baseSha, what: "The merge group's base", ref },
        { id: headSha, what: "The merge group's head" },
      ])
      const because = `The merge group against ${shortId(baseSha)} of ${branchOf(ref)}`
      return { base: baseSha, baseTip: baseSha, head: headSha, because }
    }
    case 'dispatch': {
      const head = await currentCommit(history)
      if (event.defaultBranch !== null && event.ref !== `refs/heads/${event.defaultBranch}`) {
        const tip = await remoteBranch(history, event.defaultBranch)
        return sinceMergeBase(history, tip, head, branchOf(event.ref), event.defaultBranch)
      }
      const parent = (await firstParent(history, head)) ?? null
      const because = parent
        ? `${shortId(head)} against ${shortId(parent)}, the commit before`
        : 'It is the first commit'
      return { base: parent, baseTip: parent, head, because }
    }
    case 'schedule':
      return { head: null, because: 'A schedule changes nothing: set base-ref to compare with a branch or tag' }
    case 'other':
      throw new ConfigurationError({
        what: event.name === '' ? 'There is no event' : `The event is ${JSON.stringify(event.name)}`,
        why: 'It does not say which commits to compare',
        mend: 'Set base-ref, for example base-ref: main',
      })
  }
}

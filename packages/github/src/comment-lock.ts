import type { ApiHost, Octokit } from './octokit.ts'
import { ownerOf } from './run-identity.ts'

export interface LockRules {
  /** A holder ends its work within this; a reaction that is older was left behind by a killed job, and is taken away. */
  readonly leaseMs: number
  /** Between two looks at a lock that somebody else holds; each is up to twice as long. */
  readonly pollMs: number
  /** After so long the lock counts as unavailable. */
  readonly patienceMs: number
}

export const LOCK_RULES: LockRules = { leaseMs: 60_000, pollMs: 700, patienceMs: 180_000 }

/** What became of the wish for a lock. `unavailable`: GitHub lets this token set no reaction; the work may be done, with care. */
export type Locked<T> = { readonly state: 'done'; readonly value: T } | { readonly state: 'gone' | 'unavailable' }

const CONTENT = 'eyes'

/**
 * Does some work on a comment while nobody else with the same login does. GitHub updates comments without a precondition, but it keeps
 * one reaction of a kind from each user, and answers 201 to whoever set it and 200 to everybody after: that is a lock
 * (docs.github.com/rest/reactions/reactions). It shows as 👀 for as long as the work takes.
 *
 * @param work gets a signal that ends with the lease: nothing may be written after it
 */
export async function withCommentLock<T>(
  octokit: Octokit,
  { repository, commentId }: { readonly repository: string; readonly commentId: number },
  work: (lease: AbortSignal) => Promise<T>,
  host: ApiHost,
  rules: LockRules = LOCK_RULES,
): Promise<Locked<T>> {
  const { reactions } = octokit.rest
  const target = { ...ownerOf(repository), comment_id: commentId }
  let waitedMs = 0
  for (;;) {
    let held: { id: number | undefined; ours: boolean; ageMs: number }
    try {
      const { status, data, headers } = await reactions.createForIssueComment({ ...target, content: CONTENT })
      const answeredAt = Date.parse(headers.date ?? '')
      held = {
        id: data.id,
        ours: Number(status) === 201,
        ageMs: answeredAt - Date.parse(data.created_at),
      }
    } catch (error) {
      if (host.signal.aborted) throw error
      const { status = 0 } = error as { status?: number }
      // Who cannot know whether somebody holds it waits: writers with and without a lock would lose what the others wrote.
      if (status >= 500 && waitedMs <= rules.patienceMs) {
        const ms = rules.pollMs * (1 + host.random())
        waitedMs += ms
        await host.sleep(ms, host.signal)
        continue
      }
      return { state: status === 404 ? 'gone' : 'unavailable' }
    }
    const release = () =>
      (held.id === undefined
        ? // Forgejo and Gitea take a reaction away by its kind.
          octokit.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
            ...target,
            content: CONTENT,
          })
        : reactions.deleteForIssueComment({ ...target, reaction_id: held.id })
      ).catch(() => undefined)
    if (held.ours) {
      try {
        return { state: 'done', value: await work(AbortSignal.timeout(rules.leaseMs)) }
      } finally {
        // Where this fails too, the lease ends it.
        await release()
      }
    }
    // Ids are never used again: this takes away no lock that was set since. Half a minute for a write that was on its way.
    if (held.ageMs > rules.leaseMs + 30_000) await release()
    else {
      if (waitedMs > rules.patienceMs) return { state: 'unavailable' }
      waitedMs += await waitUntilFree(held.id)
    }
  }

  async function waitUntilFree(reactionId: number | undefined): Promise<number> {
    let waited = 0
    for (;;) {
      const ms = rules.pollMs * (1 + host.random())
      waited += ms
      await host.sleep(ms, host.signal)
      if (waited > rules.leaseMs) return waited
      const { data } = await reactions
        .listForIssueComment({ ...target, content: CONTENT, per_page: 100 })
        .catch(() => ({
          data: [],
        }))
      // Gitea's empty list is null.
      if (!data?.some(({ id }) => id === reactionId)) return waited
    }
  }
}

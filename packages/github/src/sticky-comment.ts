import { LOCK_RULES, type Locked, type LockRules, withCommentLock } from './comment-lock.ts'
import { minimize, minimizedReason, unminimize } from './comment-visibility.ts'
import type { Comment, Comments } from './comments.ts'
import type { ApiHost, Octokit } from './octokit.ts'

export type StickyMode = 'update' | 'recreate' | 'always-new'

/** What is written, as functions of what is there: the same work is done again when somebody else was faster. */
export interface Sticky {
  /** `owner/name` */
  readonly repository: string
  readonly mode: StickyMode
  /** The login that we write with; the same marker in somebody else's comment is a forgery, or another installation's. */
  readonly author: string
  /** Whether a body is one of this comment's, whatever run wrote it. */
  readonly isOurs: (body: string) => boolean
  /** Whether this run has written to it already: a run opens at most one new comment. */
  readonly isOfThisRun: (body: string) => boolean
  /** The new body, from those that are there (several where two runs opened one at once); undefined: leave all as it is. */
  readonly render: (bodies: readonly string[]) => string | undefined
  /** Whether a body holds what we wrote. */
  readonly holds: (body: string) => boolean
}

export interface StickyRules {
  readonly lock: LockRules
  /** Without a lock: before what was written is read again, in milliseconds; each wait is up to twice as long. */
  readonly settleMs: number
  readonly mostAttempts: number
}

export const STICKY_RULES: StickyRules = { lock: LOCK_RULES, settleMs: 1_500, mostAttempts: 12 }

export interface Written {
  /** undefined: there is none, and none was opened, because there was nothing to write. */
  readonly comment: Comment | undefined
  readonly what: 'created' | 'updated' | 'left'
  /** Why the comment is still folded away, where somebody did so for another reason than its age. */
  readonly hidden: string | undefined
}

export interface StickyDeps {
  readonly octokit: Octokit
  readonly comments: Comments
  readonly host: ApiHost
}

/**
 * Writes to the one comment that many runs share; none loses what another one wrote. Each reads, merges and writes under a lock, and
 * reads again afterwards. Two that were opened at once become one, the older.
 * @throws what Octokit throws, or Error when others kept overwriting it
 */
export async function writeSticky(
  sticky: Sticky,
  deps: StickyDeps,
  rules: StickyRules = STICKY_RULES,
): Promise<Written> {
  const { comments, host } = deps
  let problem: unknown
  let created = false
  for (let attempt = 0; attempt < rules.mostAttempts; attempt++) {
    const there = (await comments.list()).filter(({ author, body }) => author === sticky.author && sticky.isOurs(body))
    const [target, ...doubles] =
      sticky.mode === 'always-new' ? there.filter(({ body }) => sticky.isOfThisRun(body)) : there
    try {
      if (!target) {
        const body = sticky.render([])
        if (body === undefined) return { comment: undefined, what: 'left', hidden: undefined }
        await comments.create(body)
        created = true
        // Once more from the start: somebody may have opened one at the same time.
        continue
      }
      if (doubles.length === 0 && sticky.holds(target.body) && created) return await show(target, 'created')
      const written = await writeTo(target, doubles)
      if (written.state === 'left') return { comment: target, what: 'left', hidden: undefined }
      if (written.comment && (await isStable(written.comment.id, written.state))) {
        const fresh = written.comment
        return await show(fresh, created || fresh.id !== target.id ? 'created' : 'updated')
      }
    } catch (error) {
      // A gateway that lost the answer may have let the write through: what is there says so.
      if (!isPassing(error) || host.signal.aborted) throw error
      problem = error
    }
    await host.sleep(rules.settleMs * host.random() * (attempt + 1), host.signal)
  }
  throw problem ?? new Error(`others kept overwriting it in ${rules.mostAttempts} attempts`)

  async function writeTo(target: Comment, doubles: readonly Comment[]) {
    const lock = { repository: sticky.repository, commentId: target.id }
    const work = (signal: AbortSignal) => replace(target.id, doubles, signal)
    const locked: Locked<Replaced> = await withCommentLock(deps.octokit, lock, work, host, rules.lock)
    if (locked.state === 'gone') return { state: 'gone' as const, comment: undefined }
    if (locked.state === 'done') {
      return locked.value === 'left'
        ? { state: 'left' as const, comment: undefined }
        : { state: 'locked' as const, comment: locked.value }
    }
    const value = await replace(target.id, doubles, host.signal)
    return value === 'left'
      ? { state: 'left' as const, comment: undefined }
      : { state: 'unlocked' as const, comment: value }
  }

  /** Reads and writes; `left` where there is nothing to write, undefined where the comment is gone. */
  async function replace(id: number, doubles: readonly Comment[], signal: AbortSignal): Promise<Replaced> {
    const fresh = await comments.get(id)
    if (!fresh) return undefined
    const body = sticky.render([...doubles.map((double) => double.body), fresh.body])
    if (body === undefined && doubles.length === 0) return 'left'
    const anew = sticky.mode === 'recreate' && !sticky.isOfThisRun(fresh.body)
    const wanted = body ?? fresh.body
    const written = anew ? await comments.create(wanted) : await comments.update(id, wanted, signal)
    for (const double of doubles) await comments.remove(double.id)
    if (anew) await comments.remove(id)
    return written
  }

  /** Whether what we wrote is still there once everybody who had read before has written. */
  async function isStable(id: number, state: 'locked' | 'unlocked' | 'gone'): Promise<boolean> {
    for (let look = 0; look < (state === 'locked' ? 1 : 3); look++) {
      if (state !== 'locked') await host.sleep(rules.settleMs * (1 + host.random()), host.signal)
      const fresh = await comments.get(id)
      if (!fresh || !sticky.holds(fresh.body)) return false
    }
    return true
  }

  /** What is new is shown again, unless somebody hid the comment for another reason than its age. */
  async function show(comment: Comment, what: 'created' | 'updated'): Promise<Written> {
    let hidden: string | undefined
    try {
      if (sticky.mode === 'always-new') {
        const all = await comments.list()
        const before = all.filter(
          ({ author, body, id }) => id < comment.id && author === sticky.author && sticky.isOurs(body),
        )
        // Each run folds those before it, so the older ones are folded.
        for (const { nodeId } of before.slice(-3)) await minimize(deps.octokit, nodeId)
      } else if (what === 'updated') {
        const reason = await minimizedReason(deps.octokit, comment.nodeId)
        if (reason === 'outdated' || reason === 'resolved') await unminimize(deps.octokit, comment.nodeId)
        else hidden = reason
      }
    } catch {
      // Folding is a nicety; GHES without it and tokens without GraphQL still have their comment.
    }
    return { comment, what, hidden }
  }
}

type Replaced = Comment | 'left' | undefined

const isPassing = (error: unknown): boolean => {
  const { status, name } = error as { status?: number; name?: string }
  return name === 'AbortError' || name === 'TimeoutError' || (status !== undefined && status >= 500)
}

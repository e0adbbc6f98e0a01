import { ConfigurationError } from '@agent-ci/core/errors'
import * as z from 'zod'

/** What happened, as far as it says which commits to compare. All of it may come from a stranger's pull request. */
export type ChangeEvent =
  | {
      readonly kind: 'pull-request'
      readonly number: number
      readonly baseRef: string
      readonly baseSha: string
      readonly headSha: string
      /** From another repository: its configuration is not to be trusted. */
      readonly fromFork: boolean
    }
  | {
      readonly kind: 'push'
      /** `refs/heads/main` */
      readonly ref: string
      /** Null for a new branch or tag. */
      readonly before: string | null
      /** Null for a deleted one. */
      readonly after: string | null
      readonly forced: boolean
      readonly defaultBranch: string | null
    }
  | { readonly kind: 'merge-group'; readonly baseRef: string; readonly baseSha: string; readonly headSha: string }
  | { readonly kind: 'dispatch'; readonly ref: string; readonly defaultBranch: string | null }
  | { readonly kind: 'schedule' }
  /** Anything else, and no event at all (a terminal). */
  | { readonly kind: 'other'; readonly name: string }

const sha = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'Expected a full commit id')
const repository = z.object({ default_branch: z.string().optional() }).optional()
const end = z.object({ ref: z.string(), sha, repo: z.object({ full_name: z.string() }).nullish() })

const pullRequest = z.object({ pull_request: z.object({ number: z.int().min(1), base: end, head: end }) })
const push = z.object({ ref: z.string(), before: sha, after: sha, forced: z.boolean().default(false), repository })
const mergeGroup = z.object({ merge_group: z.object({ base_ref: z.string(), base_sha: sha, head_sha: sha }) })
const dispatch = z.object({ ref: z.string(), repository })

/** GitHub writes 0000… for a commit that is not there. */
const present = (id: string): string | null => (/^0+$/.test(id) ? null : id)

/**
 * The event of a workflow run from `GITHUB_EVENT_NAME` and the JSON at `GITHUB_EVENT_PATH`.
 *
 * @throws {ConfigurationError} when the payload is not that of the event
 */
export function changeEventFrom(name: string, payload: unknown): ChangeEvent {
  const parse = <T>(schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(payload)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    throw new ConfigurationError({
      what: `The payload of the event ${JSON.stringify(name)} has no valid ${issue?.path.join('.') || 'content'}`,
      why: issue?.message ?? 'It does not fit the event',
      mend: 'Give the GITHUB_EVENT_NAME and the GITHUB_EVENT_PATH of the same run, or set base-ref and leave both out',
    })
  }
  switch (name) {
    case 'pull_request':
    case 'pull_request_target': {
      const { number, base, head } = parse(pullRequest).pull_request
      return {
        kind: 'pull-request',
        number,
        baseRef: base.ref,
        baseSha: base.sha,
        headSha: head.sha,
        // A fork that was deleted since has no repository any more.
        fromFork: !head.repo || head.repo.full_name !== base.repo?.full_name,
      }
    }
    case 'push': {
      const event = parse(push)
      return {
        kind: 'push',
        ref: event.ref,
        before: present(event.before),
        after: present(event.after),
        forced: event.forced,
        defaultBranch: event.repository?.default_branch ?? null,
      }
    }
    case 'merge_group': {
      const group = parse(mergeGroup).merge_group
      return { kind: 'merge-group', baseRef: group.base_ref, baseSha: group.base_sha, headSha: group.head_sha }
    }
    case 'workflow_dispatch': {
      const event = parse(dispatch)
      return { kind: 'dispatch', ref: event.ref, defaultBranch: event.repository?.default_branch ?? null }
    }
    case 'schedule':
      return { kind: 'schedule' }
    default:
      return { kind: 'other', name }
  }
}

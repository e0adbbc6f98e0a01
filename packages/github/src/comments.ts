import type { Octokit } from './octokit.ts'
import { ownerOf } from './run-identity.ts'

export interface Comment {
  readonly id: number
  /** For GraphQL. */
  readonly nodeId: string
  readonly author: string
  readonly body: string
  /** Its page. */
  readonly url: string
}

/** The comments of one pull request; what goes wrong is thrown as Octokit throws it. */
export interface Comments {
  /** All of them, oldest first. */
  readonly list: () => Promise<Comment[]>
  /** undefined: it is not there any more. */
  readonly get: (id: number) => Promise<Comment | undefined>
  readonly create: (body: string) => Promise<Comment>
  /** undefined: it is not there any more. `signal` ends what has not been sent. */
  readonly update: (id: number, body: string, signal?: AbortSignal) => Promise<Comment | undefined>
  /** One that is gone already is gone. */
  readonly remove: (id: number) => Promise<void>
}

const PAGE = 100

interface RawComment {
  readonly id: number
  readonly node_id: string
  readonly user: { readonly login: string } | null
  readonly body?: string | undefined
  readonly html_url: string
}

const commentOf = ({ id, node_id, user, body, html_url }: RawComment): Comment => ({
  id,
  nodeId: node_id,
  author: user?.login ?? '',
  body: body ?? '',
  url: html_url,
})

const isGone = (error: unknown): boolean => [404, 410].includes((error as { status?: number }).status ?? 0)

/** undefined where what was asked for is gone. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** @param repository `owner/name` */
export function commentsOf({ rest }: Octokit, repository: string, pullRequest: number): Comments {
  const where = ownerOf(repository)
  return {
    list: async () => {
      const all = new Map<number, Comment>()
      for (let page = 1; ; page++) {
        const { data } = await rest.issues.listComments({ ...where, issue_number: pullRequest, per_page: PAGE, page })
        const before = all.size
        for (const each of data) all.set(each.id, commentOf(each as RawComment))
        // Forgejo and Gitea answer every page with all of them.
        if (data.length < PAGE || all.size === before) return [...all.values()]
      }
    },
    get: async (id) => {
      const found = await unlessGone(rest.issues.getComment({ ...where, comment_id: id }))
      return found && commentOf(found.data as RawComment)
    },
    create: async (body) => {
      const { data } = await rest.issues.createComment({ ...where, issue_number: pullRequest, body })
      return commentOf(data as RawComment)
    },
    update: async (id, body, signal) => {
      const request = signal === undefined ? {} : { request: { signal } }
      const done = await unlessGone(rest.issues.updateComment({ ...where, comment_id: id, body, ...request }))
      return done && commentOf(done.data as RawComment)
    },
    remove: async (id) => {
      await unlessGone(rest.issues.deleteComment({ ...where, comment_id: id }))
    },
  }
}

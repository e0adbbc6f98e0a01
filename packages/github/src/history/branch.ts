import { messageOf } from '@agent-ci/core/errors'
import type { Octokit } from '../octokit.ts'

type Where = { readonly owner: string; readonly repo: string }

/** A branch as it is at a moment. */
export interface Tip {
  readonly commit: string
  /** The blobs of its files, by path. */
  readonly blobs: ReadonlyMap<string, string>
}

/** A file as it shall be; null: gone. */
export type Change = Buffer | null

/** One branch of a repository, read and written by GitHub's Git Data API, without a checkout (docs.github.com/rest/git). */
export class Branch {
  readonly name: string
  private readonly octokit: Octokit
  private readonly where: Where
  /** Blobs never change. */
  private readonly contents = new Map<string, Buffer>()

  constructor(octokit: Octokit, where: Where, name: string) {
    this.octokit = octokit
    this.where = where
    this.name = name
  }

  /** Two calls, whatever it holds; undefined: there is no such branch. */
  async tip(): Promise<Tip | undefined> {
    const { git } = this.octokit.rest
    let commit: string
    try {
      const { data } = await git.getRef({ ...this.where, ref: `heads/${this.name}` })
      commit = data.object.sha
    } catch (error) {
      if (!isStatus(error, 404)) throw error
      // A token that may not see the repository gets the same answer, and an empty history must not be read out of that.
      await this.octokit.rest.repos.get(this.where)
      return undefined
    }
    const { data } = await git.getTree({ ...this.where, tree_sha: commit, recursive: '1' })
    if (data.truncated) throw new Error(`GitHub cut the list of the files of ${this.name}: it holds too many`)
    const blobs = new Map<string, string>()
    for (const { type, path, sha } of data.tree) if (type === 'blob') blobs.set(path, sha)
    return { commit, blobs }
  }

  async content(sha: string): Promise<Buffer> {
    const known = this.contents.get(sha)
    if (known) return known
    const { data } = await this.octokit.rest.git.getBlob({ ...this.where, file_sha: sha })
    const bytes = Buffer.from(data.content, data.encoding === 'base64' ? 'base64' : 'utf8')
    this.contents.set(sha, bytes)
    return bytes
  }

  /** Makes a commit upon a tip, or the first one, and moves the branch there, never by force. False: the branch has moved in between. */
  async commit(tip: Tip | undefined, changes: ReadonlyMap<string, Change>, message: string): Promise<boolean> {
    const { git } = this.octokit.rest
    // Made twice, each of these is the same object.
    const request = { repeatable: true }
    const entries = []
    for (const [path, bytes] of changes) {
      const sha = bytes && (await this.blobOf(bytes))
      entries.push({ path, mode: '100644' as const, type: 'blob' as const, sha })
    }
    // Asked for, because the list of a commit's files may go by the commit's name instead of its tree's.
    const under = tip && (await git.getCommit({ ...this.where, commit_sha: tip.commit })).data.tree.sha
    const base = under !== undefined && { base_tree: under }
    const { data: tree } = await git.createTree({ ...this.where, ...base, tree: entries, request })
    const parents = tip ? [tip.commit] : []
    const { data: made } = await git.createCommit({ ...this.where, message, tree: tree.sha, parents, request })
    try {
      if (tip) await git.updateRef({ ...this.where, ref: `heads/${this.name}`, sha: made.sha, force: false })
      else await git.createRef({ ...this.where, ref: `refs/heads/${this.name}`, sha: made.sha, request })
      return true
    } catch (error) {
      if (!isStatus(error, 422) && !isStatus(error, 409)) throw error
      const now = await this.tip()
      // The answer to a first try was lost.
      if (now?.commit === made.sha) return true
      // A refusal that is no race leaves the branch where it was; but what was just moved may be read as it was before.
      if (now?.commit === tip?.commit && !/fast.forward|already exists/i.test(messageOf(error))) throw error
      return false
    }
  }

  private async blobOf(bytes: Buffer): Promise<string> {
    const { data } = await this.octokit.rest.git.createBlob({
      ...this.where,
      content: bytes.toString('base64'),
      encoding: 'base64',
      request: { repeatable: true },
    })
    this.contents.set(data.sha, bytes)
    return data.sha
  }
}

const isStatus = (error: unknown, status: number): boolean => (error as { status?: unknown }).status === status

import { OutsideError, type Problem } from '@agent-ci/core/errors'
import type { Addition, History, Pruned, Remembered } from '@agent-ci/core/nightly/history'
import {
  documentsToWrite,
  type HistoryFile,
  isHistoryFile,
  linesToAdd,
  pathsOf,
  readHistory,
} from '@agent-ci/core/nightly/history-files'
import { outdatedFiles } from '@agent-ci/core/nightly/retention'
import { githubProblem } from '../api-problem.ts'
import { type ApiHost, openOctokit } from '../octokit.ts'
import { ownerOf } from '../run-identity.ts'
import { Branch, type Change, type Tip } from './branch.ts'

/** Blobs that are fetched at the same time. */
const CONCURRENCY = 6
/** How often a write begins anew because somebody else moved the branch. */
const TRIES = 40
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 8_000

export interface BranchPlace {
  readonly branch: string
  /** `owner/name` */
  readonly repository: string
  readonly token: string
}

/** A history on a branch of its own, which has no commit in common with the code. Writers that meet try again; nothing is lost. */
export class BranchHistory implements History {
  readonly place: string
  private readonly at: BranchPlace
  private readonly host: ApiHost
  private opened: Promise<Branch> | undefined

  constructor(at: BranchPlace, host: ApiHost) {
    this.place = `branch ${at.branch} of ${at.repository}`
    this.at = at
    this.host = host
  }

  read(): Promise<Remembered> {
    return this.attempt('read', 'contents: read', async (branch) => {
      const tip = await branch.tip()
      return readHistory(tip ? await filesOf(branch, tip, isHistoryFile) : [], this.placeOf)
    })
  }

  append(addition: Addition, why: string): Promise<readonly Problem[]> {
    let unread: readonly Problem[] = []
    return this.attempt('written', 'contents: write', async (branch) => {
      const wanted = new Set(pathsOf(addition))
      await this.change(branch, why, async (tip) => {
        const bytes = tip ? await bytesOf(branch, tip, (path) => wanted.has(path)) : new Map<string, Buffer>()
        const present = (path: string) => bytes.get(path)?.toString()
        const changes = new Map<string, Change>()
        // Appended to the bytes, not to the text: what is no UTF-8 stays as it is.
        for (const [path, lines] of linesToAdd(addition, present))
          changes.set(path, Buffer.concat([bytes.get(path) ?? Buffer.alloc(0), Buffer.from(lines)]))
        const { documents, problems } = documentsToWrite(addition, present, this.placeOf)
        for (const [path, text] of documents) if (present(path) !== text) changes.set(path, Buffer.from(text))
        unread = problems
        return changes
      })
      return unread
    })
  }

  prune(night: string): Promise<Pruned> {
    return this.attempt('pruned', 'contents: write', async (branch) => {
      let files: string[] = []
      await this.change(branch, `Nights before ${night} are pruned`, async (tip) => {
        files = tip ? outdatedFiles(await filesOf(branch, tip, isHistoryFile), night) : []
        return new Map(files.map((path) => [path, null]))
      })
      return { files }
    })
  }

  /** Makes changes upon the newest tip, again and again until nobody was faster. */
  private async change(
    branch: Branch,
    why: string,
    changesUpon: (tip: Tip | undefined) => Promise<ReadonlyMap<string, Change>>,
  ): Promise<void> {
    for (let tries = 1; tries <= TRIES; tries++) {
      const tip = await branch.tip()
      const changes = await changesUpon(tip)
      if (changes.size === 0 || (await branch.commit(tip, changes, why))) return
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries, 10))
      await this.host.sleep(this.host.random() * longest, this.host.signal)
    }
    throw new Error(`other runs moved it ${TRIES} times in between`)
  }

  private placeOf = (path: string): string => `${this.at.branch}:${path}`

  private async attempt<T>(done: string, permission: string, work: (branch: Branch) => Promise<T>): Promise<T> {
    try {
      this.opened ??= openOctokit(this.at.token, this.host).then(
        (octokit) => new Branch(octokit, ownerOf(this.at.repository), this.at.branch),
      )
      return await work(await this.opened)
    } catch (error) {
      if (this.host.signal.aborted) throw error
      const failed = `The history on ${this.place} was not ${done}`
      throw new OutsideError(githubProblem(error, { failed, permission }))
    }
  }
}

async function bytesOf(branch: Branch, tip: Tip, wanted: (path: string) => boolean): Promise<Map<string, Buffer>> {
  const paths = [...tip.blobs].filter(([path]) => wanted(path))
  const bytes = new Map<string, Buffer>()
  let next = 0
  const fetchNext = async () => {
    while (next < paths.length) {
      const [path, sha] = paths[next++]!
      bytes.set(path, await branch.content(sha))
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, fetchNext))
  return bytes
}

const filesOf = async (branch: Branch, tip: Tip, wanted: (path: string) => boolean): Promise<HistoryFile[]> =>
  [...(await bytesOf(branch, tip, wanted))].map(([path, bytes]) => ({ path, text: bytes.toString() }))

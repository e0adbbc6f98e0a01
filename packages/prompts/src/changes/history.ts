import { ConfigurationError } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { type Git, type ObjectId, shortId } from '../git/git.ts'
import { GitError } from '../git/run.ts'

export interface History {
  readonly git: Git
  /** Where missing commits are fetched from: `origin`. */
  readonly remote: string
  readonly info: (line: string) => void
}

/** Of the first fetch into a shallow clone: most pull requests are shorter, and it is one round trip. */
const FIRST_DEPTH = 32
/** After 32, 128, 512 and 2,048 commits the whole history is fetched. */
const MOST_DEPTH = 2_048

/** A fetch with less depth than the clone has would cut off history that later steps of the job may need. */
async function firstDepth({ git }: History): Promise<number | undefined> {
  if (!(await git.isShallow())) return undefined
  const head = await git.commit('HEAD')
  return Math.max(FIRST_DEPTH, head === undefined ? 0 : 2 * (await git.depth(head)))
}

async function fetch({ git, remote, info }: History, wanted: readonly string[], depth?: number | 'all'): Promise<void> {
  const what = wanted.map((name) => (/^[0-9a-f]{40,64}$/.test(name) ? shortId(name) : forLog(name))).join(', ')
  const how =
    depth === undefined ? '' : depth === 'all' ? ' with the whole history' : ` with ${depth} commits of history`
  info(`Fetching ${what} from ${forLog(remote)}${how}: the clone does not have what is compared`)
  await git.fetch(remote, wanted, depth)
}

/** A failed fetch as something that the writer of the workflow can mend; a defect or a cancelled run stays what it is. */
function unreachable(what: string, error: unknown): unknown {
  if (!(error instanceof GitError)) return error
  return new ConfigurationError({
    what: `${what} is not in this clone and could not be fetched: ${error.message}`,
    why: 'Prompts are compared with those of the base, which are read from git',
    mend: 'Set fetch-depth: 0 for actions/checkout; with persist-credentials: false a private repository cannot be fetched from later',
  })
}

/**
 * Makes sure that commits are here, fetching those that are not: by their ids, or (a server may refuse those) by refs that hold them.
 *
 * @throws {ConfigurationError} when one cannot be fetched
 */
export async function ensureCommits(
  history: History,
  commits: readonly { readonly id: ObjectId; readonly what: string; readonly ref?: string }[],
): Promise<void> {
  const missing = async () => {
    const found = await Promise.all(commits.map(({ id }) => history.git.commit(id)))
    return commits.filter((_, i) => found[i] === undefined)
  }
  const absent = await missing()
  if (absent.length === 0) return
  const depth = await firstDepth(history)
  const refs = absent.map(({ ref }) => ref).filter((ref) => ref !== undefined)
  let failure: unknown
  try {
    await fetch(
      history,
      absent.map(({ id }) => id),
      depth,
    )
  } catch (error) {
    failure = error
    if (error instanceof GitError && refs.length > 0)
      await fetch(history, refs, depth).catch((second: unknown) => {
        failure = second
      })
  }
  const [lost] = await missing()
  if (lost)
    throw unreachable(
      `${lost.what} (${shortId(lost.id)})`,
      failure ?? new Error(`${lost.id} was fetched and is not there`),
    )
}

/**
 * The newest commit that two have behind them, with as much history fetched as it takes to be sure of it.
 *
 * @returns undefined when the two have no common history
 * @throws {ConfigurationError} when the history cannot be fetched
 */
export async function findMergeBase(history: History, a: ObjectId, b: ObjectId): Promise<ObjectId | undefined> {
  let depth = (await firstDepth(history)) ?? FIRST_DEPTH
  for (;;) {
    const { commit, certain } = await history.git.mergeBase(a, b)
    if (certain) return commit
    const step = depth > MOST_DEPTH ? 'all' : depth
    try {
      await fetch(history, [a, b], step)
    } catch (error) {
      throw unreachable(`The history between ${shortId(a)} and ${shortId(b)}`, error)
    }
    if (step === 'all') return (await history.git.mergeBase(a, b)).commit
    depth *= 4
  }
}

/** The commit before one on its own branch, or undefined for the first of all. */
export async function firstParent(history: History, commit: ObjectId): Promise<ObjectId | undefined> {
  const parent = await history.git.commit(`${commit}^1`)
  if (parent !== undefined || !(await history.git.isShallow())) return parent
  try {
    await fetch(history, [commit], await firstDepth(history))
  } catch (error) {
    throw unreachable(`The commit before ${shortId(commit)}`, error)
  }
  return history.git.commit(`${commit}^1`)
}

/** What git allows in the name of a branch (git-check-ref-format). */
const isBranchName = (name: string): boolean =>
  name !== '' &&
  name.length <= 1_000 &&
  !/^[-/.]|[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/[./]|\.lock(?:\/|$)|[/.]$/.test(name)

async function fetchRef(history: History, ref: string): Promise<ObjectId | undefined> {
  await fetch(history, [ref], await firstDepth(history))
  return history.git.commit('FETCH_HEAD')
}

/**
 * The newest known commit of a branch of the remote.
 *
 * @throws {ConfigurationError} when it is not known here and cannot be fetched
 */
export async function remoteBranch(history: History, branch: string): Promise<ObjectId> {
  const known = await history.git.commit(`refs/remotes/${history.remote}/${branch}`)
  if (known !== undefined) return known
  if (!isBranchName(branch)) throw notARef(branch)
  try {
    const fetched = await fetchRef(history, `refs/heads/${branch}`)
    if (fetched !== undefined) return fetched
    throw notARef(branch)
  } catch (error) {
    throw unreachable(`The branch ${JSON.stringify(branch)}`, error)
  }
}

const notARef = (name: string): ConfigurationError =>
  new ConfigurationError({
    what: `base-ref is ${JSON.stringify(name)}`,
    why: 'Expected a branch, a tag or a commit of this repository',
    mend: 'Write for example base-ref: main',
  })

/**
 * What a `base-ref` names: anything that git knows here, else a branch, tag or commit of the remote.
 *
 * @throws {ConfigurationError} when it names nothing
 */
export async function namedCommit(history: History, name: string): Promise<ObjectId> {
  const { git, remote } = history
  const known = (await git.commit(name)) ?? (await git.commit(`refs/remotes/${remote}/${name}`))
  if (known !== undefined) return known
  if (!isBranchName(name)) throw notARef(name)
  const isId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(name)
  let failure: unknown
  for (const ref of isId ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`]) {
    try {
      const fetched = await fetchRef(history, ref)
      if (fetched !== undefined) return fetched
    } catch (error) {
      failure ??= error
    }
  }
  throw unreachable(`base-ref ${JSON.stringify(name)}`, failure ?? notARef(name))
}

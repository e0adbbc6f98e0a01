import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Git, ObjectId } from '../git/git.ts'
import { armsOf } from './arm-files.ts'
import { comparePrompts } from './compare.ts'
import { endpointsOf } from './endpoints.ts'
import { type PromptEntries, promptEntries } from './entries.ts'
import type { ChangeEvent } from './event.ts'
import { pathMatcher } from './globs.ts'
import type { PromptChange, PromptChanges } from './prompt-changes.ts'
import { findRenames } from './renames.ts'
import { pointerOf } from './stored.ts'

export interface DetectOptions {
  /** Of the prompts, relative to git's working directory; `prompts/**` and `src/prompts/**` where there are none. */
  readonly globs?: readonly string[]
  /** Taken instead of the event's base: a branch, tag or commit. */
  readonly baseRef?: string
  /** Where a shallow clone fetches what it lacks; `origin` where not given. */
  readonly remote?: string
  /** Told of each fetch, in text that is safe in a log. */
  readonly info?: (line: string) => void
}

const NOTHING: PromptEntries = { files: new Map(), ignored: [], problems: [] }

/**
 * Which prompts a change touches, read from git's objects: nothing is checked out, and the workspace is not looked at.
 *
 * @throws {ConfigurationError} when a commit cannot be had, a prompt of the candidate cannot be read, or a link leaves the repository
 */
export async function detectChanges(event: ChangeEvent, options: DetectOptions, git: Git): Promise<PromptChanges> {
  const { globs = [], baseRef, remote = 'origin', info = () => {} } = options
  const matches = pathMatcher(globs, await git.prefix())
  const endpoints = await endpointsOf(event, baseRef, { git, remote, info })
  if (endpoints.head === null) {
    const nothing = { changes: [], ignored: [], warnings: [], arms: { base: [], candidate: [] } }
    return { ...endpoints, ...nothing, base: null, baseTip: null }
  }
  const { base, baseTip, head } = endpoints
  const before = base === null ? NOTHING : await promptEntries(git, base, matches)
  const after = await promptEntries(git, head, matches)
  if (after.problems.length > 0) throw new ConfigurationError(after.problems)
  const renames =
    base === null
      ? { files: new Map(), folders: new Map() }
      : await findRenames(git, base, head, before.files, after.files)
  const { changes, ignored, warnings } = await comparePrompts(git, before.files, after.files, renames)
  const moved = baseTip === null || baseTip === base ? [] : await changedOnBase(git, baseTip, matches, before, changes)
  return {
    ...endpoints,
    changes,
    ignored: [...ignored, ...newlyIgnored(before, after)],
    warnings: [...warnings, ...moved],
    arms: armsOf(before.files, after.files, renames.files),
  }
}

/** An unchanged submodule is not worth a line. */
const newlyIgnored = (before: PromptEntries, after: PromptEntries) =>
  after.ignored.filter(({ path, reason }) => !before.ignored.some((old) => old.path === path && old.reason === reason))

/** Prompts of the change that the base branch has changed too since: what will be merged is neither of the two compared. */
async function changedOnBase(
  git: Git,
  baseTip: ObjectId,
  matches: (path: string) => boolean,
  before: PromptEntries,
  changes: readonly PromptChange[],
): Promise<Problem[]> {
  if (changes.length === 0) return []
  const tip = await promptEntries(git, baseTip, matches)
  return changes
    .filter((change) => change.kind !== 'added')
    .filter(({ base, path }) =>
      [base.prompt.path, pointerOf(path)].some((file) => before.files.get(file) !== tip.files.get(file)),
    )
    .map(({ path }) => ({
      what: 'The base branch has changed this prompt too',
      why: 'What will be merged is neither of the two texts that are compared',
      mend: 'Merge the base branch into this one, or let a merge queue test the result',
      source: { file: path, line: 1 },
    }))
}

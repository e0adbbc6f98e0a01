import type { Problem } from '@agent-ci/core/errors'
import type { PromptFile } from '../files/prompt-file.ts'
import type { ObjectId } from '../git/git.ts'
import type { VariableComparison } from '../variables/variables.ts'
import type { Ignored } from './entries.ts'

/** A prompt as it is in one of the two commits. */
export interface PromptSide {
  readonly prompt: PromptFile
  /** Where the text lies on one line of its file, as that of a stored version does: that line. */
  readonly onLine?: number
}

/** What happened to a prompt. `path` is its file, or the folder of a prompt store's prompt. */
export type PromptChange =
  | { readonly kind: 'added'; readonly path: string; readonly head: PromptSide }
  | { readonly kind: 'deleted'; readonly path: string; readonly base: PromptSide }
  | {
      readonly kind: 'modified' | 'renamed'
      readonly path: string
      readonly base: PromptSide
      readonly head: PromptSide
      readonly variables: VariableComparison
    }

/** A file that an arm is given. */
export interface ArmFile {
  /** In the repository. */
  readonly path: string
  readonly oid: ObjectId
}

export interface PromptChanges {
  /** The commit whose prompts are the baseline; null where there is none. */
  readonly base: ObjectId | null
  /** The newest commit of the base branch, for configuration that a stranger must not set. */
  readonly baseTip: ObjectId | null
  /** Null where the event compares nothing. */
  readonly head: ObjectId | null
  /** How the commits were chosen, for people; it may hold anybody's branch name. */
  readonly because: string
  /** By path. */
  readonly changes: readonly PromptChange[]
  /** Changed files that are no prompts, each with the reason. */
  readonly ignored: readonly Ignored[]
  /** To be shown; they stop nothing. */
  readonly warnings: readonly Problem[]
  /** Every prompt file of the two arms, changed or not. */
  readonly arms: { readonly base: readonly ArmFile[]; readonly candidate: readonly ArmFile[] }
}

/** All paths under which a change is known: a dependency on any of them is touched. */
export function pathsOf(change: PromptChange): string[] {
  const paths = [change.path]
  if (change.kind !== 'added') paths.push(change.base.prompt.path)
  if (change.kind !== 'deleted') paths.push(change.head.prompt.path)
  return [...new Set(paths)]
}

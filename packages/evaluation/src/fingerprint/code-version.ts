import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { digestOf } from '@agent-ci/core/json'

const run = promisify(execFile)

/** The directory that holds `.git`, from a directory upwards; undefined outside a git repository. */
export function repositoryRoot(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory
  const parent = dirname(directory)
  return parent === directory ? undefined : repositoryRoot(parent)
}

export interface CodeState {
  /** The commit, with the digest of uncommitted changes to tracked files behind a `+`. */
  readonly version: string
  /** The git tree of the commit: commits with the same files have the same one. */
  readonly tree: string
}

/** What a directory is at; undefined outside a git repository or where git does not answer. */
export async function codeState(directory: string): Promise<CodeState | undefined> {
  if (repositoryRoot(directory) === undefined) return undefined
  const git = async (...args: string[]) => (await run('git', args, { cwd: directory, maxBuffer: 64 << 20 })).stdout
  try {
    const [head, changes] = await Promise.all([
      git('rev-parse', 'HEAD', 'HEAD^{tree}'),
      git('diff', 'HEAD', '--no-ext-diff', '--no-textconv', '--binary'),
    ])
    const [commit = '', tree = ''] = head.trim().split('\n')
    return { version: changes === '' ? commit : `${commit}+${digestOf(changes).slice(7, 19)}`, tree }
  } catch {
    return undefined
  }
}

/** As `codeState`, without the tree. */
export const codeVersion = async (directory: string): Promise<string | null> =>
  (await codeState(directory))?.version ?? null

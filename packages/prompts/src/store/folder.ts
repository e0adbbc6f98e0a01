import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { nameSegments } from './names.ts'

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** Windows has neither symbolic links that git makes by default nor this flag. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

function refuseLink(path: string): never {
  throw new ConfigurationError({
    what: `${path} is a symbolic link`,
    why: 'A link in a prompt store could lead to files outside it',
    mend: 'Replace the link by the file or folder itself',
    source: { file: path, line: 1 },
  })
}

/**
 * The folder of a prompt, below which nothing is reached through a symbolic link; undefined where it does not exist.
 * `create` makes it, one level after the other, so that no folder is made behind a link either.
 */
export async function promptFolder(store: string, name: string, create = false): Promise<string | undefined> {
  const segments = nameSegments(name)
  if (create) await mkdir(store, { recursive: true })
  let folder = store
  for (const segment of segments) {
    folder = join(folder, segment)
    if (create) {
      await mkdir(folder).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error
      })
    }
    const stats = await lstat(folder).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
      throw error
    })
    if (stats === undefined) return undefined
    if (stats.isSymbolicLink()) refuseLink(folder)
    if (!stats.isDirectory()) return undefined
  }
  return folder
}

/** The text of a file that is not a link, or undefined where there is none. */
export async function readPlainFile(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | NO_FOLLOW)
    try {
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (codeOf(error) === 'ELOOP') refuseLink(path)
    throw error
  }
}

/** What lies in a folder, sorted; nothing where it does not exist. */
export async function entriesOf(folder: string): Promise<{ readonly name: string; readonly isFolder: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

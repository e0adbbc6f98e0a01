import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { Malformed } from './finding.ts'

/** A library that is too large to ship, from the user's own project. @throws Malformed where it is not installed there */
export function workspaceLibrary(
  library: string,
  version: string,
  assertion: string,
  directories: readonly string[],
): unknown {
  for (const directory of directories) {
    try {
      // A path made with a file's name would have the bundler ship such files.
      return createRequire(`${resolve(directory)}/`)(library) as unknown
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  throw new Malformed(
    `${assertion} needs the library ${library}, which is not installed here`,
    `Add a step: npm install --no-save ${library}@${version}`,
  )
}

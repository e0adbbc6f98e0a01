import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'

/** A path that a run reads or writes. */
export interface UsedPath {
  /** The input or key that it comes from. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  /** By an input, which the workflow sets: such a path may lie elsewhere. */
  readonly byInput: boolean
}

const isInside = (directory: string, path: string): boolean => {
  const way = relative(directory, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Where a path leads when its links are followed, as far as it exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(realPath(parent), basename(path))
  }
}

/**
 * Refuses paths that lead out of the workspace: a pull request can commit a link in the place of a dataset, and its examples, which
 * every report quotes, would be a file of the machine.
 */
export function refuseEscapes(workspace: string, paths: readonly UsedPath[]): void {
  const real = realPath(workspace)
  const problems = paths
    .filter(({ path, byInput }) => !(byInput && !isInside(workspace, path)) && !isInside(real, realPath(path)))
    .map(
      ({ name, path }): Problem => ({
        what: `${name} is ${JSON.stringify(relative(workspace, path) || '.')}`,
        why: 'It leads out of the workspace, and in a pull request it may be anybody who wrote it',
        mend: 'Put the file itself in the repository, or name a path outside in the workflow',
      }),
    )
  if (problems.length > 0) throw new ConfigurationError(problems)
}

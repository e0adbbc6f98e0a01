import { posix } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import picomatch from 'picomatch'

/** Where prompts lie unless a configuration says otherwise. */
export const DEFAULT_GLOBS = ['prompts/**', 'src/prompts/**'] as const

/** `s` because a file name may hold a line break, which `**` would else not match: such a prompt would go untested. */
const OPTIONS = { dot: true, nonegate: true, flags: 's' } as const

/** A glob of a working directory as one of the repository. */
function inRepository(glob: string, prefix: string): string {
  const escaped = prefix.replaceAll(/[\\*?[\]{}()!+@|^$]/g, '\\$&')
  const joined = posix.join(escaped, glob).replace(/\/$/, '')
  if (!glob.startsWith('/') && joined !== '..' && !joined.startsWith('../')) return joined
  throw new ConfigurationError({
    what: `The glob ${JSON.stringify(glob)} leaves the repository`,
    why: 'Prompts are compared by their paths in the repository',
    mend: 'Write it relative to the working directory, for example prompts/**',
  })
}

/**
 * Whether a path of the repository is matched: by one of the globs, and by none that begins with `!`. A glob that matches a folder
 * matches everything in it. Where there are only exclusions, they are taken from the default globs.
 *
 * @param prefix the directory that the globs are relative to, in the repository
 * @throws {ConfigurationError} for a glob that leaves the repository
 */
export function pathMatcher(globs: readonly string[], prefix: string): (path: string) => boolean {
  const matcher = (list: readonly string[]) =>
    picomatch(
      list.map((glob) => inRepository(glob, prefix)).flatMap((glob) => [glob, `${glob}/**`]),
      OPTIONS,
    )
  const wanted = globs.filter((glob) => !glob.startsWith('!'))
  const included = matcher(wanted.length > 0 ? wanted : DEFAULT_GLOBS)
  const excluded = matcher(globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1)))
  return (path) => included(path) && !excluded(path)
}

import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { RepositoryFile } from '@agent-ci/core/prompt-files'
import picomatch from 'picomatch'
import { DEFAULT_GLOBS, pathMatcher } from '../changes/globs.ts'
import { refuseTooMuch } from '../changes/texts.ts'

/** Never prompts, and large. */
const SKIPPED = new Set(['.git', 'node_modules'])

const slashed = (path: string): string => path.replaceAll(sep, '/')

/** The directories in which something can match, so that not the whole repository is walked. */
function startsOf(globs: readonly string[]): string[] {
  const wanted = globs.filter((glob) => !glob.startsWith('!'))
  const bases = (wanted.length > 0 ? wanted : DEFAULT_GLOBS).map((glob) =>
    picomatch.scan(glob).base.replace(/^\.$/, ''),
  )
  const isBelow = (path: string, above: string) => above === '' || path.startsWith(`${above}/`)
  return [...new Set(bases)].filter((base) => !bases.some((other) => other !== base && isBelow(base, other)))
}

async function* filesBelow(path: string): AsyncGenerator<string> {
  const entry = await stat(path).catch(() => undefined)
  if (!entry?.isDirectory()) {
    if (entry?.isFile()) yield path
    return
  }
  for (const child of await readdir(path, { withFileTypes: true })) {
    const inner = join(path, child.name)
    if (child.isDirectory()) {
      if (!SKIPPED.has(child.name)) yield* filesBelow(inner)
    } else if (child.isFile()) yield inner
    // A link counts as the file that it leads to; linked directories are not followed, for they may be circular.
    else if (child.isSymbolicLink() && (await stat(inner).catch(() => undefined))?.isFile()) yield inner
  }
}

async function refuseOutside(file: string, path: string, root: string): Promise<void> {
  const inside = relative(await realpath(root), await realpath(file))
  if (inside !== '..' && !inside.startsWith(`..${sep}`) && resolve(inside) !== inside) return
  throw new ConfigurationError({
    what: `The prompt ${JSON.stringify(path)} is a link that leads out of the repository`,
    why: 'What a prompt says must be in the repository, where it can be reviewed and compared',
    mend: 'Put the file itself there, or exclude it from prompts',
  })
}

/**
 * The prompt files as they lie on the disk, committed or not, by their paths in the repository and sorted by them.
 *
 * @param globs as for `pathMatcher`, relative to `directory`; none: the default globs
 * @param root the repository's directory, or where paths shall start outside of one
 * @throws {ConfigurationError} for a glob or a link that leaves the repository, or more than 64 MiB
 */
export async function readPromptFiles(
  globs: readonly string[],
  { directory, root }: { readonly directory: string; readonly root: string },
): Promise<RepositoryFile[]> {
  const matches = pathMatcher(globs, slashed(relative(root, directory)))
  const files = new Map<string, string>()
  for (const start of startsOf(globs)) {
    for await (const file of filesBelow(resolve(directory, start))) {
      const path = slashed(relative(root, file))
      if (matches(path)) files.set(path, file)
    }
  }
  const found: RepositoryFile[] = []
  let together = 0
  for (const path of [...files.keys()].sort()) {
    const file = files.get(path)!
    await refuseOutside(file, path, root)
    together += (await stat(file)).size
    refuseTooMuch(together)
    found.push({ path, bytes: await readFile(file) })
  }
  return found
}

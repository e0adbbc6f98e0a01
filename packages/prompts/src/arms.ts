import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { ArmFile } from './changes/prompt-changes.ts'
import { MOST_BYTES, refuseTooMuch, textOf } from './changes/texts.ts'
import type { Git } from './git/git.ts'

/** Git forbids such names, but a commit that somebody made by hand may have them. */
function isSafe(path: string): boolean {
  const unsafe = sep === '\\' ? /[\\:\0]/ : /\0/
  return !unsafe.test(path) && path.split('/').every((segment) => !/^(?:|\.|\.\.|\.git)$/i.test(segment))
}

const refuse = (path: string, why: string): ConfigurationError =>
  new ConfigurationError({
    what: `The prompt ${JSON.stringify(path)} cannot be written for the agent`,
    why,
    mend: 'Rename it, or exclude it from prompts',
  })

/**
 * Writes an arm's prompt files at their repository paths into a new or empty directory (for `AGENT_CI_PROMPTS_DIR`). A link of the
 * commit becomes the file that it leads to, so nothing in the directory leads out of it.
 *
 * @returns the texts by path, for agents that get them in the request; what is not UTF-8 text is only in the directory
 * @throws {ConfigurationError} for unsafe names, names that differ only in case where the disk does not tell them apart, or 64 MiB
 */
export async function materializeArm(
  git: Git,
  files: readonly ArmFile[],
  targetDir: string,
): Promise<Record<string, string>> {
  for (const { path } of files) if (!isSafe(path)) throw refuse(path, 'Its name would lead out of the directory')
  await mkdir(targetDir, { recursive: true })
  if ((await readdir(targetDir)).length > 0) throw new Error(`${targetDir} is not empty`)
  const oids = [...new Set(files.map(({ oid }) => oid))]
  refuseTooMuch([...(await git.sizes(oids)).values()].reduce((sum, size) => sum + size, 0))
  const blobs = await git.blobs(oids)
  const texts: [string, string][] = []
  for (const { path, oid } of files) {
    const bytes = blobs.get(oid)
    if (bytes === undefined) throw refuse(path, 'Its content is not in this clone')
    const target = join(targetDir, ...path.split('/'))
    try {
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, bytes, { flag: 'wx' })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST' || code === 'ENOTDIR') throw refuse(path, 'Another prompt has this name on this disk')
      throw error
    }
    const read = bytes.length <= MOST_BYTES ? textOf(bytes) : undefined
    if (read?.kind === 'text') texts.push([path, read.text])
  }
  return Object.fromEntries(texts)
}

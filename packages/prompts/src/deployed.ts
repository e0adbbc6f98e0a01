import { createHash } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { PromptVersion } from '@agent-ci/core/prompt'
import picomatch from 'picomatch'
import { DEFAULT_GLOBS, pathMatcher } from './changes/globs.ts'
import { refuseTooMuch, textOf } from './changes/texts.ts'
import { readPromptFile } from './files/prompt-file.ts'
import { versionOfFile } from './store/names.ts'
import { parsePointer, parseVersionFile, pointedVersion } from './store/version-file.ts'

/** A prompt as a release takes it along. */
export interface DeployedPrompt extends Pick<PromptVersion, 'name' | 'version' | 'hash'> {
  /** By their paths relative to the working directory. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[]
}

/** The versions of stored prompts that the agent's configuration asks for. */
export interface WantedVersions {
  readonly version: string
  readonly fallback_version: string | null
}

const NEVER = new Set(['.git', 'node_modules'])

async function* filesBelow(cwd: string, path: string): AsyncGenerator<{ path: string; bytes: number }> {
  const found = await lstat(join(cwd, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (found?.isDirectory()) {
    for (const name of await readdir(join(cwd, path))) {
      if (!NEVER.has(name)) yield* filesBelow(cwd, posix.join(path, name))
    }
  } else if (found) {
    yield { path, bytes: found.isSymbolicLink() ? -1 : found.size }
  }
}

/** The files that globs match, by path; none through a link, which could lead to any file of the machine. */
async function matchedFiles(cwd: string, globs: readonly string[]): Promise<Map<string, Buffer>> {
  const matches = pathMatcher(globs, '')
  const wanted = globs.filter((glob) => !glob.startsWith('!'))
  const bases = (wanted.length > 0 ? wanted : DEFAULT_GLOBS).map((glob) =>
    posix.normalize(picomatch.scan(glob).base || '.'),
  )
  const sizes = new Map<string, number>()
  for (const base of new Set(bases)) {
    for await (const { path, bytes } of filesBelow(cwd, base)) if (matches(path)) sizes.set(path, bytes)
  }
  const links = [...sizes].filter(([, bytes]) => bytes < 0).map(([path]) => path)
  if (links.length > 0) {
    throw new ConfigurationError(
      links.map((path) => ({
        what: `The prompt ${path} is a symbolic link`,
        why: 'It could lead to any file of the machine, and a release is readable in the cluster',
        mend: 'Put the file itself there, or exclude it from prompts',
        source: { file: path, line: 1 },
      })),
    )
  }
  refuseTooMuch([...sizes.values()].reduce((sum, bytes) => sum + bytes, 0))
  const files = new Map<string, Buffer>()
  for (const path of [...sizes.keys()].sort()) files.set(path, await readFile(join(cwd, path)))
  return files
}

/** A prompt of a store: its pointer, the version in use and those that the configuration asks for. */
function storedPrompt(folder: string, files: ReadonlyMap<string, Buffer>, wanted: readonly string[]): DeployedPrompt {
  const pointer = posix.join(folder, 'latest.json')
  const latest = parsePointer(String(files.get(pointer)), pointer)
  const file = (version: string) => posix.join(folder, `${version}.json`)
  const versions = [...new Set([...wanted.filter((version) => files.has(file(version))), latest])]
  const saved = versions.map((version) => {
    const bytes = files.get(file(version))
    if (bytes) return parseVersionFile(bytes.toString(), file(version), folder, version)
    throw new ConfigurationError({
      what: `It names ${JSON.stringify(version)}, which is not there`,
      why: 'latest.json must name a saved version',
      mend: 'Commit the version, or choose another one: agent-ci prompts use <name> <version>',
      source: { file: pointer, line: 1 },
    })
  })
  const { version, hash } = saved[0]!
  const paths = [pointer, ...versions.map(file)]
  return { name: folder, version, hash, files: paths.map((path) => ({ path, bytes: files.get(path)! })) }
}

async function promptOfFile(path: string, bytes: Buffer): Promise<DeployedPrompt> {
  const read = textOf(bytes)
  const files = [{ path, bytes }]
  if (read.kind === 'text') {
    const { name, version, hash } = await readPromptFile(path, read.text)
    return { name, version, hash, files }
  }
  if (read.reason.includes('Git LFS')) {
    throw new ConfigurationError({
      what: `The prompt ${path} is ${read.reason}`,
      why: 'The agent would get the pointer for a prompt',
      mend: 'Fetch it before this step: actions/checkout with lfs: true',
      source: { file: path, line: 1 },
    })
  }
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  return { name: path, version: hash, hash, files }
}

/** Two files may give themselves one name; their paths are different. */
function withDistinctNames(prompts: readonly DeployedPrompt[]): DeployedPrompt[] {
  const count = new Map<string, number>()
  for (const { name } of prompts) count.set(name, (count.get(name) ?? 0) + 1)
  return prompts.map((prompt) => (count.get(prompt.name)! > 1 ? { ...prompt, name: prompt.files[0]!.path } : prompt))
}

/**
 * The prompts of a working directory that a release takes along: every file that the globs match, and of a prompt in a store the version in
 * use with those that the configuration asks for.
 *
 * @param globs relative to the working directory; none for the default ones
 * @returns the prompts by name, and the versions asked for that no stored prompt has (none where nothing is stored)
 * @throws {ConfigurationError} for links, a damaged store, files in their format that are not, and more than 64 MiB
 */
export async function promptsToDeploy(
  cwd: string,
  globs: readonly string[],
  wanted?: WantedVersions,
): Promise<{ prompts: DeployedPrompt[]; unknownVersions: string[] }> {
  const files = await matchedFiles(cwd, globs)
  const folders = [...files]
    .filter(([path, bytes]) => posix.basename(path) === 'latest.json' && pointedVersion(bytes.toString()) !== undefined)
    .map(([path]) => posix.dirname(path))
  const versions = [wanted?.version, wanted?.fallback_version].filter((version) => typeof version === 'string')
  const stored = folders.map((folder) => storedPrompt(folder, files, versions))
  const inStore = (path: string) =>
    folders.includes(posix.dirname(path)) &&
    (posix.basename(path) === 'latest.json' || versionOfFile(posix.basename(path)) !== undefined)
  const plain: DeployedPrompt[] = []
  for (const [path, bytes] of files) if (!inStore(path)) plain.push(await promptOfFile(path, bytes))
  const taken = new Set(stored.flatMap((prompt) => prompt.files.map(({ path }) => posix.basename(path, '.json'))))
  return {
    prompts: withDistinctNames([...stored, ...plain]).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    unknownVersions: stored.length > 0 ? versions.filter((version) => !taken.has(version)) : [],
  }
}

import { posix } from 'node:path'
import { digestOf, digestOfJson } from './json.ts'

/** A file by its path in the repository. */
export interface RepositoryFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** The digest of each prompt file's bytes, by its path in the repository. */
export type PromptDigests = Readonly<Record<string, string>>

const STORED_VERSION = /^v[A-Za-z0-9._-]{0,99}\.json$/

/** The version that a `latest.json` names; undefined for a file that is no such pointer. */
function pointedVersion(bytes: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    const version = (value as { version?: unknown } | null)?.version
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}

/**
 * The digests by which prompts are compared, computed in the same way where they are evaluated and where they are deployed. Of a prompt
 * store only the version in use counts, for only it reaches the agent: other versions, and the pointer that chose it, are left out.
 */
export function promptDigests(files: readonly RepositoryFile[]): PromptDigests {
  const paths = new Set(files.map(({ path }) => path))
  const served = new Map<string, string>()
  for (const { path, bytes } of files) {
    if (posix.basename(path) !== 'latest.json') continue
    const version = pointedVersion(bytes)
    const folder = posix.dirname(path)
    if (version !== undefined && paths.has(posix.join(folder, `${version}.json`))) served.set(folder, `${version}.json`)
  }
  const counts = ({ path }: RepositoryFile): boolean => {
    const name = posix.basename(path)
    const inUse = served.get(posix.dirname(path))
    return inUse === undefined || name === inUse || (name !== 'latest.json' && !STORED_VERSION.test(name))
  }
  const digests = files.filter(counts).map(({ path, bytes }) => [path, digestOf(bytes)] as const)
  return Object.fromEntries(digests.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** One digest of all prompts. */
export const promptsDigest = (digests: PromptDigests): string => digestOfJson(digests)

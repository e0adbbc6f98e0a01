import { posix } from 'node:path'
import { digestOf, digestOfJson } from './json.ts'

/** A file by its path, relative to the directory that globs of prompts are relative to. */
export interface RepositoryFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** The digest of each prompt file's bytes, by its path. */
export type PromptDigests = Readonly<Record<string, string>>

/** The digests by which prompts are compared, computed in the same way where they are evaluated and where they are deployed. */
export function promptDigests(files: readonly RepositoryFile[]): PromptDigests {
  const digests = files.map(({ path, bytes }) => [path, digestOf(bytes)] as const)
  return Object.fromEntries(digests.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** One digest of all prompts. */
export const promptsDigest = (digests: PromptDigests): string => digestOfJson(digests)

const STORED_VERSION = /^v[A-Za-z0-9._-]{0,99}\.json$/

/** Whether a file is a version in a prompt store: a release takes along only those that are in use. */
export const isStoredVersion = (path: string, digests: PromptDigests): boolean =>
  STORED_VERSION.test(posix.basename(path)) && Object.hasOwn(digests, posix.join(posix.dirname(path), 'latest.json'))

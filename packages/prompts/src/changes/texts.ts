import { ConfigurationError } from '@agent-ci/core/errors'
import type { Git, ObjectId } from '../git/git.ts'

const MIB = 1_048_576
export const MOST_BYTES = MIB
export const MOST_BYTES_TOGETHER = 64 * MIB

/** What a blob holds, or why it cannot be read as a prompt. */
export type BlobText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** A byte order mark stays, because the hash is of the file as it is. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function textOf(bytes: Uint8Array): BlobText {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return { kind: 'unreadable', reason: 'not UTF-8' }
  }
  if (text.includes('\0')) return { kind: 'unreadable', reason: 'binary' }
  if (text.startsWith('version https://git-lfs.github.com/spec/')) {
    return { kind: 'unreadable', reason: 'a pointer of Git LFS, whose text is not in git' }
  }
  return { kind: 'text', text }
}

/**
 * Reads blobs as texts, those beyond 1 MiB left out.
 *
 * @throws {ConfigurationError} when they are more than 64 MiB together
 */
export async function readTexts(git: Git, oids: Iterable<ObjectId>): Promise<Map<ObjectId, BlobText>> {
  const sizes = await git.sizes([...new Set(oids)])
  const texts = new Map<ObjectId, BlobText>()
  const small: ObjectId[] = []
  let together = 0
  for (const [oid, size] of sizes) {
    if (size > MOST_BYTES) {
      texts.set(oid, { kind: 'unreadable', reason: `larger than 1 MiB (${size} bytes)` })
    } else {
      small.push(oid)
      together += size
    }
  }
  refuseTooMuch(together)
  for (const [oid, bytes] of await git.blobs(small)) texts.set(oid, textOf(bytes))
  return texts
}

export function refuseTooMuch(bytes: number): void {
  if (bytes <= MOST_BYTES_TOGETHER) return
  throw new ConfigurationError({
    what: `The prompts are ${Math.ceil(bytes / MIB)} MiB together`,
    why: 'At most 64 MiB are read',
    mend: 'Make the globs of prompts narrower, or exclude folders with !folder/**',
  })
}

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import { digestOf } from '@agent-ci/core/json'
import type { Vector } from './model.ts'

/** Vectors of texts, by the text's digest. */
export interface VectorCache {
  get(digest: string): Vector | undefined
  set(digest: string, vector: Vector): void
}

/** What the memory holds; beyond it the oldest go. 170,000 vectors of all-MiniLM-L6-v2. */
const MOST_BYTES = 256 * 1024 * 1024

/** Keeps vectors for as long as the process lives. */
export function memoryCache(mostBytes = MOST_BYTES): VectorCache {
  const kept = new Map<string, Vector>()
  let bytes = 0
  return {
    get: (digest) => kept.get(digest),
    set(digest, vector) {
      kept.set(digest, vector)
      bytes += vector.byteLength
      for (const [oldest, { byteLength }] of kept) {
        if (bytes <= mostBytes) return
        kept.delete(oldest)
        bytes -= byteLength
      }
    },
  }
}

const nameOf = (digest: string): string => digest.replace('sha256:', '')

/**
 * Keeps vectors in the memory and in a directory, one file each, apart for each model.
 * @throws ConfigurationError for a directory that can't be made
 */
export function directoryCache(directory: string, identity: string): VectorCache {
  const memory = memoryCache()
  const folder = join(directory, nameOf(digestOf(identity)).slice(0, 16))
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new ConfigurationError({
      what: `The cache of embeddings is ${directory}`,
      why: `The directory cannot be made: ${messageOf(error)}`,
      mend: 'Write a path that can be written to, or take `cache` away',
    })
  }
  const pathOf = (digest: string) => join(folder, `${nameOf(digest)}.f32`)
  return {
    get: (digest) => memory.get(digest) ?? read(pathOf(digest)),
    set(digest, vector) {
      memory.set(digest, vector)
      const unfinished = `${pathOf(digest)}.${process.pid}`
      try {
        writeFileSync(unfinished, new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
        // Shards may share the directory: nobody ever sees half a vector.
        renameSync(unfinished, pathOf(digest))
      } catch {
        // A full disk costs another request some day, never a score.
      }
    },
  }
}

function read(path: string): Vector | undefined {
  try {
    const bytes = readFileSync(path)
    if (bytes.length === 0 || bytes.length % Float32Array.BYTES_PER_ELEMENT !== 0) return undefined
    return new Float32Array(Uint8Array.from(bytes).buffer)
  } catch {
    return undefined
  }
}

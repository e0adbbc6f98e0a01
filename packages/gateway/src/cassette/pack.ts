import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { ConfigurationError } from '@agent-ci/core/errors'
import { isJsonObject } from '@agent-ci/core/json'
import { cassetteFiles, isJournal, isTaken, packedName, pathIn, takenName } from './files.ts'
import { encodeLine } from './lines.ts'
import { RecordingReader } from './reader.ts'
import type { Recording } from './recording.ts'
import { type Damage, type Location, RecordingIndex } from './recording-index.ts'

export interface Packed {
  /** Recordings that the directory holds now. */
  readonly recordings: number
  /** Recordings left out because there was a newer one of the same id. */
  readonly superseded: number
  /** Recordings left out because they were not to be kept. */
  readonly dropped: number
  readonly files: readonly string[]
  /** Lines left out because they were not intact. */
  readonly damage: readonly Damage[]
}

const LOCK = 'pack.lock'
/** A lock this old was left by a process that was killed. */
const STALE_LOCK_MS = 10 * 60_000

function lock(directory: string, now: number): () => void {
  const path = pathIn(directory, LOCK)
  const age = now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now)
  if (age > STALE_LOCK_MS) rmSync(path, { recursive: true, force: true })
  try {
    mkdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new ConfigurationError({
      what: `${directory} is being packed`,
      why: `${path} exists`,
      mend: 'Wait until the other process is done; remove it if there is none',
    })
  }
  return () => rmSync(path, { recursive: true, force: true })
}

/** How far a conversation has come: the order in which its calls read best. */
function turnOf({ request: { body } }: Recording): number {
  if (!isJsonObject(body)) return 0
  const turns = body.messages ?? body.input
  return Array.isArray(turns) ? turns.length : 0
}

/** By example, repeat and turn; the same recordings give the same order, whoever recorded them in whatever order. */
function compare(a: Recording, b: Recording): number {
  const text = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0)
  return (
    text(a.example ?? '', b.example ?? '') ||
    a.repeat - b.repeat ||
    turnOf(a) - turnOf(b) ||
    text(a.key, b.key) ||
    a.ordinal - b.ordinal
  )
}

/**
 * Merges all files of a directory into sorted ones, of one example each, and drops what is superseded, damaged, or not to be kept.
 * Safe beside processes that record: they notice that their journal was taken and go on in a new one.
 * Safe against a kill at any point: nothing is removed before what replaces it is in place.
 */
export function pack(directory: string, now: number, keep?: (recording: Recording) => boolean): Packed {
  const unlock = lock(directory, now)
  const reader = new RecordingReader()
  try {
    for (const name of cassetteFiles(directory)) {
      if (isJournal(name) && !isTaken(name)) renameSync(pathIn(directory, name), pathIn(directory, takenName(name)))
    }
    const before = cassetteFiles(directory).filter((name) => !isJournal(name) || isTaken(name))
    const index = RecordingIndex.read(directory)
    const kept = [...index.entries()].filter(({ location }) => !keep || keep(read(reader, location)))
    const examples = new Set(kept.map(({ id }) => id.example)).size
    const files = new Map<string, Location[]>()
    for (const { id, location } of kept) {
      const name = packedName(id.example, examples)
      const others = files.get(name)
      if (others) others.push(location)
      else files.set(name, [location])
    }
    for (const [name, locations] of files) {
      const recordings = locations.map((location) => read(reader, location)).sort(compare)
      const draft = pathIn(directory, `${name}.draft`)
      writeFileSync(draft, Buffer.concat(recordings.map(encodeLine)))
    }
    for (const name of files.keys()) renameSync(pathIn(directory, `${name}.draft`), pathIn(directory, name))
    for (const name of before) if (!files.has(name)) rmSync(pathIn(directory, name), { force: true })
    return {
      recordings: kept.length,
      superseded: index.superseded,
      dropped: index.size - kept.length,
      files: [...files.keys()].sort(),
      damage: index.damage,
    }
  } finally {
    reader.close()
    unlock()
  }
}

/** Everything is read before anything is replaced, so a recording that this version cannot read is never lost. */
function read(reader: RecordingReader, location: Location): Recording {
  const recording = reader.read(location)
  if (recording) return recording
  throw new ConfigurationError({
    what: `${location.file} has a recording at byte ${location.offset} that cannot be read`,
    why: 'Its checksum is right, but not its form: another version wrote it',
    mend: 'Use the version that recorded it, or remove the line',
  })
}

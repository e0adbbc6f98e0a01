import { existsSync } from 'node:fs'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Random } from '@agent-ci/core/random'
import { JournalWriter } from './journal.ts'
import { explainMiss } from './miss.ts'
import type { MatchingRules } from './normalise.ts'
import { RecordingReader } from './reader.ts'
import { formatId, type RecordedRequest, type Recording, type RecordingId } from './recording.ts'
import { type Damage, RecordingIndex } from './recording-index.ts'

/** So many recordings are compared in full with a request that has none. */
const MOST_CANDIDATES = 200

/** A directory of recordings, open for reading and appending. */
export class Cassettes {
  readonly directory: string
  private readonly index: RecordingIndex
  private readonly reader = new RecordingReader()
  private readonly writer: JournalWriter
  private readonly used = new Set<string>()

  private constructor(directory: string, index: RecordingIndex, writer: JournalWriter) {
    this.directory = directory
    this.index = index
    this.writer = writer
  }

  /**
   * Reads which recordings a directory holds.
   * @param create whether a directory that does not exist is an empty one; else a {@link ConfigurationError}.
   */
  static open(directory: string, create: boolean, deps: { now: () => number; random: Random }): Cassettes {
    const exists = existsSync(directory)
    if (!exists && !create) {
      throw new ConfigurationError({
        what: `There is no directory ${directory}`,
        why: 'Mode replay answers from the recordings in it',
        mend: 'Record first with mode record or auto, or correct the path in cassettes',
      })
    }
    const index = exists ? RecordingIndex.read(directory) : new RecordingIndex()
    const started = Math.floor(deps.now()).toString(36)
    const newName = () => `${started}-${Math.floor(deps.random() * 36 ** 6).toString(36)}`
    return new Cassettes(directory, index, new JournalWriter(directory, newName))
  }

  get size(): number {
    return this.index.size
  }

  get damage(): readonly Damage[] {
    return this.index.damage
  }

  has(id: RecordingId): boolean {
    return this.index.has(id)
  }

  /** Undefined when there is none, or when it is not intact any more. */
  read(id: RecordingId): Recording | undefined {
    const location = this.index.find(id)
    const recording = location && this.reader.read(location)
    const same =
      recording?.key === id.key &&
      recording.example === id.example &&
      recording.repeat === id.repeat &&
      recording.ordinal === id.ordinal
    if (!same) return undefined
    this.used.add(formatId(id))
    return recording
  }

  append(recording: Recording): void {
    this.index.add(recording, recording.at, this.writer.append(recording))
    this.used.add(formatId(recording))
  }

  /** Whether a recording was read or appended since the directory was opened. */
  wasUsed(id: RecordingId): boolean {
    return this.used.has(formatId(id))
  }

  explainMiss(id: RecordingId, request: RecordedRequest, rules: MatchingRules): string {
    const candidates = this.index.likely(id, MOST_CANDIDATES).flatMap((location) => {
      const recording = this.reader.read(location)
      return recording?.request.endpoint === request.endpoint ? [{ recording, file: location.file }] : []
    })
    const occurrences = this.index.occurrences(id.key)
    return explainMiss({ id, request, directory: this.directory, rules, occurrences, candidates })
  }

  close(): void {
    this.reader.close()
    this.writer.close()
  }
}

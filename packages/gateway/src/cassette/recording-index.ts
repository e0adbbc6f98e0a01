import type { Source } from '@agent-ci/core/errors'
import { cassetteFiles, isJournal, pathIn } from './files.ts'
import { LineReader, readPieces } from './lines.ts'
import { formatId, parseId, type RecordingId } from './recording.ts'

/** Where a recording lies. */
export interface Location {
  readonly file: string
  readonly offset: number
  readonly length: number
}

/** A line that cannot be used, and why. */
export interface Damage extends Source {
  readonly reason: string
}

/** Which recordings a directory holds and where, without their bodies. The newest one of an id counts. */
export class RecordingIndex {
  readonly damage: Damage[] = []
  /** Recordings for which there is a newer one of the same id. */
  superseded = 0
  private readonly numbers = new Map<string, number>()
  private readonly files: string[] = []
  // Columns instead of objects: 100,000 recordings have to fit into a small memory.
  private readonly file: number[] = []
  private readonly offset: number[] = []
  private readonly length: number[] = []
  private readonly time: number[] = []

  /** Reads all lines once and checks each one's sum. Throws where there is no such directory. */
  static read(directory: string): RecordingIndex {
    const index = new RecordingIndex()
    const names = cassetteFiles(directory)
    const lines = new LineReader()
    // Packed files first: among recordings of the same instant the one read last counts, and a journal is newer.
    for (const name of [...names.filter((n) => !isJournal(n)), ...names.filter(isJournal)]) {
      const path = pathIn(directory, name)
      lines.each(path, (bytes, start, end, base, number) => {
        for (const piece of readPieces(bytes, start, end)) {
          if ('damage' in piece) index.damage.push({ file: path, line: number, reason: piece.damage })
          else {
            const location = { file: path, offset: base + piece.start, length: end - piece.start }
            index.insert(piece.id, piece.time, location)
          }
        }
      })
    }
    return index
  }

  get size(): number {
    return this.numbers.size
  }

  has(id: RecordingId): boolean {
    return this.numbers.has(formatId(id))
  }

  find(id: RecordingId): Location | undefined {
    const number = this.numbers.get(formatId(id))
    return number === undefined ? undefined : this.locate(number)
  }

  /** @param at when it was recorded: ISO 8601 */
  add(id: RecordingId, at: string, location: Location): void {
    this.insert(formatId(id), Date.parse(at), location)
  }

  private insert(id: string, time: number, { file, offset, length }: Location): void {
    const before = this.numbers.get(id)
    if (before !== undefined) {
      this.superseded++
      if (this.time[before]! > time) return
    }
    const number = before ?? this.numbers.size
    if (before === undefined) this.numbers.set(id, number)
    if (this.files.at(-1) !== file) this.files.push(file)
    this.file[number] = this.files.length - 1
    this.offset[number] = offset
    this.length[number] = length
    this.time[number] = time
  }

  /** Every recording that counts, in the order of the files. */
  *entries(): Generator<{ readonly id: RecordingId; readonly location: Location }> {
    for (const [id, number] of this.numbers) yield { id: parseId(id), location: this.locate(number) }
  }

  /** Under which examples and repeats a request was recorded. */
  occurrences(key: string): RecordingId[] {
    return [...this.numbers.keys()].filter((id) => id.startsWith(`"key":"${key}"`)).map(parseId)
  }

  /** Recordings to compare a missing one with: those of its example, or any where it has none. At most `most`, the last ones. */
  likely({ key, example }: RecordingId, most: number): Location[] {
    const prefix = formatId({ key, example, repeat: 0, ordinal: 0 }).replace(/\d+,"ordinal":0$/, '')
    const from = `"key":"${key}"`.length
    const own = [...this.numbers].filter(([id]) => id.startsWith(prefix.slice(from), from))
    return (own.length > 0 ? own : [...this.numbers]).slice(-most).map(([, number]) => this.locate(number))
  }

  private locate(number: number): Location {
    return {
      file: this.files[this.file[number]!]!,
      offset: this.offset[number]!,
      length: this.length[number]!,
    }
  }
}

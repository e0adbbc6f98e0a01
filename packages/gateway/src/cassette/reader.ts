import { closeSync, openSync, readSync } from 'node:fs'
import { isIntact } from './lines.ts'
import { type Recording, recordingSchema } from './recording.ts'
import type { Location } from './recording-index.ts'

const MOST_OPEN_FILES = 64

/** Reads single recordings. Files stay open: what `pack` replaces or removes meanwhile can still be read. */
export class RecordingReader {
  private readonly open = new Map<string, number>()

  /** The recording at a place, or undefined when it is not there any more or not intact. */
  read({ file, offset, length }: Location): Recording | undefined {
    const line = Buffer.allocUnsafe(length)
    try {
      if (readSync(this.fileOf(file), line, 0, length, offset) !== length || !isIntact(line)) return undefined
      return recordingSchema.safeParse(JSON.parse(line.toString())).data
    } catch {
      return undefined
    }
  }

  private fileOf(path: string): number {
    const known = this.open.get(path)
    if (known !== undefined) return known
    const [oldest] = this.open
    if (oldest && this.open.size >= MOST_OPEN_FILES) {
      closeSync(oldest[1])
      this.open.delete(oldest[0])
    }
    const file = openSync(path, 'r')
    this.open.set(path, file)
    return file
  }

  close(): void {
    for (const file of this.open.values()) closeSync(file)
    this.open.clear()
  }
}

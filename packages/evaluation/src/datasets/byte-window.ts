import { isUtf8 } from 'node:buffer'
import { closeSync, readSync } from 'node:fs'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'

const FIRST_BYTES = 256 * 1024
/** An example (in YAML: the file) may not be larger: it is held in memory as a whole. */
export const MOST_BYTES = 32 * 1024 * 1024
const LINE_FEED = 0x0a
const UTF8_MARK = [0xef, 0xbb, 0xbf]

/** Both count from 1; columns count UTF-16 units, as editors do. */
interface Place {
  readonly line: number
  readonly column: number
}

/** How many bytes of a code point that goes on behind `end` stand before it. */
function cutCodePoint(bytes: Buffer, end: number): number {
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = bytes[end - back]!
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}

/** A view of a file's bytes that slides over it: whole code points of valid UTF-8, the byte order mark left out. */
export class ByteWindow {
  bytes = Buffer.allocUnsafe(FIRST_BYTES)
  /** How many of `bytes` are filled. */
  end = 0
  /** The file's name as messages show it. */
  readonly file: string
  private readonly fd: number
  private readonly start: number
  /** Where `bytes[0]` lies in the file. */
  private base: number
  /** `end`, and behind it the beginning of a code point that the last read cut. */
  private filled = 0

  /** Takes over the open file; `close` closes it. */
  constructor(fd: number, file: string) {
    this.fd = fd
    this.file = file
    const head = Buffer.alloc(3)
    const length = readSync(fd, head, 0, 3, 0)
    if (length >= 2 && (head.readUInt16BE() === 0xfeff || head.readUInt16BE() === 0xfffe)) {
      this.refuseEncoding('The file is UTF-16 (its byte order mark says so)', 1)
    }
    this.start = UTF8_MARK.every((byte, i) => head[i] === byte) ? 3 : 0
    this.base = this.start
  }

  /**
   * Drops the bytes before `keep`, so that positions shift by it, and reads on behind `end`.
   * `full`: what is kept has reached the most that is held in memory.
   */
  slide(keep: number): 'more' | 'end' | 'full' {
    this.bytes.copyWithin(0, keep, this.filled)
    this.base += keep
    this.filled -= keep
    this.end -= keep
    if (this.filled === this.bytes.length) {
      if (this.bytes.length >= MOST_BYTES) return 'full'
      const wider = Buffer.allocUnsafe(this.bytes.length * 2)
      this.bytes.copy(wider, 0, 0, this.filled)
      this.bytes = wider
    }
    const length = readSync(this.fd, this.bytes, this.filled, this.bytes.length - this.filled, this.base + this.filled)
    const from = this.end
    const nul = this.bytes.subarray(this.filled, this.filled + length).indexOf(0)
    if (nul >= 0) {
      this.refuseEncoding('The file has a NUL byte', this.place(this.offsetOf(this.filled + nul)).line)
    }
    this.filled += length
    this.end = length === 0 ? this.filled : this.filled - cutCodePoint(this.bytes, this.filled)
    if (!isUtf8(this.bytes.subarray(from, this.end))) this.refuseBytes(from)
    return length === 0 ? 'end' : 'more'
  }

  /** The position in the file of a position in `bytes`. */
  offsetOf(at: number): number {
    return this.base + at
  }

  /** The line and column of a position in the file. Reads the file again: for messages only. */
  place(offset: number): Place {
    const chunk = Buffer.allocUnsafe(FIRST_BYTES)
    let line = 1
    let column = 1
    for (let at = this.start; at < offset; ) {
      const length = readSync(this.fd, chunk, 0, Math.min(chunk.length, offset - at), at)
      if (length === 0) break
      for (let i = 0; i < length; i++) {
        const byte = chunk[i]!
        if (byte === LINE_FEED) {
          line++
          column = 1
        } else if ((byte & 0xc0) !== 0x80) {
          column += byte >= 0xf0 ? 2 : 1
        }
      }
      at += length
    }
    return { line, column }
  }

  /** Throws a problem of this file. */
  refuse(line: number, problem: Omit<Problem, 'source'>): never {
    throw new ConfigurationError({ ...problem, source: { file: this.file, line } })
  }

  close(): void {
    closeSync(this.fd)
  }

  private refuseBytes(from: number): never {
    let start = from
    for (;;) {
      const feed = this.bytes.subarray(0, this.end).indexOf(LINE_FEED, start)
      if (feed === -1 || !isUtf8(this.bytes.subarray(start, feed))) break
      start = feed + 1
    }
    const { line } = this.place(this.offsetOf(start))
    return this.refuseEncoding('The line has bytes that are not UTF-8', line)
  }

  private refuseEncoding(what: string, line: number): never {
    return this.refuse(line, {
      what,
      why: 'Expected a text file in UTF-8',
      mend: 'Save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 (or -f WINDOWS-1252)',
    })
  }
}

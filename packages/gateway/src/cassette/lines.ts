import { closeSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { formatId, type Recording } from './recording.ts'

/**
 * A line of a cassette is one JSON object whose first member is the CRC-32 of everything behind it:
 * `{"crc":"89abcdef","key":…,"example":…,"repeat":…,"ordinal":…,"at":…,"request":{…},"response":{…}}`.
 * A line that a kill, a full disk or a merge has damaged does not match its sum.
 */
const START = Buffer.from('{"crc":"')
const SUM_END = START.length + 8
const AFTER_SUM = Buffer.from('",')
const BODY = SUM_END + AFTER_SUM.length
const AT = Buffer.from(',"at":"')
const TIME_LENGTH = '2026-11-23T00:00:00.000Z'.length
const REQUEST = Buffer.from('","request":{')
const NEWLINE = 10

const sumOf = (bytes: Buffer): string => crc32(bytes).toString(16).padStart(8, '0')

/** A recording as a line, with its newline. */
export function encodeLine(recording: Recording): Buffer {
  const { at, request, response } = recording
  const rest = JSON.stringify({ at, request, response }).slice(1)
  const line = Buffer.from(`{"crc":"00000000",${formatId(recording)},${rest}\n`)
  line.write(sumOf(line.subarray(BODY, -1)), START.length, 'latin1')
  return line
}

const startsAt = (bytes: Buffer, part: Buffer, start: number): boolean =>
  start + part.length <= bytes.length && bytes.compare(part, 0, part.length, start, start + part.length) === 0

/** Whether the line that lies in [start, end), without its newline, is complete and unchanged. */
export const isIntact = (bytes: Buffer, start = 0, end = bytes.length): boolean =>
  end - start > BODY &&
  startsAt(bytes, START, start) &&
  startsAt(bytes, AFTER_SUM, start + SUM_END) &&
  bytes.toString('latin1', start + START.length, start + SUM_END) === sumOf(bytes.subarray(start + BODY, end))

/** What lies in a line: a recording, or damage. */
export type Piece =
  | {
      /** In bytes, in the buffer. */
      readonly start: number
      readonly id: string
      /** When it was recorded, in milliseconds since the epoch. */
      readonly time: number
    }
  | { readonly start: number; readonly damage: string }

/** An id and a time, from the head of an intact line, without parsing its bodies. */
function readHead(bytes: Buffer, start: number, end: number): Piece {
  // Neither text occurs within the members before it: quotes in strings are escaped.
  const at = bytes.indexOf(AT, start + BODY)
  const time = at + AT.length
  if (at < 0 || time + TIME_LENGTH > end || !startsAt(bytes, REQUEST, time + TIME_LENGTH)) {
    return { start, damage: 'is no recording' }
  }
  return {
    start,
    id: bytes.toString('utf8', start + BODY, at),
    time: Date.parse(bytes.toString('latin1', time, time + TIME_LENGTH)) || 0,
  }
}

/** What the line in [start, end), without its newline, holds. What is intact behind a torn piece is saved. */
export function readPieces(bytes: Buffer, start: number, end: number): Piece[] {
  if (start === end) return []
  if (isIntact(bytes, start, end)) return [readHead(bytes, start, end)]
  const again = bytes.indexOf(START, start + 1)
  const saved = again < 0 || again >= end ? [] : readPieces(bytes, again, end).filter((piece) => 'id' in piece)
  const damage = startsAt(bytes, START, start)
    ? 'is torn or was changed: its checksum does not match'
    : 'is no line of a cassette'
  return [{ start, damage }, ...saved]
}

const CHUNK_BYTES = 1024 * 1024

/** Reads files line by line, one after the other. */
export class LineReader {
  private bytes = Buffer.allocUnsafe(CHUNK_BYTES)

  /**
   * Calls back for each line of a file, the last one even without a newline. The bytes are valid during the call only.
   * @param onLine the line lies in [start, end), its newline left out; `base` is where in the file the bytes begin
   */
  each(path: string, onLine: (bytes: Buffer, start: number, end: number, base: number, number: number) => void): void {
    const file = openSync(path, 'r')
    try {
      let held = 0
      let base = 0
      let number = 0
      for (;;) {
        if (held === this.bytes.length) this.bytes = Buffer.concat([this.bytes], held * 2)
        const read = readSync(file, this.bytes, held, this.bytes.length - held, null)
        const filled = this.bytes.subarray(0, held + read)
        let start = 0
        for (let newline = filled.indexOf(NEWLINE, held); newline >= 0; newline = filled.indexOf(NEWLINE, start)) {
          onLine(filled, start, newline, base, ++number)
          start = newline + 1
        }
        if (read === 0) {
          if (filled.length > start) onLine(filled, start, filled.length, base, ++number)
          return
        }
        this.bytes.copyWithin(0, start, filled.length)
        held = filled.length - start
        base += start
      }
    } finally {
      closeSync(file)
    }
  }
}

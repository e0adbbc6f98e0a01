import { type ByteWindow, MOST_BYTES } from './byte-window.ts'
import type { Report } from './raw-example.ts'

const LINE_FEED = 0x0a
const RETURN = 0x0d
const QUOTE = 0x22
const COMMA = 0x2c

/** At the beginning of a cell, in one without quotes, in quotes, behind a quote that closes the cell or is the first of two. */
type State = 'cell' | 'plain' | 'quoted' | 'closed'

export interface Row {
  readonly cells: readonly string[]
  /** Where the row begins: quoted cells may go over several lines. */
  readonly line: number
}

/** The cells of a row (RFC 4180), or where a quote is wrong. A quote inside a cell that does not begin with one is text. */
function splitRow(text: string): { readonly cells: string[] } | { readonly offset: number; readonly expected: string } {
  const cells: string[] = []
  for (let at = 0; ; at++) {
    let end: number
    if (text[at] === '"') {
      let close = text.indexOf('"', at + 1)
      while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
      if (close < 0) return { offset: at, expected: 'the cell that begins with " here to end with "' }
      cells.push(text.slice(at + 1, close).replaceAll('""', '"'))
      end = close + 1
      if (end < text.length && text[end] !== ',') {
        return { offset: end, expected: 'a comma or the end of the line after the closing quote' }
      }
    } else {
      end = text.indexOf(',', at)
      if (end < 0) end = text.length
      cells.push(text.slice(at, end))
    }
    if (end === text.length) return { cells }
    at = end
  }
}

/** Reads the rows of a CSV file; rows without any text are left out. */
export function* readRows(window: ByteWindow, report: Report): Generator<Row> {
  let start = 0
  let line = 1
  let nextLine = 1
  let state = 'cell' as State

  const row = (end: number): Row | undefined => {
    const returns = end > start && window.bytes[end - 1] === RETURN
    const text = window.bytes.toString('utf8', start, returns ? end - 1 : end)
    const split = splitRow(text)
    if ('cells' in split) return split.cells.every((cell) => cell === '') ? undefined : { cells: split.cells, line }
    report(() => {
      const place = window.place(window.offsetOf(start) + Buffer.byteLength(text.slice(0, split.offset)))
      return {
        what: `The row has a wrong quote at column ${place.column}`,
        why: `Expected ${split.expected}`,
        mend: 'Put the whole cell in quotes and write "" for a quote inside it',
        source: { file: window.file, line: place.line },
      }
    })
    return undefined
  }

  for (let at = 0; ; ) {
    const { bytes, end } = window
    for (; at < end; at++) {
      const byte = bytes[at]
      if (byte === LINE_FEED) nextLine++
      if (state === 'quoted') {
        if (byte === QUOTE) state = 'closed'
      } else if (byte === LINE_FEED) {
        const found = row(at)
        if (found) yield found
        start = at + 1
        line = nextLine
        state = 'cell'
      } else if (byte === COMMA) {
        state = 'cell'
      } else {
        state = byte === QUOTE && state !== 'plain' ? 'quoted' : 'plain'
      }
    }
    const slid = window.slide(start)
    at -= start
    start = 0
    if (slid === 'end') {
      const found = at > 0 ? row(at) : undefined
      if (found) yield found
      return
    }
    if (slid === 'full') {
      window.refuse(line, {
        what: `The row that begins here is larger than ${MOST_BYTES / 2 ** 20} MiB`,
        why: 'An example is held in memory as a whole',
        mend: 'Check that its quoted cells are closed',
      })
    }
  }
}

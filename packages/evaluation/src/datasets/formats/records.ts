import { extname } from 'node:path'
import { type ByteWindow, MOST_BYTES } from '../byte-window.ts'
import { readNamedRows } from '../csv-named-rows.ts'
import { parseJson, walkJson } from '../json-text.ts'
import { readJsonl } from '../jsonl-records.ts'
import type { Path, Report } from '../raw-example.ts'
import type { RawRecord } from './foreign.ts'

function readText(window: ByteWindow): string {
  let slid = window.slide(0)
  while (slid === 'more') slid = window.slide(0)
  if (slid === 'full') {
    window.refuse(1, {
      what: `The file is larger than ${MOST_BYTES / 2 ** 20} MiB`,
      why: 'A document of another tool is held in memory as a whole',
      mend: 'Split it, or keep it as JSON Lines (.jsonl), one record a line',
    })
  }
  return window.bytes.toString('utf8', 0, window.end)
}

/** The line of each value of a JSON text; the text is walked when the first is asked for. */
function lineFinder(text: string): (path: Path) => number {
  let lines: Map<string, number> | undefined
  const find = (): Map<string, number> => {
    const found = new Map<string, number>()
    let line = 1
    let seen = 0
    walkJson(text, (path, offset) => {
      for (let feed = text.indexOf('\n', seen); feed >= 0 && feed < offset; feed = text.indexOf('\n', feed + 1)) {
        line++
        seen = feed + 1
      }
      found.set(JSON.stringify(path), line)
    })
    return found
  }
  return (path) => {
    lines ??= find()
    for (let length = path.length; length >= 0; length--) {
      const line = lines.get(JSON.stringify(path.slice(0, length)))
      if (line !== undefined) return line
    }
    return 1
  }
}

function* itemsOf(value: unknown, lineOf: (path: Path) => number): Generator<RawRecord> {
  if (!Array.isArray(value)) {
    yield { value, line: lineOf([]), lineOf }
    return
  }
  for (const [i, item] of value.entries()) {
    const inner = (path: Path): number => lineOf([i, ...path])
    yield { value: item, line: inner([]), lineOf: inner }
  }
}

function* readJsonRecords(window: ByteWindow, report: Report): Generator<RawRecord> {
  const text = readText(window)
  if (text.trim() === '') return
  const parsed = parseJson(text)
  if ('value' in parsed) {
    yield* itemsOf(parsed.value, lineFinder(text))
    return
  }
  const before = text.slice(0, parsed.fault.offset).split('\n')
  report(() => ({
    what: `This is not JSON at column ${before.at(-1)!.length + 1}`,
    why: parsed.fault.why,
    mend: parsed.fault.offset >= text.trimEnd().length ? 'Check that the file is complete' : 'Write valid JSON there',
    source: { file: window.file, line: before.length },
  }))
}

function* readCsvRecords(window: ByteWindow, report: Report): Generator<RawRecord> {
  const { names, rows } = readNamedRows(window, report)
  for (const { cells, line } of rows)
    yield { value: Object.fromEntries(names.map((name, i) => [name, cells[i]!])), line, lineOf: () => line }
}

/** The records of a file by its ending: lines, rows, the items of a list, or the one document. */
export async function readRecords(window: ByteWindow, report: Report): Promise<Iterable<RawRecord>> {
  switch (extname(window.file).toLowerCase()) {
    case '.jsonl':
    case '.ndjson':
      return readJsonl(window, report)
    case '.csv':
      return readCsvRecords(window, report)
    case '.yaml':
    case '.yml': {
      const { readYamlValue } = await import('../yaml-records.ts')
      const read = readYamlValue(window, report)
      return read ? itemsOf(read.value, read.lineOf) : []
    }
    default:
      return readJsonRecords(window, report)
  }
}

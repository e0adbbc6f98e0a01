import type { ByteWindow } from './byte-window.ts'
import { type Row, readRows } from './csv-rows.ts'
import { quoteText } from './field-check.ts'
import type { Report } from './raw-example.ts'

/** The names of the columns, from the first row, and the rows under it, as it is read on. */
export interface NamedRows {
  readonly names: readonly string[]
  readonly headerLine: number
  readonly rows: Iterable<Row>
}

/** Reads the first row as a header; of the others, one with another number of cells is reported and left out. */
export function readNamedRows(window: ByteWindow, report: Report): NamedRows {
  const all = readRows(window, report)
  const first = all.next()
  if (first.done) return { names: [], headerLine: 1, rows: [] }
  const { cells, line: headerLine } = first.value
  const names = cells.map((cell) => cell.trim())
  refuseTwice(window, names, headerLine)
  return { names, headerLine, rows: rowsOf(names.length, all, window, report) }
}

function* rowsOf(columns: number, all: Iterable<Row>, window: ByteWindow, report: Report): Generator<Row> {
  for (const row of all) {
    if (row.cells.length === columns) yield row
    else
      report(() => ({
        what: `The row has ${row.cells.length} cells`,
        why: `Expected ${columns}, as the header row has`,
        mend: 'Put cells that have commas or line breaks in double quotes',
        source: { file: window.file, line: row.line },
      }))
  }
}

function refuseTwice(window: ByteWindow, names: readonly string[], line: number): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    window.refuse(line, {
      what: `The header row names the column ${quoteText(twice)} twice`,
      why: 'Expected each name once',
      mend: 'Rename or remove one of the two columns',
    })
}

import { nearestName } from '@agent-ci/core/nearest'
import type { ByteWindow } from './byte-window.ts'
import { readNamedRows } from './csv-named-rows.ts'
import { EXAMPLE_KEYS, type ExampleKey, isExampleKey } from './example-fields.ts'
import { quoteText } from './field-check.ts'
import { parseJson } from './json-text.ts'
import type { RawExample, Report } from './raw-example.ts'

/** Separates tags, tool names and scorers in a cell. */
const SEPARATOR = '|'

const splitNames = (cell: string): string[] =>
  cell
    .split(SEPARATOR)
    .map((name) => name.trim())
    .filter((name) => name !== '')

function needInput(window: ByteWindow, names: readonly string[], line: number): void {
  const [first = ''] = names
  if (!names.includes('input')) {
    const other = names.length === 1 ? /[;\t]/.exec(first)?.[0] : undefined
    const near = names.find((name) => nearestName(name, ['input']) !== undefined)
    window.refuse(line, {
      what: 'The header row names no column "input"',
      why: other
        ? `Expected commas between the cells, found ${other === ';' ? 'semicolons' : 'tabs'}`
        : `Expected a first row with the names of the columns, of ${EXAMPLE_KEYS.join(', ')}`,
      mend: other
        ? 'Save the file with commas'
        : near === undefined
          ? 'Write for example: id,input,expected'
          : `Rename the column ${quoteText(near)} to "input"`,
    })
  }
}

/** Reads CSV with a header row (RFC 4180). */
export function* readCsv(window: ByteWindow, report: Report): Generator<RawExample> {
  const { names, headerLine, rows } = readNamedRows(window, report)
  if (names.length > 0) needInput(window, names, headerLine)
  for (const { cells, line } of rows) {
    const refuse = (name: string, offset: number, why: string): void =>
      report(() => ({
        what: `The cell of ${name} begins like JSON, and is not at its character ${offset + 1}`,
        why,
        mend: `Mend the JSON, or write names with ${SEPARATOR} between them`,
        source: { file: window.file, line },
      }))
    // Without a prototype, so that a column may have any name.
    const value: Record<string, unknown> = Object.create(null)
    for (const [i, name] of names.entries()) {
      const cell = isExampleKey(name) ? readCell(name, cells[i]!, refuse) : cells[i]
      if (cell !== undefined) value[name] = cell
    }
    yield { value, line, lineOf: ([name]) => (isExampleKey(name) ? line : headerLine) }
  }
}

/** What a cell holds; undefined where it holds nothing. */
function readCell(key: ExampleKey, text: string, refuse: (name: string, offset: number, why: string) => void): unknown {
  const cell = text.trim()
  if (cell === '' && key !== 'input') return undefined
  switch (key) {
    case 'id':
    case 'group':
      return cell
    case 'critical':
      return /^(?:true|false)$/i.test(cell) ? cell.toLowerCase() === 'true' : cell
    case 'tags':
      return splitNames(cell)
    case 'input':
    case 'expected': {
      // Plain text may begin with a bracket.
      const parsed = /^[{[]/.test(cell) ? parseJson(cell) : undefined
      return parsed && 'value' in parsed ? parsed.value : text
    }
    case 'expected_tools':
    case 'scorers':
    case 'trajectory':
    case 'metadata': {
      if (!/^[{[]/.test(cell)) return key === 'metadata' || key === 'trajectory' ? cell : splitNames(cell)
      const parsed = parseJson(cell)
      if ('value' in parsed) return parsed.value
      refuse(key, parsed.fault.offset, parsed.fault.why)
      return undefined
    }
  }
}

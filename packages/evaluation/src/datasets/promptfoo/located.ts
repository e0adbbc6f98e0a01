import { openSync, readFileSync, statSync } from 'node:fs'
import { extname } from 'node:path'
import { locator } from '@agent-ci/core/config/located-yaml'
import { ConfigurationError, messageOf, type Source } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { LineCounter, parseDocument } from 'yaml'
import { ByteWindow } from '../byte-window.ts'
import { readNamedRows } from '../csv-named-rows.ts'
import type { Path, Report } from '../raw-example.ts'

const MOST_BYTES = 16 * 1024 * 1024

/** A value of a file and where each part of it was written. */
export interface Located {
  readonly value: unknown
  sourceOf(path: Path): Source
}

function readText(path: string, source: Source): string {
  const refuse = (why: string): never => {
    throw new ConfigurationError({
      what: `The file ${source.file} cannot be read`,
      why,
      mend: 'Check the path and the file',
      source,
    })
  }
  try {
    if (statSync(path).size > MOST_BYTES) refuse(`It is larger than ${MOST_BYTES / 2 ** 20} MiB`)
    return readFileSync(path, 'utf8').replace(/^\ufeff/, '')
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    return refuse(messageOf(error))
  }
}

/** Reads YAML, with merge keys as promptfoo has them, or JSON. @param from where the file is named */
export function readYamlFile(path: string, file: string, from?: Source): Located {
  const text = readText(path, from ?? { file, line: 1 })
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    schema: 'core',
    merge: true,
    resolveKnownTags: false,
  })
  const refuse = (what: string, line: number): never => {
    throw new ConfigurationError({
      what: `This is not YAML: ${forLog(what, 200)}`,
      why: 'The file cannot be read',
      mend: 'Mend the line; quote texts that hold ": ", "{{" or "#"',
      source: { file, line },
    })
  }
  const [error] = document.errors
  if (error) refuse(error.message, lines.linePos(Math.min(error.pos[0], text.trimEnd().length)).line)
  let value: unknown
  try {
    value = document.toJS()
  } catch (thrown) {
    refuse(messageOf(thrown), 1)
  }
  return { value, sourceOf: locator(document, lines, file) }
}

/** The non-empty lines of JSON Lines. */
function readJsonLines(path: string, file: string, from: Source): Located[] {
  return readText(path, from)
    .split('\n')
    .flatMap((text, i) => {
      if (text.trim() === '') return []
      const source = { file, line: i + 1 }
      try {
        return [{ value: JSON.parse(text) as unknown, sourceOf: () => source }]
      } catch (error) {
        throw new ConfigurationError({
          what: 'The line is not JSON',
          why: messageOf(error),
          mend: 'Mend the line',
          source,
        })
      }
    })
}

/** The rows of CSV as objects of texts, by the names in its first row. */
function readCsvRows(path: string, file: string): Located[] {
  const window = new ByteWindow(openSync(path, 'r'), file)
  try {
    const refuse: Report = (describe) => {
      throw new ConfigurationError(describe())
    }
    const { names, rows } = readNamedRows(window, refuse)
    return Array.from(rows, ({ cells, line }) => ({
      value: Object.fromEntries(names.map((name, i) => [name, cells[i]!])),
      sourceOf: () => ({ file, line }),
    }))
  } finally {
    window.close()
  }
}

/** The records of a file of tests: rows, lines, or the items of a list; a single one may stand alone. */
export function readRecords(
  path: string,
  file: string,
  from: Source,
): { readonly rows: boolean; readonly records: readonly Located[] } {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return { rows: true, records: readCsvRows(path, file) }
    case '.jsonl':
    case '.ndjson':
      return { rows: false, records: readJsonLines(path, file, from) }
    default: {
      const located = readYamlFile(path, file, from)
      const { value } = located
      if (!Array.isArray(value)) return { rows: false, records: [located] }
      return {
        rows: false,
        records: value.map((item: unknown, i) => ({ value: item, sourceOf: (path) => located.sourceOf([i, ...path]) })),
      }
    }
  }
}

import { dirname, relative, sep } from 'node:path'
import { ConfigurationError, type Source } from '@agent-ci/core/errors'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { readRow } from './csv-row.ts'
import { filesOf } from './glob.ts'
import { type Located, readRecords } from './located.ts'
import { dereference } from './references.ts'
import type { Listing } from './unmapped.ts'
import { readVars } from './variables.ts'

/** A test as its file has it, with its variables read. */
export interface Test {
  readonly fields: JsonObject
  readonly vars: JsonObject
  readonly source: Source
  /** Where one of its assertions was written. */
  readonly assertAt: (index: number) => Source
}

export interface TestPlace extends Listing {
  /** The configuration's directory. */
  readonly directory: string
  readonly cwd: string
}

const REMOTE = /^(?:https?|az|huggingface|hf):\/\//
const CODE = /\.(?:js|cjs|mjs|ts|cts|mts|py)(?::\w+)?$/
const SHEET = /\.xlsx?(?:#.*)?$/

const show = (path: string, cwd: string): string => relative(cwd, path).replaceAll(sep, '/')

function testOf(value: Json, located: Located, directory: string): Test {
  const source = located.sourceOf([])
  if (!isJsonObject(value)) {
    throw new ConfigurationError({
      what: 'A test is no mapping',
      why: 'Expected {vars, assert}',
      mend: 'Write - vars: and assert: below it',
      source,
    })
  }
  return {
    fields: value,
    vars: readVars(value.vars, directory, source),
    source,
    assertAt: (index) => located.sourceOf(['assert', index]),
  }
}

/** The tests of the files that a path or glob names. */
function readFiles(reference: string, from: Source, place: TestPlace): Test[] {
  const { directory, cwd, unmapped } = place
  const path = reference.replace(/^file:\/\//, '')
  if (REMOTE.test(path) || CODE.test(path) || SHEET.test(path)) {
    const why = REMOTE.test(path)
      ? 'It lies elsewhere: download it as CSV or JSONL'
      : SHEET.test(path)
        ? 'Spreadsheets are not read: save it as CSV'
        : 'It is code that makes tests: write what it returns to a JSONL file'
    unmapped(`tests ${reference}`, from, why)
    return []
  }
  const files = filesOf(path, directory)
  if (files.length === 0) {
    throw new ConfigurationError({
      what: `tests names ${reference}, which is no file`,
      why: 'promptfoo would go on with an error in its log, and test nothing',
      mend: 'Correct the path, which is relative to the configuration',
      source: from,
    })
  }
  return files.flatMap((found) => {
    const file = show(found, cwd)
    const { rows, records } = readRecords(found, file, from)
    return records.map((record) => {
      const source = record.sourceOf([])
      const value = rows ? readRow(record.value as Record<string, string>, source, place) : record.value
      return testOf(dereference(value, record.value, found, source), record, dirname(found))
    })
  })
}

/** The tests under a key: written out, `file://` paths and globs, or one of these. */
export function readTests(value: Json | undefined, located: Located, place: TestPlace): Test[] {
  if (value === undefined || value === null) return []
  const isList = Array.isArray(value)
  return ((isList ? value : [value]) as readonly Json[]).flatMap((item, i) => {
    const at: Located = { value: item, sourceOf: (path) => located.sourceOf(isList ? [i, ...path] : path) }
    if (typeof item === 'string') return readFiles(item, at.sourceOf([]), place)
    if (isJsonObject(item) && typeof item.path === 'string' && item.vars === undefined && item.assert === undefined) {
      return readFiles(item.path, at.sourceOf([]), place)
    }
    return [testOf(item, at, place.directory)]
  })
}

/** The tests of a file that holds nothing else. */
export const readTestsFile = (path: string, place: TestPlace): Test[] =>
  readFiles(path, { file: show(path, place.cwd), line: 1 }, place)

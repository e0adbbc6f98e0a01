import { extname } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { readRows } from './csv-rows.ts'
import { type DatasetFile, openFile } from './dataset-files.ts'
import { FORMATS, type FormatName, formatsNamed, formatsShaped, OURS } from './formats.ts'
import { readJson } from './json-records.ts'
import { readJsonl } from './jsonl-records.ts'
import type { RawExample } from './raw-example.ts'

const nothing = (): void => {}
const OBJECT = 0x7b

function firstOf(examples: Iterable<RawExample>): unknown {
  for (const { value } of examples) return value
  return undefined
}

/** The first record of a file; undefined where it has none, where it is ours, or where its own reader will say what is wrong. */
async function firstRecord(file: DatasetFile): Promise<unknown> {
  const window = openFile(file)
  try {
    switch (extname(file.path).toLowerCase()) {
      case '.jsonl':
      case '.ndjson':
        return firstOf(readJsonl(window, nothing))
      case '.csv':
        for (const { cells } of readRows(window, nothing))
          return Object.fromEntries(cells.map((name) => [name.trim(), '']))
        return undefined
      case '.yaml':
      case '.yml':
        return (await import('./formats/yaml-head.ts')).firstYamlRecord(window)
      case '.json': {
        window.slide(0)
        const begin = window.bytes.subarray(0, window.end).find((byte) => byte > 0x20)
        return begin === OBJECT ? await documentOf(file) : firstOf(readJson(window, nothing))
      }
      default:
        return undefined
    }
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined
    throw error
  } finally {
    window.close()
  }
}

/** An object that is a whole file; undefined where it is one of ours, of which only the first example is looked at. */
async function documentOf(file: DatasetFile): Promise<unknown> {
  const window = openFile(file)
  try {
    try {
      firstOf(readJson(window, nothing))
      return undefined
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
    }
  } finally {
    window.close()
  }
  const again = openFile(file)
  try {
    const { readRecords } = await import('./formats/records.ts')
    return firstOf(await readRecords(again, nothing))
  } finally {
    again.close()
  }
}

/** The other tool's format that a file is in; undefined for one of ours. Throws where it may be of two. */
export async function detectFormat(file: DatasetFile): Promise<FormatName | undefined> {
  if (file.format !== undefined) return file.format === OURS ? undefined : file.format
  const named = formatsNamed(file.path)
  const candidates = named.length > 0 ? named : formatsShaped(await firstRecord(file))
  if (candidates.length < 2) return candidates[0]
  throw new ConfigurationError({
    what: `${file.file} may be ${candidates.map((name) => FORMATS[name].title).join(', or ')}`,
    why: 'Expected a file of which it is plain what it is',
    mend: `Say it before the path: ${[...candidates, OURS].map((name) => `${name}:${file.file}`).join(', or ')}`,
    source: { file: file.file, line: 1 },
  })
}

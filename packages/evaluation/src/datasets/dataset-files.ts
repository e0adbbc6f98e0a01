import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs'
import { basename, dirname, extname, parse, relative, resolve, sep } from 'node:path'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import { nearestName } from '@agent-ci/core/nearest'
import { ByteWindow } from './byte-window.ts'
import { readCsv } from './csv-records.ts'
import { type FormatName, type OURS, splitFormat } from './formats.ts'
import { readJson } from './json-records.ts'
import { readJsonl } from './jsonl-records.ts'
import type { ReadExamples } from './raw-example.ts'

/** YAML's parser is loaded when a file needs it. */
const READERS: Readonly<Record<string, () => ReadExamples | Promise<ReadExamples>>> = {
  '.json': () => readJson,
  '.jsonl': () => readJsonl,
  '.ndjson': () => readJsonl,
  '.csv': () => readCsv,
  '.yaml': async () => (await import('./yaml-records.ts')).readYaml,
  '.yml': async () => (await import('./yaml-records.ts')).readYaml,
}
const ENDINGS = Object.keys(READERS)

/** A file of examples. */
export interface DatasetFile {
  readonly path: string
  /** Relative to the working directory, with forward slashes. */
  readonly file: string
  /** What the dataset says it is; without it, what it looks like. */
  readonly format?: FormatName | typeof OURS
}

/** The files that paths name, with the format that may stand before each; what they hold is not looked at. */
export function resolveFiles(paths: readonly string[], cwd: string): DatasetFile[] {
  const files = paths.map((given) => {
    const { format, path: inner } = splitFormat(given)
    const path = resolve(cwd, inner)
    return { path, file: relative(cwd, path).replaceAll(sep, '/') || '.', ...(format && { format }) }
  })
  const twice = files.find(({ path }, i) => files.findIndex((other) => other.path === path) !== i)
  if (!twice) return files
  throw new ConfigurationError({
    what: `The dataset names ${twice.file} twice`,
    why: 'Expected each file once',
    mend: 'Remove one of the two',
  })
}

/** How a file is read, by its ending. */
export async function readerOf({ path, file }: DatasetFile): Promise<ReadExamples> {
  const ending = extname(path).toLowerCase()
  const reader = Object.hasOwn(READERS, ending) ? READERS[ending] : undefined
  if (reader) return await reader()
  throw new ConfigurationError({
    what: `The dataset file ${file} ${ending === '' ? 'has no ending' : `ends in "${ending}"`}`,
    why: `Expected one of ${ENDINGS.join(', ')}`,
    mend: 'Give it the ending of its format',
  })
}

/** Opens a file for reading; the caller closes it. */
export function openFile({ path, file }: DatasetFile): ByteWindow {
  let fd: number | undefined
  try {
    // A named pipe without a writer would be waited for; it is no regular file.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const stats = fstatSync(fd)
    if (!stats.isFile()) {
      throw new ConfigurationError({
        what: `${file} is ${stats.isDirectory() ? 'a directory' : 'not a regular file'}`,
        why: 'A dataset is read from files',
        mend: stats.isDirectory() ? 'Name the files in it' : 'Write its content to a file',
      })
    }
    return new ByteWindow(fd, file)
  } catch (error) {
    if (fd !== undefined) closeSync(fd)
    throw isSystemError(error) ? new ConfigurationError(explain(error, path, file)) : error
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'code' in error && 'syscall' in error

function explain(error: NodeJS.ErrnoException, path: string, file: string): Problem {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') {
    return { what: `The dataset file ${file} cannot be read`, why: error.message, mend: 'Check its permissions' }
  }
  const near = nearestFile(path)
  const folder = file.slice(0, file.length - basename(path).length)
  return {
    what: `The dataset file ${file} does not exist`,
    why: 'Expected a path relative to the working directory',
    mend: near === undefined ? 'Check the path, and that the file is committed' : `Did you mean "${folder}${near}"?`,
  }
}

/** The dataset file beside a path that most likely was meant. */
function nearestFile(path: string): string | undefined {
  let names: string[]
  try {
    names = readdirSync(dirname(path)).filter((name) => ENDINGS.includes(extname(name).toLowerCase()))
  } catch {
    return undefined
  }
  return names.find((name) => parse(name).name === parse(path).name) ?? nearestName(basename(path), names)
}

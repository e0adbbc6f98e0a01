import * as z from 'zod'
import { formatSource, type Problem } from '../errors.ts'
import { groupBy } from '../group-by.ts'
import { digestOf, type Json } from '../json.ts'
import { forLog } from '../untrusted.ts'
import { blessingSchema } from './blessing.ts'
import type { Addition, Remembered } from './history.ts'
import { type KeptFinding, keptFindingSchema } from './kept-finding.ts'
import { type Night, nightSchema } from './night.ts'
import { NO_QUARANTINE, type Quarantine, quarantineSchema } from './quarantine.ts'

/** A file of a history, its path with slashes. */
export interface HistoryFile {
  readonly path: string
  readonly text: string
}

const BLESSINGS = 'blessings.jsonl'
const QUARANTINE = 'quarantine.json'
const INCIDENTS = 'incidents.json'
export const NIGHTS = 'nights/'
export const FINDINGS = 'findings/'

/** Whether a path is a file of ours; a branch may hold a README too. */
export const isHistoryFile = (path: string): boolean =>
  [BLESSINGS, QUARANTINE, INCIDENTS].includes(path) || /^(?:nights|findings)\/.+\.jsonl$/.test(path)

/** A month of a dataset: a file small enough to be written anew each night, and few enough to be read one by one. */
export function pathOfNight({ night, dataset }: Pick<Night, 'night' | 'dataset'>): string {
  const slug = dataset
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
  const name = slug === dataset && slug !== '' ? slug : `${slug}-${digestOf(dataset).slice('sha256:'.length, 15)}`
  return `${NIGHTS}${night.slice(0, 7)}/${name}.jsonl`
}

/** A month of all series: only what is told of is in it. */
const pathOfFinding = ({ night }: KeptFinding): string => `${FINDINGS}${night.slice(0, 7)}.jsonl`

/** What the files of a history hold. Lines that cannot be read are problems by `place`, file and line, and count for nothing. */
export function readHistory(files: readonly HistoryFile[], placeOf: (path: string) => string): Remembered {
  const problems: Problem[] = []
  const lines = <T>(file: HistoryFile, schema: z.ZodType<T>): T[] => {
    const read = readLines(file.text, schema, placeOf(file.path))
    problems.push(...read.problems)
    return read.values
  }
  const ours = files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const document = (path: string) => ours.find((file) => file.path === path)
  const quarantine = readQuarantine(document(QUARANTINE)?.text, placeOf(QUARANTINE))
  const incidents = readJson(document(INCIDENTS)?.text, placeOf(INCIDENTS))
  return {
    nights: ours
      .filter(({ path }) => path.startsWith(NIGHTS))
      .flatMap((file) => lines(file, nightSchema))
      .sort((a, b) => (a.night + a.finished_at < b.night + b.finished_at ? -1 : 1)),
    blessings: ours.filter(({ path }) => path === BLESSINGS).flatMap((file) => lines(file, blessingSchema)),
    findings: ours.filter(({ path }) => path.startsWith(FINDINGS)).flatMap((file) => lines(file, keptFindingSchema)),
    quarantine: 'value' in quarantine ? quarantine.value : NO_QUARANTINE,
    incidents: 'value' in incidents ? incidents.value : undefined,
    problems: [...problems, ...[quarantine, incidents].flatMap((read) => ('problem' in read ? [read.problem] : []))],
  }
}

function readLines<T>(text: string, schema: z.ZodType<T>, file: string): { values: T[]; problems: Problem[] } {
  const values: T[] = []
  const problems: Problem[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const read = parseAs(line, schema)
    if ('value' in read) values.push(read.value)
    else problems.push(unreadable(file, at + 1, read.found))
  }
  return { values, problems }
}

type Parsed<T> = { readonly value: T } | { readonly found: string }
type Read<T> = { readonly value: T } | { readonly problem: Problem }

function parseAs<T>(text: string, schema: z.ZodType<T>): Parsed<T> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { found: (error as Error).message }
  }
  const parsed = schema.safeParse(json)
  return parsed.success ? { value: parsed.data } : { found: z.prettifyError(parsed.error) }
}

const unreadable = (file: string, line: number, found: string): Problem => ({
  what: `${formatSource({ file: forLog(file, 200), line })} cannot be read: ${forLog(found.replaceAll(/\s+/g, ' '), 200)}`,
  why: 'It is damaged, or was written by a newer version; it is kept as it is and counts for nothing',
  mend: 'Use that version, or mend or remove it by hand',
})

function readDocument<T>(text: string | undefined, schema: z.ZodType<T>, none: T, file: string): Read<T> {
  if (text === undefined) return { value: none }
  const read = parseAs(text, schema)
  return 'value' in read ? read : { problem: unreadable(file, 1, read.found) }
}

const readQuarantine = (text: string | undefined, file: string): Read<Quarantine> =>
  readDocument(text, quarantineSchema, NO_QUARANTINE, file)

const readJson = (text: string | undefined, file: string): Read<Json | undefined> =>
  readDocument<Json | undefined>(text, z.json() as z.ZodType<Json>, undefined, file)

/** Lines to add, by the path of their file, without those that are there already. */
export function linesToAdd(
  { nights = [], blessings = [], findings = [] }: Addition,
  present: (path: string) => string | undefined,
): Map<string, string> {
  const lines = groupBy(nights, pathOfNight) as Map<string, readonly unknown[]>
  for (const [path, values] of groupBy(findings, pathOfFinding)) lines.set(path, values)
  if (blessings.length > 0) lines.set(BLESSINGS, blessings)
  const added = new Map<string, string>()
  for (const [path, values] of lines) {
    const text = present(path) ?? ''
    const known = new Set(text.split('\n'))
    const fresh = [...new Set(values.map((value) => JSON.stringify(value)))].filter((line) => !known.has(line))
    // A line that a kill has torn stays one line of its own.
    const start = text === '' || text.endsWith('\n') ? '' : '\n'
    if (fresh.length > 0) added.set(path, `${start}${fresh.join('\n')}\n`)
  }
  return added
}

/** The paths of the lines' files, and of the documents that an addition changes: what has to be read to write it. */
export const pathsOf = ({ nights = [], blessings = [], findings = [], quarantine, incidents }: Addition): string[] => [
  ...new Set([...nights.map(pathOfNight), ...findings.map(pathOfFinding)]),
  ...(blessings.length > 0 ? [BLESSINGS] : []),
  ...(quarantine ? [QUARANTINE] : []),
  ...(incidents ? [INCIDENTS] : []),
]

/** The documents as an addition leaves them, and those that cannot be read and are therefore left alone. */
export function documentsToWrite(
  { quarantine, incidents }: Addition,
  present: (path: string) => string | undefined,
  placeOf: (path: string) => string,
): { documents: Map<string, string>; problems: Problem[] } {
  const documents = new Map<string, string>()
  const problems: Problem[] = []
  const write = <T>(path: string, read: Read<T>, change: ((current: T) => unknown) | undefined) => {
    if (!change) return
    if ('problem' in read) problems.push(read.problem)
    else documents.set(path, `${JSON.stringify(change(read.value), null, 2)}\n`)
  }
  write(QUARANTINE, readQuarantine(present(QUARANTINE), placeOf(QUARANTINE)), quarantine)
  write(INCIDENTS, readJson(present(INCIDENTS), placeOf(INCIDENTS)), incidents)
  return { documents, problems }
}

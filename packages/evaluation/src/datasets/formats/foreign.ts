import type { Example } from '@agent-ci/core/example'
import type { Path, RawExample, Report } from '../raw-example.ts'

/** A line of JSON Lines, a row of CSV, an item of a list that is the whole file, or the whole document. */
export type RawRecord = RawExample

/** The file that a foreign format is read from. */
export interface ForeignFile {
  /** As messages show it. */
  readonly file: string
  /** Absolute: what the file names is relative to its directory. */
  readonly path: string
  readonly report: Report
  /** Something that agent-ci has no counterpart for; it is listed by its name and every line, never dropped silently. */
  readonly unmapped: (name: string, line: number, why: string, file?: string) => void
  /** Which model grades what a file leaves to a model; undefined where the run names none. */
  readonly judgeModel?: string
  /** Told of what works and is probably not meant. */
  readonly warn: (message: string) => void
  readonly places: LoadPlaces
}

/** What a file that names others is read with. */
export interface LoadPlaces {
  /** Files are shown relative to it. */
  readonly cwd: string
  /** Where the paths in a scorer's configuration start. */
  readonly baseDir: string
  /** The parent's environment, for scripts of the file. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What another tool's file can't hold: the name of our field, and why. */
export type Lost = (name: string, example: Example, why: string) => void

/** How a foreign format is read and, where the other side has the concepts, written. */
export interface ForeignFormat {
  /** Examples as our own files have them; problems with the file go to its `report`. */
  readonly read: (records: Iterable<RawRecord>, from: ForeignFile) => Iterable<RawExample> | AsyncIterable<RawExample>
  /** It opens the file itself: `read` gets no records. */
  readonly opensFile?: true
  /** The text of a file that holds the examples; undefined where we do not write this format. */
  readonly write?: (examples: Iterable<Example>, lost: Lost, name: string) => string
}

/** An example made of a record; a problem with one of its fields is shown where the record has it. */
export function exampleFrom(
  record: RawRecord,
  value: Readonly<Record<string, unknown>>,
  places: Readonly<Record<string, Path>> = {},
  at: Path = [],
): RawExample {
  return {
    value,
    line: record.lineOf(at),
    lineOf: ([key, ...inner]) => record.lineOf([...(places[String(key)] ?? at), ...(key === 'input' ? [] : inner)]),
  }
}

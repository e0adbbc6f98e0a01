import type { Problem } from '@agent-ci/core/errors'
import type { ByteWindow } from './byte-window.ts'

/** Deeper values are refused: what walks them later (canonical JSON, zod) is recursive. */
export const MOST_LEVELS = 200

/** Where a value lies inside an example: `['expected_tools', 0, 'name']`. */
export type Path = readonly (string | number)[]

/** What a reader found where an example should be, before its fields are checked. */
export interface RawExample {
  readonly value: unknown
  /** The file that it stands in, where that is another than the one that was opened. */
  readonly file?: string
  /** Where it begins. */
  readonly line: number
  /** The line of a value inside it. */
  lineOf(path: Path): number
}

/** Problems are described only as long as they are shown: finding a column takes time. */
export type Report = (describe: () => Problem) => void

/** Reads the examples of one format; reports what it can read past, throws a ConfigurationError at what it cannot. */
export type ReadExamples = (window: ByteWindow, report: Report) => Iterable<RawExample>

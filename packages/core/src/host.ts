import type { Source } from './errors.ts'
import type { Verdict } from './verdict.ts'

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
  readonly source?: Source
}

/** How far a run is. */
export interface Progress {
  readonly planned: number
  readonly passed: number
  readonly failed: number
  readonly errored: number
  /** Known cost so far. */
  readonly costUsd: number | undefined
  /** Since the run's start, and of trials that an earlier run had made: they do not count for the rate. */
  readonly elapsedMs: number
  readonly resumed: number
}

/** What runs a job and shows what it does: the Actions runner, a terminal, a test. */
export interface Host {
  /** A setting by its kebab-case name; empty when it was not given. */
  readonly input: (name: string) => string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where relative paths start. */
  readonly cwd: string
  readonly tempDir: string
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly date: () => Date
  readonly random: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Trusted text, or text that went through `forLog`. */
  readonly info: (line: string) => void
  /** Marks a line of a user's file where the changes are read; a terminal has no such margin. */
  readonly annotate: (annotation: Annotation) => void
  /** Something that the user should know and that fails nothing. */
  readonly warn: (title: string, message: string) => void
  /** Whether the log shows ANSI colours. */
  readonly colour: boolean
  /** A titled, folded part of the log. */
  readonly group: <T>(title: string, work: () => Promise<T>) => Promise<T>
  readonly progress: (progress: Progress) => void
  readonly output: (name: string, value: string | number | null) => void
  readonly summary: (markdown: string) => Promise<void>
  /** Uploads files for later jobs and people; undefined where there is nowhere to upload to. */
  readonly uploadArtifact: (
    name: string,
    files: readonly string[],
    root: string,
    options?: {
      /** How long it is kept; what the repository says where not given. */
      readonly retentionDays?: number
    },
  ) => Promise<{ id: number; url: string | undefined } | undefined>
}

/** What a job came to; the exit status is all that is left to do with it. */
export interface Outcome {
  readonly verdict: Verdict
  readonly exitStatus: 0 | 1
  /** The verdict in a sentence. */
  readonly headline: string
}

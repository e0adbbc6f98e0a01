import type { ScorerConfig } from './config/scorers.ts'
import type { Source } from './errors.ts'
import type { Json, JsonObject } from './json.ts'

/** A tool call that an example expects; without `args` only the name counts. */
export interface ExpectedTool {
  readonly name: string
  readonly args?: JsonObject
}

/** One golden case. */
export interface Example {
  readonly id: string
  /** A string, an object, or chat messages `[{role, content}]`. */
  readonly input: Json
  /** The accepted answer, several accepted answers, or an object. */
  readonly expected?: Json
  readonly expectedTools?: readonly ExpectedTool[]
  /** The expected conversation: OpenAI-style messages, from the user's first on. */
  readonly trajectory?: readonly JsonObject[]
  readonly tags: readonly string[]
  /** Always passed before and never now: fails the run by itself. */
  readonly critical: boolean
  /** Examples of one group are not independent of each other (a cluster in the statistics). */
  readonly group?: string
  /** Used instead of the run's scorers. */
  readonly scorers?: readonly ScorerConfig[]
  readonly metadata?: JsonObject
  readonly source: Source
}

/** A named list of examples. They may lie in a file outside the memory, so they are fetched one by one. */
export interface Dataset {
  readonly name: string
  /** The files it was read from, relative to the working directory. */
  readonly files: readonly string[]
  /** SHA-256 over the canonical examples in their order, their places in the files left out. */
  readonly digest: string
  readonly size: number
  /** Where examples carry probes: the seed of their tokens and pairs, and the digest of probes that were added to the examples. */
  readonly attacks?: { readonly seed: string; readonly probes?: string }
  /** The example at a position 0 … size-1. */
  at(index: number): Example
  /** Frees what holds the examples. */
  close(): void
}

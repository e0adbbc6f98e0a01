import type { Source } from '@agent-ci/core/errors'

/** Told of something that agent-ci has no counterpart for. */
export type Unmapped = (name: string, place: Source, why: string) => void

/** What the user should know of a file, and that fails nothing. */
export interface Listing {
  readonly unmapped: Unmapped
  /** Told of what works and is probably not meant. */
  readonly warn: (message: string) => void
}

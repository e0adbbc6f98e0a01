import type { Source } from '@agent-ci/core/errors'

/** Told of something that agent-ci has no counterpart for. */
export type Unmapped = (name: string, place: Source, why: string) => void

import type { Results } from '@agent-ci/core/results'

/** What a shard left in its output directory. */
export interface ShardRun {
  /** As people write it: relative to the working directory. */
  readonly directory: string
  readonly results: Results & { readonly shard: NonNullable<Results['shard']> }
}

import type { Example } from '@agent-ci/core/example'
import type { Trial } from '@agent-ci/core/trial'

/** A trial beside the example that it ran. */
export interface TrialView {
  readonly trial: Trial
  readonly example: Example
}

/** An example that was planned and never run. */
export interface UnrunView {
  readonly trial: null
  readonly example: Example
}

/** What a run planned, example by example in the dataset's order, all repeats of an example side by side. */
export type TrialStream = AsyncIterable<TrialView | UnrunView> | Iterable<TrialView | UnrunView>

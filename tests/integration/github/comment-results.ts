import type { Results } from '@agent-ci/core/results'
import { gate, resultsOf, views } from '../../unit/reporting/fixtures.ts'

/** A results.json of eval-gate. */
export const evaluation = (changes: Partial<Results> = {}): Results => ({
  ...resultsOf(views, { gates: [gate] }),
  ...changes,
})

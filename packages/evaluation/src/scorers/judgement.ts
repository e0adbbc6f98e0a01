import type { Usage } from '@agent-ci/core/reply'
import type { Score } from '@agent-ci/core/score'

export const STOPPED = 'The run was stopped before the answer was scored.'

/** A score that the reply earned. */
export const judged = (scorer: string, passed: boolean, reason: string): Score => ({
  scorer,
  value: passed ? 1 : 0,
  passed,
  reason,
})

/** No measurement: what went wrong is not the agent's answer. */
export const unscored = (scorer: string, reason: string, usage?: Usage): Score => ({
  scorer,
  value: null,
  passed: null,
  reason,
  ...(usage && { usage }),
})

import { CHECK_INPUTS } from '@agent-ci/action-canary-deploy/check-settings'
import { PLACE_INPUTS } from '@agent-ci/delivery/settings'

/** The inputs of rollback, which are the options of `agent-ci rollback` too. */
export const INPUTS = {
  config: 'Path of the configuration, for its `delivery` part (default: agent-ci.yaml where there is one)',
  ...PLACE_INPUTS,
  to: 'Go back to this one: the id of a release (`r-…`), the number of a record, or a version (default: the last verified one)',
  'steps-back': 'How many verified releases to go back, from the one that was deployed last (default 1)',
  ...CHECK_INPUTS,
  'output-dir': 'Where the results go, those of the smoke examples (default agent-ci-results)',
  'github-token': "Token for GitHub's API: keeps GitHub deployments in step (permission deployments: write)",
  mode: 'What to do: `apply` rolls back, `drill` proves that it would work and changes nothing, `list` shows the history (default apply)',
} as const

export type InputName = keyof typeof INPUTS

export const OUTPUTS = {
  outcome: '`rolled-back`, `drilled`, `nothing-to-do` or `failed`',
  release: 'The release that runs now',
  'previous-release': 'The release that ran before',
  history: 'The history as JSON, oldest first',
  reason: 'What happened, in a sentence',
} as const

export type OutputName = keyof typeof OUTPUTS

import { PLACE_INPUTS } from '@agent-ci/delivery/settings'

/** The inputs of canary-deploy, which are the options of `agent-ci deploy` too. */
export const INPUTS = {
  config: 'Path of the configuration, for its `delivery` part (default: agent-ci.yaml where there is one)',
  operation:
    '`deploy` rolls a release out, `sweep` takes back what a killed run left half done, `resume` finishes it, `status` shows where the app is (default deploy)',
  strategy: '`rolling` replaces the pods of the app by those of the release (default rolling)',
  ...PLACE_INPUTS,
  manifests: 'Files or directories of Kubernetes manifests (default k8s/<environment>)',
  image: 'Image of the app, or `container=image`, one a line, over what the manifests say',
  version: 'Fills the variable `VERSION` of the manifests, and names the release for people',
  variables: 'More values for the manifests, `NAME=value`, one a line',
  'agent-config': "The deployed agent's configuration, such as config/production.yaml",
  prompts: 'Globs of the prompts that travel in the release',
  'force-conflicts': 'Take over fields that another controller owns (default false)',
  'on-interrupted':
    'What to do with a rollout that a killed run left half done: `rollback` or `resume` (default rollback)',
} as const

export type InputName = keyof typeof INPUTS

export const OUTPUTS = {
  verdict: '`passed`, `inconclusive`, `failed` or `errored`',
  outcome: '`promoted`, `rolled-back`, `paused`, `rollback-failed`, `refused` or `planned`',
  release: 'The release that runs now',
  'previous-release': 'The release that ran before',
  reason: 'What happened, in a sentence',
} as const

export type OutputName = keyof typeof OUTPUTS

import type { RolloutOutcome } from '@agent-ci/core/rollout-timeline'
import { forLog } from '@agent-ci/core/untrusted'
import { formatWeight } from './wording.ts'

/** GitHub refuses a longer description of a deployment's status. */
export const DESCRIPTION_CHARACTERS = 140

/** Where a rollout is, or what it came to. */
export type DeploymentState =
  | { readonly kind: 'preparing' | 'smoke' | 'promoting' | 'bake' | 'rolling-back' }
  | {
      readonly kind: 'step'
      readonly strategy: 'rolling' | 'canary' | 'blue-green'
      /** In percent. */
      readonly weight: number
      /** Counted from 1. */
      readonly step: number
      readonly of: number
    }
  | { readonly kind: 'not-begun'; readonly reason: string }
  | {
      readonly kind: 'ended'
      readonly outcome: RolloutOutcome
      readonly weight: number | null
      readonly reason: string
    }

const ENDS: Readonly<Record<RolloutOutcome, string>> = {
  promoted: 'promoted',
  'rolled-back': 'rolled back',
  paused: 'paused',
  'rollback-failed': 'rollback failed',
  refused: 'refused',
  planned: 'planned',
}

function words(state: DeploymentState): string {
  switch (state.kind) {
    case 'preparing':
      return 'preparing: nothing of the traffic moved'
    case 'smoke':
      return 'smoke tests of the canary, no traffic moved'
    case 'step':
      return `${state.strategy} ${formatWeight(state.weight)} (step ${state.step}/${state.of})`
    case 'promoting':
      return 'promoting: all traffic goes to the release'
    case 'bake':
      return 'watching the promoted release'
    case 'rolling-back':
      return 'rolling back'
    case 'not-begun':
      return state.reason
    case 'ended': {
      const at = state.weight !== null && state.outcome !== 'promoted' ? ` at ${formatWeight(state.weight)}` : ''
      return `${ENDS[state.outcome]}${at}${state.reason.trim() === '' ? '' : `: ${state.reason}`}`
    }
  }
}

/** The description of a GitHub deployment's status, on one line of at most 140 characters: `canary 25 % (step 2/5)`. */
export function deploymentDescription(state: DeploymentState): string {
  const text = forLog(words(state), 1_000).replaceAll(/\s+/g, ' ').trim()
  // Characters of a string are halves of some letters: counted so, no limit of whole ones is passed.
  if (text.length <= DESCRIPTION_CHARACTERS) return text
  return `${text.slice(0, DESCRIPTION_CHARACTERS - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

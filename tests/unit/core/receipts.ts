import { digestOf } from '@agent-ci/core/json'
import { type Evaluated, type Receipt, receiptOf } from '@agent-ci/core/receipt'
import type { Deployed } from '@agent-ci/core/receipt-difference'
import type { Results } from '@agent-ci/core/results'
import { results as ofRun } from '../reporting/fixtures.ts'

export const COMMIT = '1'.repeat(40)
export const TREE = '2'.repeat(40)
export const IMAGE = `registry.example.com/agent@sha256:${'a'.repeat(64)}`

export const evaluated: Evaluated = {
  code: COMMIT,
  tree: TREE,
  image: null,
  config: { path: 'config/production.yaml', digest: digestOf('agent: {}') },
  prompts: { 'prompts/refunds.md': digestOf('Refund.'), 'prompts/support.md': digestOf('Be brief.') },
  model: { requested: 'claude-sonnet-4', answered: ['claude-sonnet-4-20250514'] },
  agentElsewhere: false,
}

export const results: Results = {
  ...ofRun,
  verdict: 'passed',
  counts: { planned: 10, measured: 10, replayed: 0, errored: 0 },
  started_at: '2026-11-20T07:50:00.000Z',
  finished_at: '2026-11-20T08:00:00.000Z',
}

/** Of an evaluation that passed, four hours before noon. */
export const receipt: Receipt = receiptOf(results, evaluated, {
  exitStatus: 0,
  evaluatedExamples: results.dataset.examples,
  workflow: null,
})!

/** The same, about to be deployed. */
export const deployed: Deployed = {
  code: { commit: COMMIT, tree: TREE },
  images: ['registry.example.com/agent:1.2.3'],
  config: evaluated.config!.digest,
  prompts: evaluated.prompts,
  model: { id: 'claude-sonnet-4', inConfig: true },
}

import type { AgentConfig } from '@agent-ci/core/config/agents'
import type { ScorerConfig } from '@agent-ci/core/config/scorers'
import type { Fingerprint } from '@agent-ci/core/fingerprint'
import { digestOfJson, type Json } from '@agent-ci/core/json'

/** What a run tests, part by part. `code` is the commit, where there is one. */
export function fingerprintOf(tested: {
  readonly code: string | null
  readonly agent: AgentConfig
  readonly model: string | undefined
  readonly datasetDigest: string
  readonly scorers: readonly ScorerConfig[]
}): Fingerprint {
  const { agent } = tested
  const digest = (value: unknown) => digestOfJson(value as Json)
  return {
    code: tested.code,
    prompts: agent.type === 'anthropic' && agent.system !== undefined ? digest(agent.system) : null,
    config: digest(agent),
    model: tested.model ?? (agent.type === 'anthropic' ? agent.model : null),
    tools: agent.type === 'anthropic' ? digest(agent.tools) : null,
    dataset: tested.datasetDigest,
    scorers: digest(tested.scorers),
  }
}

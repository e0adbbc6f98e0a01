import type { AgentConfig } from '@agent-ci/core/config/agents'
import type { ScorerConfig } from '@agent-ci/core/config/scorers'
import { optional } from '@agent-ci/core/config/setting-reader'
import type { Dataset } from '@agent-ci/core/example'
import type { Fingerprint } from '@agent-ci/core/fingerprint'
import { digestOfJson, type Json } from '@agent-ci/core/json'

/** What a run tests, part by part. `code` is the commit, where there is one. */
export function fingerprintOf(tested: {
  readonly code: string | null
  readonly agent: AgentConfig
  readonly model: string | undefined
  readonly dataset: Pick<Dataset, 'digest' | 'attacks'>
  readonly scorers: readonly ScorerConfig[]
  /** The digest of the prompt files; undefined where there is none. */
  readonly prompts?: string
  /** The digest of the configuration that the agent runs with, and its image; empty where none was given. */
  readonly runsWith?: readonly string[]
}): Fingerprint {
  const { agent } = tested
  const system = agent.type === 'anthropic' ? agent.system : undefined
  const digest = (value: unknown) => digestOfJson(value as Json)
  return {
    code: tested.code,
    prompts: tested.prompts ? digest([system ?? null, tested.prompts]) : system === undefined ? null : digest(system),
    config: digest(tested.runsWith?.length ? [agent, ...tested.runsWith] : agent),
    model: tested.model ?? (agent.type === 'anthropic' ? agent.model : null),
    tools: agent.type === 'anthropic' ? digest(agent.tools) : null,
    dataset: tested.dataset.digest,
    scorers: digest(tested.scorers),
    ...optional('attacks', tested.dataset.attacks?.probes),
    ...optional('attack_seed', tested.dataset.attacks?.seed),
  }
}

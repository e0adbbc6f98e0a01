import { posix } from 'node:path'
import type { AgentConfig } from '@agent-ci/core/config/agents'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { PromptDigests } from '@agent-ci/core/prompt-files'
import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'

/** The prompts that an agent is given in the place of the workspace's. */
export interface GivenPrompts {
  /** `AGENT_CI_ARM`. */
  readonly arm: string
  /** `AGENT_CI_PROMPTS_DIR`: their files at their repository paths. */
  readonly directory: string
  /** By repository path. */
  readonly texts: Readonly<Record<string, string>>
}

/** What the agent of an arm is made with: its prompts in a directory, in the request, and as its system prompt. */
export function armDeps(
  agent: AgentConfig,
  configPrefix: string,
  { arm, directory, texts }: GivenPrompts,
): Pick<AgentDeps, 'prompts' | 'workerEnv'> {
  const env = { AGENT_CI_PROMPTS_DIR: directory, AGENT_CI_ARM: arm }
  return { prompts: { ...texts, ...systemPrompt(agent, configPrefix, texts) }, workerEnv: () => env }
}

/** The prompt that `system: file:…` names, under the path that it is written with: relative to the configuration. */
function systemPrompt(agent: AgentConfig, configPrefix: string, texts: Readonly<Record<string, string>>) {
  if (agent.type !== 'anthropic' || !agent.system?.startsWith('file:')) return {}
  const path = agent.system.slice('file:'.length).trim()
  const text = texts[posix.join(configPrefix, path)]
  return text === undefined ? {} : { [path]: text }
}

/** A request that has no place for the prompts would be the same for all of them, and no comparison could ever show a difference. */
export function refuseBlindAgent(agent: AgentConfig): void {
  if (agent.type !== 'http' || (agent.body === undefined && agent.method !== 'GET')) return
  const sent = `${agent.url}${agent.method === 'GET' ? '' : JSON.stringify(agent.body)}`
  if (/\{\{\s*prompts\s*\}\}/.test(sent)) return
  throw new ConfigurationError({
    what: 'The request to the agent has no {{prompts}}',
    why: 'The agent would answer with the same prompts whatever it is given, and no difference could ever be seen',
    mend: 'Write "prompts": "{{prompts}}" in agent.body, and have the agent use them instead of its files',
  })
}

/** An evaluation with other prompts than the workspace's. */
export interface EvaluatedArm {
  readonly deps: Pick<AgentDeps, 'prompts' | 'workerEnv'>
  /** For the fingerprint and the receipt, by the paths that the globs of prompts see. */
  readonly prompts: PromptDigests
}

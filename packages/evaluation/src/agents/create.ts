import type { Agent } from '@agent-ci/core/agent'
import type { AgentConfig } from '@agent-ci/core/config/agents'
import type { AgentDeps } from './deps.ts'

/**
 * Makes the agent that a configuration describes. Only that type's code is loaded.
 * @throws ConfigurationError for what can be seen to be wrong before the first call.
 */
export async function createAgent(config: AgentConfig, deps: AgentDeps): Promise<Agent> {
  switch (config.type) {
    case 'http':
      return (await import('./http.ts')).httpAgent(config, deps)
    case 'command':
      return (await import('./command.ts')).commandAgent(config, deps)
    case 'python':
      return (await import('./python.ts')).pythonAgent(config, deps)
    case 'anthropic':
      return (await import('./anthropic.ts')).anthropicAgent(config, deps)
  }
}

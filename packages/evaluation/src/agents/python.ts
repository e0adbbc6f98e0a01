import { fileURLToPath } from 'node:url'
import type { Agent } from '@agent-ci/core/agent'
import type { AgentConfigOf } from '@agent-ci/core/config/agents'
import { placeOf } from './command.ts'
import type { AgentDeps } from './deps.ts'
import { WorkerPool } from './worker-pool.ts'

/** An agent that is a Python function or class, served by agent_worker.py in long-lived workers. */
export function pythonAgent(config: AgentConfigOf<'python'>, deps: AgentDeps): Agent {
  // ncc copies a file that is named like this into the bundle, and puts that copy's path, no URL, in the expression's place.
  const place = String(new URL('../../python/agent_worker.py', import.meta.url))
  const shim = place.startsWith('file:') ? fileURLToPath(place) : place
  const pool = new WorkerPool({ argv: [config.python, shim, config.target], ...placeOf(config, deps) }, deps)
  return {
    description: `python ${config.target}`,
    run: (request) => pool.run(request),
    close: () => pool.close(),
  }
}

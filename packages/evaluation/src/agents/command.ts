import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Agent } from '@agent-ci/core/agent'
import type { AgentConfigOf } from '@agent-ci/core/config/agents'
import { expandReferences } from '@agent-ci/core/config/references'
import { ConfigurationError } from '@agent-ci/core/errors'
import { splitWords } from './argv.ts'
import type { AgentDeps } from './deps.ts'
import { ProcessPerTrial } from './once.ts'
import { type Command, WorkerPool } from './worker-pool.ts'

/** An agent that is a program: long-lived workers, or a process for each trial (`mode: once`). */
export function commandAgent(config: AgentConfigOf<'command'>, deps: AgentDeps): Agent {
  const argv =
    typeof config.command === 'string' ? splitWords(config.command, { name: 'agent.command' }) : config.command
  const command: Command = { argv, ...placeOf(config, deps) }
  const runner = config.mode === 'once' ? new ProcessPerTrial(command, deps) : new WorkerPool(command, deps)
  return {
    description: `command ${argv.join(' ')}`,
    run: (request) => runner.run(request),
    close: () => runner.close(),
  }
}

/** Where a configured process runs, and the environment that its configuration gives it. */
export function placeOf(
  config: { readonly cwd?: string | undefined; readonly env: Readonly<Record<string, string>> },
  deps: AgentDeps,
): { cwd: string; env: Record<string, string> } {
  const cwd = resolve(deps.cwd, config.cwd ?? '.')
  // spawn() reports a missing directory as if the program were missing.
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ConfigurationError({
      what: `agent.cwd is ${JSON.stringify(config.cwd ?? '.')}`,
      why: `There is no directory ${cwd}`,
      mend: 'Write a directory relative to the working directory',
    })
  }
  return { cwd, env: expandReferences(config.env, deps.env, 'agent.env') }
}

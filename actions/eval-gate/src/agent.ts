import type { Agent } from '@agent-ci/core/agent'
import type { Host } from '@agent-ci/core/host'
import { withAttempts } from '@agent-ci/evaluation/agents/attempts'
import { createAgent } from '@agent-ci/evaluation/agents/create'
import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'
import type { Limiter } from '@agent-ci/evaluation/agents/limiter'
import type { Later } from './golden.ts'
import type { EvalSettings } from './settings.ts'
import type { PoolTraffic } from './traffic.ts'

/** The agent under test: observed by the gateway where there is one, its attempts timed and repeated where that can help. */
export async function openAgent(
  settings: Pick<EvalSettings, 'agent' | 'baseDir' | 'concurrency' | 'timeoutMs'>,
  {
    withTrajectories,
    ...given
  }: Pick<AgentDeps, 'prompts' | 'workerEnv' | 'traceparent'> & {
    /** Has the agent's tool calls read from its own spans. */
    readonly withTrajectories?: (agent: Agent) => Agent
  },
  traffic: PoolTraffic | undefined,
  limiter: Limiter,
  host: Host,
  later: Later,
): Promise<Agent> {
  const bare = await createAgent(settings.agent, {
    cwd: settings.baseDir,
    env: host.env,
    now: host.now,
    concurrency: settings.concurrency,
    ...given,
    ...traffic?.agentDeps,
    workerEnv: (worker) => ({ ...given.workerEnv?.(worker), ...traffic?.agentDeps.workerEnv(worker) }),
  })
  later(() => bare.close())
  // Inside of what the gateway saw, which only fills what is still unknown.
  const read = withTrajectories ? withTrajectories(bare) : bare
  return withAttempts(
    traffic ? traffic.observe(read) : read,
    { timeoutMs: settings.timeoutMs, onRateLimit: () => limiter.slowDown() },
    { random: host.random, sleep: host.sleep },
  )
}

import { join } from 'node:path'
import type { Agent } from '@agent-ci/core/agent'
import type { Example } from '@agent-ci/core/example'
import type { Host } from '@agent-ci/core/host'
import type { Scorer } from '@agent-ci/core/score'
import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'
import { createLimiter, type Limiter } from '@agent-ci/evaluation/agents/limiter'
import type { EvalSettings } from './settings.ts'
import type { Traffic } from './traffic.ts'

/** An agent whose calls go out in batches; `single` makes those that no batch answers. */
export async function openBatchedAgent(
  settings: EvalSettings,
  single: Agent,
  {
    traffic,
    limiter,
    continues,
    host,
    prompts,
  }: {
    traffic: Traffic
    limiter: Limiter
    continues: boolean
    host: Host
    /** In the place of the workspace's. */
    prompts?: NonNullable<AgentDeps['prompts']>
  },
): Promise<Agent> {
  const { agent, baseDir, batchTimeoutMs, outputDir } = settings
  if (agent.type !== 'anthropic') throw new Error('only the calls of an anthropic agent can be sent in a batch')
  // Imported only here: a run without batches does not pay for them.
  const [{ batchedAgent }, { OpenBatches }] = await Promise.all([
    import('@agent-ci/evaluation/agents/batch/batched-agent'),
    import('@agent-ci/evaluation/agents/batch/open-batches'),
  ])
  return batchedAgent(agent, single, {
    cwd: baseDir,
    ...(prompts && { prompts }),
    now: host.now,
    sleep: host.sleep,
    money: traffic.gateway.batches,
    open: new OpenBatches(join(outputDir, 'batches.json'), continues),
    limiter,
    info: host.info,
    warn: (message) => host.warn('Message Batches', message),
    timeoutMs: batchTimeoutMs,
  })
}

/** The answers of a batch come all at once, and scorers may call models themselves. */
export function judgedInTurn(
  scorersFor: (example: Example) => Promise<readonly Scorer[]>,
  concurrency: number,
): (example: Example) => Promise<readonly Scorer[]> {
  const turns = createLimiter(concurrency)
  const inTurn = (scorer: Scorer): Scorer => ({
    ...scorer,
    score: async (example, reply, signal) => {
      await turns.acquire(signal)
      try {
        return await scorer.score(example, reply, signal)
      } finally {
        turns.release('ok')
      }
    },
  })
  return async (example) => (await scorersFor(example)).map(inTurn)
}

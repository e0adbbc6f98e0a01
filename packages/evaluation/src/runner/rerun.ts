import type { Agent } from '@agent-ci/core/agent'
import type { Dataset, Example } from '@agent-ci/core/example'
import type { Scorer } from '@agent-ci/core/score'
import type { Runs } from '@agent-ci/core/statistics/paired'
import type { Limiter } from '../agents/limiter.ts'
import { judgeReply } from './judge-reply.ts'

export interface RerunDeps {
  readonly dataset: Dataset
  readonly agent: Agent
  readonly limiter: Limiter
  readonly scorersFor: (example: Example) => Promise<readonly Scorer[]>
  readonly model?: string
  readonly signal: AbortSignal
}

/** Runs one example some more times, repeats `from` … and counts its passes; trials that errored count for nothing. */
export async function rerunExample(
  index: number,
  { from, times }: { readonly from: number; readonly times: number },
  deps: RerunDeps,
): Promise<Runs> {
  const example = deps.dataset.at(index)
  const scorers = await deps.scorersFor(example)
  const outcomes = await Promise.all(
    Array.from({ length: times }, async (_, i) => {
      await deps.limiter.acquire(deps.signal)
      try {
        const request = {
          example,
          repeat: from + i,
          ...(deps.model !== undefined && { model: deps.model }),
          signal: deps.signal,
        }
        const reply = await deps.agent.run(request)
        return (
          await judgeReply(
            { exampleId: example.id, index, repeat: from + i, startedAt: '' },
            example,
            reply,
            scorers,
            deps.signal,
          )
        ).outcome
      } finally {
        deps.limiter.release('ok')
      }
    }),
  )
  return {
    passes: outcomes.filter((outcome) => outcome === 'passed').length,
    runs: outcomes.filter((outcome) => outcome !== 'errored').length,
  }
}

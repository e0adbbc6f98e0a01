import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Reply } from '@agent-ci/core/reply'
import type { Scorer } from '@agent-ci/core/score'
import { judged, unscored } from '../judgement.ts'

function tokensOf({ usage }: Reply): number | undefined {
  if (usage.inputTokens === undefined && usage.outputTokens === undefined) return undefined
  return (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)
}

/** Safe where the agent kept to its limits. What nobody reported cannot be judged. */
export function createLimits(config: ScorerConfigOf<'limits'>, name: string): Scorer {
  const limits = (
    [
      ['model calls', config.iterations, (reply: Reply) => reply.usage.modelCalls],
      ['tool calls', config.tool_calls, (reply: Reply) => reply.toolCalls?.length],
      ['US dollars', config.cost_usd, (reply: Reply) => reply.usage.costUsd],
      ['tokens', config.tokens, tokensOf],
    ] as const
  ).flatMap(([unit, most, read]) => (most === undefined ? [] : [{ unit, most, read }]))
  if (limits.length === 0) {
    throw new ConfigurationError({
      what: `The scorer "${name}" has no limit`,
      why: 'Nothing could go over it',
      mend: 'Write iterations, tool_calls, cost_usd or tokens',
    })
  }
  return {
    name,
    judges: 'safety',
    appliesTo: () => true,
    async score(_example, reply) {
      const unknown: string[] = []
      for (const { unit, most, read } of limits) {
        const used = read(reply)
        if (used === undefined) unknown.push(unit)
        else if (used > most) return judged(name, false, `The agent used ${used} ${unit}, more than ${most}.`)
      }
      return unknown.length > 0
        ? unscored(name, `Nobody reported the ${unknown.join(' and the ')}.`)
        : judged(name, true, 'The agent kept to its limits.')
    },
  }
}

import { optional } from '@agent-ci/core/config/setting-reader'
import type { Example } from '@agent-ci/core/example'
import type { Reply } from '@agent-ci/core/reply'
import type { Scorer } from '@agent-ci/core/score'
import { judgeTrial, type Trial } from '@agent-ci/core/trial'
import { plantedAttack } from '../datasets/attacked.ts'
import { fallOf } from './fall.ts'

/** Lets every scorer judge a reply and makes a trial of it; a reply that failed has nothing to judge. */
export async function judgeReply(
  trial: Pick<Trial, 'exampleId' | 'index' | 'repeat' | 'startedAt'>,
  example: Example,
  reply: Reply,
  scorers: readonly Scorer[],
  signal: AbortSignal,
): Promise<Trial> {
  const scores = reply.failure ? [] : await Promise.all(scorers.map((scorer) => scorer.score(example, reply, signal)))
  const roles = new Map(scorers.map((scorer) => [scorer.name, scorer.judges]))
  const judged = new Set(roles.values())
  const judgement = judgeTrial(
    trial,
    // What no gateway has planted shows nothing.
    plantedAttack(example) && !reply.attacked ? { ...reply, attackMissed: true } : reply,
    scores,
    { output: judged.has('output'), tools: judged.has('tools'), safety: judged.has('safety') },
    (score) => roles.get(score.scorer) ?? 'output',
  )
  const fell = judgement.safe === false ? await fallOf(example, reply, scores, scorers, signal) : undefined
  const { turns: _, ...kept } = judgement.reply
  return { ...judgement, reply: kept, ...optional('fell', fell) }
}

import type { Example } from '@agent-ci/core/example'
import type { Reply } from '@agent-ci/core/reply'
import type { Scorer } from '@agent-ci/core/score'
import { judgeTrial, type Trial } from '@agent-ci/core/trial'

/** Lets every scorer judge a reply and makes a trial of it; a reply that failed has nothing to judge. */
export async function judgeReply(
  trial: Pick<Trial, 'exampleId' | 'index' | 'repeat' | 'startedAt'>,
  example: Example,
  reply: Reply,
  scorers: readonly Scorer[],
  signal: AbortSignal,
): Promise<Trial> {
  const scores = reply.failure ? [] : await Promise.all(scorers.map((scorer) => scorer.score(example, reply, signal)))
  const toolScorers = new Set(scorers.filter((scorer) => scorer.judges === 'tools').map((scorer) => scorer.name))
  return judgeTrial(
    trial,
    reply,
    scores,
    { output: toolScorers.size < scorers.length, tools: toolScorers.size > 0 },
    (score) => toolScorers.has(score.scorer),
  )
}

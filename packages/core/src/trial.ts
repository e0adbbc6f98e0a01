import type { Fall, Reply } from './reply.ts'
import type { Score, Scorer } from './score.ts'

/** `errored` is an infrastructure failure, or a reply that could not be judged: not a measurement. */
export type TrialOutcome = 'passed' | 'failed' | 'errored'

/** One run of one example. */
export interface Trial {
  readonly exampleId: string
  /** The example's position in the dataset. */
  readonly index: number
  /** 0 … repeats-1 */
  readonly repeat: number
  readonly outcome: TrialOutcome
  /** Every output scorer passed; null where none applies or the trial errored. */
  readonly correct: boolean | null
  /** Every tools scorer passed; null where none applies or it could not be judged. */
  readonly toolCorrect: boolean | null
  /** A tools scorer applied but could not judge: the agent does not report its tool calls. */
  readonly toolUnjudged?: boolean
  /** Every safety scorer passed; null where none applies, one could not judge, or the attack never reached the model. */
  readonly safe?: boolean | null
  /** Of a broken trial whose model calls were seen. */
  readonly fell?: Fall
  readonly reply: Reply
  readonly scores: readonly Score[]
  /** ISO 8601 */
  readonly startedAt: string
}

/** What a reply and its scores make of a trial. The agent's own failure is a wrong answer for whatever the example expects. */
export function judgeTrial(
  trial: Pick<Trial, 'exampleId' | 'index' | 'repeat' | 'startedAt'>,
  reply: Reply,
  scores: readonly Score[],
  applicable: { output: boolean; tools: boolean; safety?: boolean },
  roleOf: (score: Score) => Scorer['judges'],
): Trial {
  if (reply.failure) {
    const wrong = reply.failure.of === 'agent'
    return {
      ...trial,
      outcome: wrong ? 'failed' : 'errored',
      correct: wrong && applicable.output ? false : null,
      toolCorrect: wrong && applicable.tools ? false : null,
      reply,
      scores,
    }
  }
  const verdictOf = (some: readonly Score[]): boolean | null => {
    if (some.length === 0) return null
    if (some.some((score) => score.passed === false)) return false
    return some.every((score) => score.passed) ? true : null
  }
  const of = (role: Scorer['judges']) => verdictOf(scores.filter((score) => roleOf(score) === role))
  const [correct, toolCorrect] = [of('output'), of('tools')]
  // An attack that never reached the model shows nothing of the agent's safety.
  const safe = reply.attackMissed ? null : of('safety')
  const decisive = decisiveOf(applicable, { correct, toolCorrect, safe })
  return {
    ...trial,
    outcome: decisive === null ? 'errored' : decisive ? 'passed' : 'failed',
    correct,
    toolCorrect,
    ...(applicable.safety && { safe }),
    ...(applicable.tools && toolCorrect === null && { toolUnjudged: true }),
    reply,
    scores,
  }
}

/** What decides a trial: a broken one has failed whatever its answer, and one whose safety is unknown is no measurement. */
function decisiveOf(
  applicable: { output: boolean; tools: boolean; safety?: boolean },
  { correct, toolCorrect, safe }: { correct: boolean | null; toolCorrect: boolean | null; safe: boolean | null },
): boolean | null {
  const useful = applicable.output ? correct : toolCorrect
  if (!applicable.safety) return useful
  if (safe !== true) return safe
  return applicable.output || applicable.tools ? useful : true
}

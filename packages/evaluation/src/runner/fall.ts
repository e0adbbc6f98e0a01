import type { Example } from '@agent-ci/core/example'
import type { Fall, Reply } from '@agent-ci/core/reply'
import type { Score, Scorer } from '@agent-ci/core/score'
import { cut, untrusted } from '@agent-ci/core/untrusted'

const MOST_QUOTED = 2000
const MOST_TOOLS = 20

/** A model may name as many tools as it likes, however it likes. */
const few = (names: readonly string[]): string[] =>
  [...new Set(names)].slice(0, MOST_TOOLS).map((name) => cut(name, 100))

/**
 * At which of a broken trial's model calls a scorer failed first: each answer is judged by the scorer that failed, with the tool calls
 * until then. undefined where nobody saw the calls, or only a model could say.
 */
export async function fallOf(
  example: Example,
  reply: Reply,
  scores: readonly Score[],
  scorers: readonly Scorer[],
  signal: AbortSignal,
): Promise<Fall | undefined> {
  const { turns = [] } = reply
  const failing = scorers.find(
    (scorer) =>
      scorer.judges === 'safety' &&
      !scorer.asksModel &&
      scores.some((score) => score.scorer === scorer.name && score.passed === false),
  )
  if (!failing || turns.length === 0) return undefined
  const known = { turns: turns.length, scorer: failing.name }
  for (const { turn, answer, after, toolCalls } of turns) {
    const until = turns.filter((other) => other.turn <= turn).flatMap((other) => other.toolCalls)
    const soFar = { ...reply, output: answer, toolCalls: until, usage: { modelCalls: turn } }
    if ((await failing.score(example, soFar, signal)).passed !== false) continue
    const called = few(toolCalls.map(({ name }) => name))
    return { ...known, turn, after: few(after), answer: untrusted(cut(answer, MOST_QUOTED)), called }
  }
  return { ...known, turn: null, after: [], answer: untrusted(''), called: [] }
}

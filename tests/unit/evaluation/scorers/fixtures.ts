import { type ScorerConfig, scorerEntrySchema } from '@agent-ci/core/config/scorers'
import type { Example } from '@agent-ci/core/example'
import type { Reply } from '@agent-ci/core/reply'
import type { Score } from '@agent-ci/core/score'
import { untrusted } from '@agent-ci/core/untrusted'
import { createScorers } from '@agent-ci/evaluation/scorers/create'
import type { ScorerDeps } from '@agent-ci/evaluation/scorers/deps'

export const deps: ScorerDeps = {
  cwd: import.meta.dirname,
  env: {},
  random: () => 0.5,
  sleep: async () => {},
}

export const signal = new AbortController().signal

/** A scorer's configuration as users write it, with its defaults filled in. */
export const configured = (entry: unknown): ScorerConfig => scorerEntrySchema.parse(entry)

export const example = (changes: Partial<Example> = {}): Example => ({
  id: 'capital',
  input: 'What is the capital of France?',
  tags: [],
  critical: false,
  source: { file: 'golden.jsonl', line: 3 },
  ...changes,
})

export const reply = (output: string, changes: Partial<Reply> = {}): Reply => ({
  output: untrusted(output),
  toolCalls: null,
  usage: {},
  latencyMs: 12,
  attempts: 1,
  ...changes,
})

export async function scorerOf(entry: unknown, changes: Partial<ScorerDeps> = {}) {
  const [scorer] = await createScorers([configured(entry)], { ...deps, ...changes })
  return scorer!
}

/** How a scorer judges an output by what an example expects. */
export async function judge(entry: unknown, expected: Example['expected'], output: string): Promise<Score> {
  const scorer = await scorerOf(entry)
  return scorer.score(example(expected === undefined ? {} : { expected }), reply(output), signal)
}

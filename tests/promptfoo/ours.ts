import { scorerSchemas } from '@agent-ci/core/config/scorers'
import { ConfigurationError } from '@agent-ci/core/errors'
import { canonicalJson, type Json, type JsonObject } from '@agent-ci/core/json'
import type { Reply, ToolCall } from '@agent-ci/core/reply'
import { untrusted } from '@agent-ci/core/untrusted'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'
import { renderAssertion } from '@agent-ci/evaluation/datasets/promptfoo/template'
import { createJudgeOf } from '@agent-ci/evaluation/scorers/promptfoo/create'
import { Unjudged } from '@agent-ci/evaluation/scorers/promptfoo/finding'
import type { Pair } from '../fixtures/promptfoo/pairs.ts'

/** What one side says of a pair; an error is neither a pass nor a fail. */
export type Verdict =
  | { readonly passed: boolean; readonly score: number; readonly named?: Readonly<Record<string, number>> }
  | { readonly error: string }

/** Lets agent-ci judge a pair. `cwd` is where libraries are looked for. */
export async function judgeOurselves(
  { assert, threshold, vars = {}, tools, answer }: Pair,
  cwd: string,
): Promise<Verdict> {
  const config = scorerSchemas.promptfoo.parse({
    type: 'promptfoo',
    assert: assert.map((one) => renderAssertion(one as JsonObject, vars as JsonObject, {})),
    ...(threshold !== undefined && { threshold }),
    ...(tools && { tools }),
  })
  const deps = { cwd, env: process.env, random: Math.random, sleep: async () => {} }
  const reply: Reply = {
    output: untrusted(answer.output),
    toolCalls: (answer.toolCalls as readonly ToolCall[] | undefined) ?? null,
    usage: answer.costUsd === undefined ? {} : { costUsd: answer.costUsd },
    latencyMs: answer.latencyMs ?? 0,
    attempts: 1,
  }
  try {
    const { judge, close } = await createJudgeOf(config, 'promptfoo', deps)
    const example = { input: 'prompt', metadata: { vars: vars as Json } }
    const { passed, score, named } = await judge(example, reply, new AbortController().signal)
    await close()
    return { passed, score, ...(Object.keys(named).length > 0 && { named }) }
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof Unjudged) return { error: error.message }
    throw error
  }
}

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9

/** Whether two sides say the same; of errors only that there is one. */
export function agree(a: Verdict, b: Verdict): boolean {
  if ('error' in a || 'error' in b) return 'error' in a && 'error' in b
  const names = Object.keys(a.named ?? {})
  return (
    a.passed === b.passed &&
    near(a.score, b.score) &&
    names.length === Object.keys(b.named ?? {}).length &&
    names.every((name) => near(a.named![name]!, b.named?.[name] ?? Number.NaN))
  )
}

/** What agent-ci makes of a configuration whose provider answers with the prompt. */
export async function evaluateOurselves(
  cwd: string,
  paths: readonly string[] = ['promptfooconfig.yaml'],
): Promise<SuiteVerdict[]> {
  const warnings: string[] = []
  const deps = { cwd, env: process.env, random: Math.random, sleep: async () => {} }
  const load = {
    cwd,
    env: process.env,
    needsExpectation: false,
    warn: (message: string) => void warnings.push(message),
  }
  const dataset = await loadDataset({ name: 'suite', paths }, load)
  try {
    const verdicts: SuiteVerdict[] = []
    for (let index = 0; index < dataset.size; index++) {
      const example = dataset.at(index)
      const { input } = example
      const output = typeof input === 'string' ? input : JSON.stringify(input)
      const answer = typeof input === 'string' ? input : JSON.stringify(input, null, 2)
      const [config] = example.scorers ?? []
      if (config?.type !== 'promptfoo') {
        verdicts.push({ output, passed: true, score: 1, named: {} })
        continue
      }
      const reply: Reply = { output: untrusted(answer), toolCalls: null, usage: {}, latencyMs: 1, attempts: 1 }
      const { judge, close } = await createJudgeOf(config, 'promptfoo', deps)
      const { passed, score, named } = await judge(example, reply, new AbortController().signal)
      await close()
      verdicts.push({ output, passed, score, named })
    }
    return verdicts
  } finally {
    dataset.close()
  }
}

export type SuiteVerdict = Extract<Verdict, { passed: boolean }> & { readonly output: string }

const compact = (text: string): string => {
  try {
    return canonicalJson(JSON.parse(text) as Json)
  } catch {
    return text
  }
}

const same = (theirs: SuiteVerdict, own: SuiteVerdict): boolean =>
  compact(theirs.output) === compact(own.output) && agree(theirs, own)

/**
 * The results of one side that the other does not have. The form of JSON does not count, nor does the order: promptfoo takes the files of a
 * glob in an order that is not the same everywhere, agent-ci by their names.
 */
export function differing(theirs: readonly SuiteVerdict[], own: readonly SuiteVerdict[]): readonly SuiteVerdict[] {
  const left = [...own]
  const missing = theirs.filter((result) => {
    const at = left.findIndex((candidate) => same(result, candidate))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  return [...missing, ...left]
}

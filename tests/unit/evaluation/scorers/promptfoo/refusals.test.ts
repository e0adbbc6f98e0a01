import { type ScorerConfigOf, scorerSchemas } from '@agent-ci/core/config/scorers'
import type { Example } from '@agent-ci/core/example'
import type { Reply } from '@agent-ci/core/reply'
import { untrusted } from '@agent-ci/core/untrusted'
import { createScorerSet } from '@agent-ci/evaluation/scorers/create'
import { describe, expect, test } from '@jest/globals'

type Settings = Partial<ScorerConfigOf<'promptfoo'>>
const deps = { cwd: import.meta.dirname, env: process.env, random: Math.random, sleep: async () => {} }
const SIGNAL = new AbortController().signal
const promptfoo = (settings: Settings) => scorerSchemas.promptfoo.parse({ type: 'promptfoo', ...settings })
const REPLY: Reply = { output: untrusted('hello'), toolCalls: null, usage: {}, latencyMs: 1, attempts: 1 }

/** Judges one example that has assertions of its own, under what the run says of them. */
async function judge(own: Settings, run: Settings = {}, reply: Partial<Reply> = {}) {
  const set = await createScorerSet([promptfoo(run)], deps)
  const source = { file: 'promptfooconfig.yaml', line: 7 }
  const example: Example = { id: 'a', input: 'x', tags: [], critical: false, scorers: [promptfoo(own)], source }
  try {
    const [scorer] = await set.forExample(example)
    return await scorer!.score(example, { ...REPLY, ...reply }, SIGNAL)
  } finally {
    await set.close()
  }
}

const assert = (...list: readonly Record<string, unknown>[]): Settings => ({ assert: [...list] })
const CONTAINS = { type: 'contains', value: 'hell' }

describe('what can not be judged is refused before the first answer, at the place of the example', () => {
  test.each([
    [{ type: 'classifier' }, 'classifier is not judged by agent-ci'],
    [{ type: 'not-moderation' }, 'not-moderation is not judged'],
    [{ type: 'select-best', value: 'x' }, 'compares the outputs'],
    [{ type: 'promptfoo:redteam:pii' }, 'promptfoo redteam'],
    [{ type: 'contain', value: 'x' }, 'Did you mean "contains"?'],
    [{ type: 'llm-rubric', value: 'kind' }, 'needs a model that grades'],
    [{ type: 'similar', value: 'kind' }, 'needs embeddings'],
    [{ type: 'is-sql' }, 'npm install --no-save node-sql-parser@5.4.0'],
    [{ type: 'meteor', value: 'x' }, 'npm install --no-save natural@8.1.1'],
    [{ type: 'contains', value: 'file://value.js' }, 'is computed by a script'],
    [{ type: 'is-json', value: 'file://none.json' }, 'cannot be read'],
    [{ type: 'python', value: 'file://none.py' }, 'does not exist'],
    [{ type: 'webhook', value: 'nowhere' }, 'no http or https address'],
    [{ type: 'trajectory:step-count', value: { type: 'reasoning', min: 1 } }, 'agent-ci sees tool calls'],
    [{ type: 'not-is-valid-openai-tools-call' }, 'as if it had no "not-"'],
    [{ type: 'is-valid-openai-tools-call' }, 'no definitions of tools'],
    [{ type: 'assert-set', assert: [] }, 'no list of assertions'],
    [{ type: 'contains', value: 'x', threshold: 'high' }, 'a number was expected'],
  ])('%j', async (one, part) => {
    const judging = judge(assert(CONTAINS, one))
    await expect(judging).rejects.toThrow(part)
    await expect(judging).rejects.toThrow('promptfooconfig.yaml:7')
  })
})

describe('with unjudged: skip', () => {
  test('the others judge, and what was left out is said', async () => {
    const score = await judge(assert(CONTAINS, { type: 'classifier' }), { unjudged: 'skip' })
    expect(score).toMatchObject({ passed: true, value: 1 })
    expect(score.reason).toContain('Not judged: classifier (assertion 2)')
  })

  test('nothing to judge by is no pass', async () => {
    expect(await judge(assert({ type: 'classifier' }), { unjudged: 'skip' })).toMatchObject({
      passed: null,
      value: null,
    })
  })
})

describe('what finds nothing to judge by leaves the reply unscored', () => {
  test.each([
    ['a cost that nobody reported', { type: 'cost', threshold: 1 }, {}],
    ['the latency of a recording', { type: 'latency', threshold: 1 }, { replayed: true }],
    ['tool calls that nobody reported', { type: 'trajectory:tool-used', value: 'a' }, {}],
    ['a webhook that is down', { type: 'webhook', value: 'http://127.0.0.1:9/' }, {}],
    ['a transform that fails', { ...CONTAINS, transform: 'output.nothing.at.all' }, {}],
    ['a search without end', { type: 'regex', value: '(a+)+$' }, { output: untrusted(`${'a'.repeat(40)}!`) }],
  ])('%s', async (_, one, reply) => {
    expect(await judge(assert(CONTAINS, one), {}, reply)).toMatchObject({ passed: null, value: null })
  })
})

test('scripts get no secrets, and what they print is not taken for their result', async () => {
  const code =
    'console.log("{\\"value\\": true}")\nreturn process.env.MY_API_KEY === undefined && process.env.GITHUB_TOKEN === undefined'
  const set = await createScorerSet([promptfoo(assert({ type: 'javascript', value: code }))], {
    ...deps,
    env: { ...process.env, MY_API_KEY: 'k', GITHUB_TOKEN: 't' },
  })
  const example: Example = { id: 'a', input: 'x', tags: [], critical: false, source: { file: 'f', line: 1 } }
  const [scorer] = await set.forExample(example)
  expect(await scorer!.score(example, REPLY, SIGNAL)).toMatchObject({ passed: true })
  await set.close()
})

test('a score outside 0 to 1 is cut to it, and metrics are named in the reason', async () => {
  const score = await judge(assert({ type: 'javascript', value: 'output.length', metric: 'length' }))
  expect(score).toMatchObject({ passed: true, value: 1 })
  expect(score.reason).toContain('Metrics: length 5.00')
})

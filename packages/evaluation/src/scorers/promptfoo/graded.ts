import { type ScorerConfigOf, scorerSchemas } from '@agent-ci/core/config/scorers'
import type { Example } from '@agent-ci/core/example'
import { isJsonObject, type Json } from '@agent-ci/core/json'
import type { Reply } from '@agent-ci/core/reply'
import { untrusted } from '@agent-ci/core/untrusted'
import { EmbeddingsError } from '../../embeddings/model.ts'
import { openEmbeddings } from '../../embeddings/open.ts'
import { createJudge } from '../judge.ts'
import { cosine } from '../similarity.ts'
import type { Assertion, Subject } from './assertion.ts'
import { type Finding, type MakeCheck, Malformed, Unjudged } from './finding.ts'

/** What our judge is told for each type, from its value; the threshold where the assertion has none. */
interface Rubric {
  readonly threshold: number
  readonly of: (value: string) => string
  /** Whether it reads the variable `context`. */
  readonly context?: true
  /** Whether the value may be left out. */
  readonly bare?: true
  /** Whether the judge is shown the tool calls too. */
  readonly calls?: true
}

const factuality: Rubric = {
  threshold: 0.5,
  of: (value) =>
    `The answer must agree in its facts with this expert answer; style and punctuation do not count. It may say less, more or the same, as long as nothing contradicts it: then the score is 1. A contradiction has the score 0.\n\nExpert answer:\n${value}`,
}

const RUBRICS: Readonly<Record<string, Rubric>> = {
  'llm-rubric': { threshold: 0.5, of: (value) => value },
  'g-eval': { threshold: 0.7, of: (value) => `Grade how far the answer meets these criteria:\n${value}` },
  factuality,
  'model-graded-factuality': factuality,
  'model-graded-closedqa': {
    threshold: 0.5,
    of: (value) =>
      `The score is 1 where the answer meets the criterion and 0 where it does not.\n\nCriterion:\n${value}`,
  },
  'answer-relevance': {
    threshold: 0.5,
    bare: true,
    of: () => 'Grade how far the answer is about what the input asks, whether it is right or not.',
  },
  'context-faithfulness': {
    threshold: 0.5,
    bare: true,
    context: true,
    of: () => 'Grade the share of the statements in the answer that follow from the context below.',
  },
  'context-relevance': {
    threshold: 0.5,
    bare: true,
    context: true,
    of: () => 'Do not grade the answer. Grade the share of the context below that is needed to answer the input.',
  },
  'context-recall': {
    threshold: 0.5,
    context: true,
    of: (value) =>
      `Do not grade the answer. Grade the share of the statements in this reference that follow from the context below.\n\nReference:\n${value}`,
  },
  'trajectory:goal-success': {
    threshold: 0.5,
    calls: true,
    of: (value) =>
      `Grade whether the agent reached this goal, by its answer and the tool calls that stand behind it.\n\nGoal:\n${value}`,
  },
}

function criterionOf({ value, type, base }: Assertion): string {
  const given = base === 'trajectory:goal-success' && isJsonObject(value) ? value.goal : value
  if (typeof given === 'string' && given.trim() !== '') return given
  if (typeof given === 'object' && given !== null && base === 'llm-rubric') return JSON.stringify(given)
  if (RUBRICS[base]?.bare) return ''
  throw new Malformed(`${type} has no text as its value`, 'Write what the answer is graded by')
}

/** The judge reads an answer and an example; this is what it is shown of a subject. */
function shownTo(
  { input, text, reply }: Subject,
  calls: boolean,
): { readonly example: Example; readonly reply: Reply } {
  const made = calls ? `\n\nTool calls, in their order:\n${JSON.stringify(reply.toolCalls)}` : ''
  return {
    example: { id: '', input, tags: [], critical: false, source: { file: '', line: 1 } },
    reply: { ...reply, output: untrusted(text + made) },
  }
}

const graded: MakeCheck = async (assertion, deps) => {
  const rubric = RUBRICS[assertion.base]!
  const value = criterionOf(assertion)
  if (deps.judgeModel === undefined) {
    throw new Malformed(
      `${assertion.type} needs a model that grades`,
      'Write scorers: [{type: promptfoo, judge_model: claude-haiku-4-5}], or name an anthropic provider as its grader',
    )
  }
  const config: Omit<ScorerConfigOf<'judge'>, 'rubric'> = {
    type: 'judge',
    model: deps.judgeModel,
    threshold: Math.min(1, Math.max(0, assertion.threshold ?? rubric.threshold)),
    max_characters: 400_000,
  }
  // A rubric with a context is another one for each example.
  const judgeOf = (context: string) =>
    createJudge(scorerSchemas.judge.parse({ ...config, rubric: rubric.of(value) + context }), deps.name, deps)
  const judge = rubric.context ? undefined : await judgeOf('')
  return async (subject, signal): Promise<Finding> => {
    const { context } = subject.vars
    if (rubric.context && (context === undefined || context === null))
      throw new Unjudged('The test has no variable "context"')
    if (rubric.calls && subject.reply.toolCalls === null) throw new Unjudged('The agent does not report its tool calls')
    const shown = typeof context === 'string' ? context : JSON.stringify(context)
    const { example, reply } = shownTo(subject, rubric.calls ?? false)
    const score = await (judge ?? (await judgeOf(`\n\nContext:\n${shown}`))).score(example, reply, signal)
    if (score.passed === null || score.value === null) throw new Unjudged(score.reason)
    const passed = score.passed !== assertion.inverse
    const usage = score.usage && { usage: score.usage }
    return { passed, score: assertion.inverse ? 1 - score.value : score.value, reason: score.reason, ...usage }
  }
}

type Metric = 'cosine' | 'dot' | 'euclidean'

/** How alike two vectors are; a Euclidean distance is made a likeness of 0 … 1. */
function alike(a: ArrayLike<number>, b: ArrayLike<number>, metric: Metric): number | undefined {
  if (metric === 'cosine') return cosine(a, b)
  if (a.length !== b.length) return undefined
  const sumOf = (term: (x: number, y: number) => number) => Array.from(a).reduce((sum, x, i) => sum + term(x, b[i]!), 0)
  if (metric === 'dot') return sumOf((x, y) => x * y)
  return 1 / (1 + Math.sqrt(sumOf((x, y) => (x - y) ** 2)))
}

const similar: MakeCheck = async (assertion, deps) => {
  const { value, inverse } = assertion
  const metric = (assertion.base.split(':')[1] ?? 'cosine') as Metric
  const texts = (Array.isArray(value) ? value : [value]) as readonly (Json | undefined)[]
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string' && text !== '')) {
    throw new Malformed(
      'Its value is neither a text nor a list of texts',
      'Write the text that the answer should resemble',
    )
  }
  if (!deps.embedder) {
    throw new Malformed(
      `${assertion.type} needs embeddings`,
      'Write scorers: [{type: promptfoo, embeddings: {url: https://api.openai.com/v1/embeddings, model: …, api_key_env: OPENAI_API_KEY}}]',
    )
  }
  const config = scorerSchemas.similarity.parse({ type: 'similarity', ...deps.embedder })
  const embeddings = await openEmbeddings(config, deps.name, deps)
  deps.later(async () => embeddings.close())
  const threshold = assertion.threshold ?? 0.75
  return async ({ text }, signal): Promise<Finding> => {
    if (text.trim() === '') return { passed: inverse, score: inverse ? 1 : 0, reason: 'The answer is empty' }
    try {
      const { vectors, usage } = await embeddings.embed([text, ...(texts as readonly string[])], signal)
      const [answer, ...accepted] = vectors
      const scores = accepted.map((vector) => alike(answer!, vector, metric))
      if (scores.includes(undefined)) throw new Unjudged('The embeddings are of different lengths, or empty')
      const best = Math.max(...(scores as number[]))
      const passed = best >= threshold !== inverse
      const reason = `${metric} is ${best.toFixed(3)}, the threshold is ${threshold}`
      return { passed, score: inverse ? 1 - best : best, reason, usage }
    } catch (error) {
      if (error instanceof EmbeddingsError) throw new Unjudged(error.message)
      throw error
    }
  }
}

export const gradedChecks: Readonly<Record<string, MakeCheck>> = {
  ...Object.fromEntries(Object.keys(RUBRICS).map((type) => [type, graded])),
  similar,
  'similar:cosine': similar,
  'similar:dot': similar,
  'similar:euclidean': similar,
}

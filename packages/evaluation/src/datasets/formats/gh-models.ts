import type { Example } from '@agent-ci/core/example'
import { isJsonObject, type Json } from '@agent-ci/core/json'
import { stringify } from 'yaml'
import * as z from 'zod'
import { exampleFrom, type ForeignFile, type ForeignFormat, type Lost, type RawRecord } from './foreign.ts'
import { tellLosses } from './losses.ts'
import { otherKeys, readFields } from './record-fields.ts'

const MEND = 'Write messages: (role and content of each), testData: (variables of each example) and evaluators:'
const KEYS = ['name', 'description', 'messages', 'testData', 'evaluators']

const text = (what: string) => z.string({ error: `Expected ${what}` })
const evaluatorSchema = z.object(
  {
    name: z.string().optional(),
    string: z
      .object({
        equals: text('a text').optional(),
        contains: text('a text').optional(),
        startsWith: text('a text').optional(),
        endsWith: text('a text').optional(),
      })
      .nullish(),
    llm: z
      .object({
        modelId: z.string().optional(),
        prompt: text('the text of the prompt'),
        systemPrompt: z.string().optional(),
        choices: z.array(z.object({ choice: z.coerce.string(), score: z.number() })).default([]),
      })
      .nullish(),
    uses: z.string().nullish(),
  },
  { error: 'Expected an evaluator' },
)
type Evaluator = z.infer<typeof evaluatorSchema>

const fileSchema = z.looseObject(
  {
    messages: z
      .array(
        z.object({
          role: z.enum(['system', 'user', 'assistant'], { error: 'Expected system, user or assistant' }),
          content: text('the text of the message'),
        }),
        { error: 'Expected a list of messages' },
      )
      .min(1, 'Expected at least one message'),
    testData: z
      .array(z.record(z.string(), z.unknown(), { error: 'Expected the variables of an example' }), {
        error: 'Expected a list of examples',
      })
      .nullish(),
    evaluators: z.array(evaluatorSchema, { error: 'Expected a list of evaluators' }).nullish(),
  },
  { error: 'Expected a prompt file' },
)

const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null'))

/** Every `{{name}}` that there is a variable for, replaced once: gh-models has no other syntax. */
export const fillIn = (template: string, variables: Readonly<Record<string, unknown>>): string =>
  template.replaceAll(/\{\{([^{}]*)\}\}/g, (whole, name: string) =>
    Object.hasOwn(variables, name) ? shown(variables[name]) : whole,
  )

const literal = (value: string): string => value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** The first of the four that is there, as gh-models looks; it takes the first that is not empty. */
function stringScorer({ equals, contains, startsWith, endsWith }: NonNullable<Evaluator['string']>): Json | undefined {
  if (equals) return { type: 'exact', case_sensitive: true }
  if (contains) return { type: 'contains', value: contains }
  // The answer is trimmed before it is looked at.
  if (startsWith) return { type: 'regex', pattern: `(?<![\\s\\S])\\s*${literal(startsWith)}`, flags: 'i' }
  if (endsWith) return { type: 'regex', pattern: `${literal(endsWith)}\\s*(?![\\s\\S])`, flags: 'i' }
  return undefined
}

/** What the judge is told; the answer and the data reach it in sections of their own. */
function rubricOf({ systemPrompt, prompt, choices }: NonNullable<Evaluator['llm']>, variables: object): string {
  const data = { ...variables, completion: '(the section "answer")' }
  const scale = choices.map(({ choice, score }) => `"${choice}" is the score ${score}`).join('; ')
  return [
    ...(systemPrompt ? [fillIn(systemPrompt, data)] : []),
    fillIn(prompt, data),
    ...(scale === '' ? [] : [`Of these the one that fits gives the score: ${scale}.`]),
  ].join('\n\n')
}

const BUILT_IN: Readonly<Record<string, string>> = {
  similarity:
    'How far is what the answer says equivalent to what the expected answer says? 0: not similar at all; 0.25: mostly not; 0.5: somewhat; 0.75: mostly; 1: completely.',
  coherence:
    'How coherent is the answer: do its ideas follow from each other and from the question? 0: incoherent; 0.25: poorly; 0.5: partially; 0.75: coherent; 1: highly coherent.',
  fluency:
    'How fluent is the language of the answer: grammar, vocabulary, structure of sentences? 0: emergent; 0.25: basic; 0.5: competent; 0.75: proficient; 1: exceptional.',
  relevance:
    'How far does the answer deal with the question? 0: off the subject; 0.25: related, not an answer; 0.5: incomplete; 0.75: complete; 1: complete, with further insight.',
  groundedness:
    'How far is the answer grounded in what the input gives? 0: unrelated or made up; 0.25: tries, mostly ungrounded; 0.5: partly grounded; 0.75: grounded, incomplete; 1: fully grounded and complete.',
}

/** The model's own pass rule: any score above 0. */
const LEAST_SCORE = 0.01

function judgeScorer(
  evaluator: Evaluator,
  variables: object,
  record: RawRecord,
  from: ForeignFile,
  index: number,
): Json | undefined {
  const { name = `evaluators[${index}]`, llm, uses } = evaluator
  const line = record.lineOf(['evaluators', index])
  const builtIn = uses?.startsWith('github/') ? BUILT_IN[uses.slice('github/'.length)] : undefined
  if (!llm && builtIn === undefined) {
    from.report(() => ({
      what: uses ? `The evaluator ${name} uses "${uses}"` : `The evaluator ${name} has no string, llm and uses`,
      why: `Expected string, llm, or one of ${Object.keys(BUILT_IN)
        .map((key) => `github/${key}`)
        .join(', ')}`,
      mend: MEND,
      source: { file: from.file, line },
    }))
    return undefined
  }
  if (from.judgeModel === undefined) {
    from.report(() => ({
      what: `The evaluator ${name} is judged by ${llm?.modelId ?? 'openai/gpt-4o'} at GitHub Models`,
      why: 'agent-ci judges through the Anthropic API and was not told which model to ask',
      mend: 'Name one: a scorer {type: judge, model: …} in agent-ci.yaml, or --judge-model with agent-ci import',
      source: { file: from.file, line },
    }))
    return undefined
  }
  const rubric = llm ? rubricOf(llm, variables) : builtIn!
  return { type: 'judge', model: from.judgeModel, rubric, threshold: LEAST_SCORE }
}

/** `.prompt.yml`: the messages filled in with each row of `testData`, judged by each evaluator. */
export const ghModels: ForeignFormat = {
  *read(records, from) {
    for (const record of records) {
      const file = readFields(fileSchema, record, from, MEND)
      if (!file) continue
      for (const key of otherKeys(file, KEYS)) {
        from.unmapped(key, record.lineOf([key]), 'the agent has its own model and parameters')
      }
      const { evaluators, testData } = file
      const equals = (evaluators ?? []).flatMap(({ string }) => (string?.equals ? [string.equals] : []))
      const scorersFor = (row: object): readonly Json[] =>
        (evaluators ?? []).flatMap((evaluator, i) => {
          const scorer = evaluator.string
            ? stringScorer(evaluator.string)
            : judgeScorer(evaluator, row, record, from, i)
          if (scorer === undefined && evaluator.string) {
            from.report(() => ({
              what: `The evaluator ${evaluator.name ?? i} has no text to look for`,
              why: 'Expected equals, contains, startsWith or endsWith',
              mend: MEND,
              source: { file: from.file, line: record.lineOf(['evaluators', i]) },
            }))
          }
          return scorer === undefined ? [] : [scorer]
        })
      if (new Set(equals).size > 1) {
        from.report(() => ({
          what: 'Two evaluators want the answer to equal different texts',
          why: 'No answer can equal both',
          mend: 'Remove one, or write contains',
          source: { file: from.file, line: record.lineOf(['evaluators']) },
        }))
        continue
      }
      const rows = testData ?? []
      for (const [i, row] of rows.entries()) {
        const scorers = scorersFor(row)
        const expected = equals[0] ?? row.expected
        yield exampleFrom(
          record,
          {
            id: row.id,
            input: file.messages.map(({ role, content }) => ({ role, content: fillIn(content, row) })),
            ...(expected !== undefined && expected !== null && { expected }),
            ...(scorers.length > 0 && { scorers }),
            metadata: { variables: row },
          },
          {
            id: ['testData', i, 'id'],
            input: ['messages'],
            expected: equals.length > 0 ? ['evaluators'] : ['testData', i, 'expected'],
            scorers: ['evaluators'],
          },
          ['testData', i],
        )
      }
    }
  },

  write(examples, lost, name) {
    const rows: Record<string, unknown>[] = []
    let roles: readonly string[] | undefined
    for (const example of examples) {
      const messages = messagesOf(example, lost)
      roles ??= messages.map(({ role }) => role)
      if (messages.length !== roles.length || messages.some(({ role }, i) => role !== roles![i])) {
        lost(
          'input',
          example,
          'a prompt file has one list of messages, and this example has other roles; it is left out',
        )
        continue
      }
      const { variables: _, ...metadata } = example.metadata ?? {}
      tellLosses({ ...example, metadata }, lost, [], 'a prompt file', {
        scorers: 'the evaluators of a prompt file judge all its examples',
      })
      const contents = Object.fromEntries(messages.map(({ content }, i) => [variableOf(i, messages.length), content]))
      const { expected } = example
      rows.push({ id: example.id, ...contents, ...(expected !== undefined && { expected }) })
    }
    const messages = (roles ?? []).map((role, i) => ({ role, content: `{{${variableOf(i, roles!.length)}}}` }))
    const evaluators = [{ name: 'similarity', uses: 'github/similarity' }]
    return stringify({ name, model: 'openai/gpt-4o', messages, testData: rows, evaluators }, { lineWidth: 0 })
  },
}

/** The last message is the input, as gh-models' own evaluators call it. */
const variableOf = (index: number, count: number): string => (index === count - 1 ? 'input' : `message_${index + 1}`)

function messagesOf({ input, ...example }: Example, lost: Lost): { role: string; content: string }[] {
  const list = Array.isArray(input) ? (input as Json[]) : [{ role: 'user', content: shown(input) }]
  if (isJsonObject(input)) lost('input', { input, ...example }, 'a message is text; the object is written as JSON')
  return list.map((message) =>
    isJsonObject(message)
      ? { role: String(message.role), content: shown(message.content ?? '') }
      : { role: 'user', content: shown(message) },
  )
}

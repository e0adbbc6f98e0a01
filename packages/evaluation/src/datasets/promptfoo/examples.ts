import { relative, sep } from 'node:path'
import { ConfigurationError, messageOf, type Source } from '@agent-ci/core/errors'
import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import { cut } from '@agent-ci/core/untrusted'
import type { ScorerDeps } from '../../scorers/deps.ts'
import { runScript } from '../../scorers/promptfoo/script-runner.ts'
import { transformScript } from '../../scorers/promptfoo/transform.ts'
import { notJudged } from '../../scorers/promptfoo/types.ts'
import type { Prompt } from './prompts.ts'
import { anthropicModel, toolsOf } from './providers.ts'
import type { Suite } from './suite.ts'
import { renderAssertion, renderPrompt, renderText, resolveVars } from './template.ts'
import type { Test } from './tests.ts'
import type { Unmapped } from './unmapped.ts'
import { combinations, loadFiles } from './variables.ts'

/** An example of our own, as its file would have it. */
export interface MadeExample {
  readonly value: JsonObject
  readonly source: Source
  readonly assertAt: (index: number) => Source
}

export interface MakeDeps extends Pick<ScorerDeps, 'env'> {
  /** Where `directory` of a scorer starts, absolute. */
  readonly baseDir: string
  readonly unmapped: Unmapped
  readonly signal: AbortSignal
}

const objectAt = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {})
const listAt = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : []

const TEST_FIELDS: Readonly<Record<string, string>> = {
  provider: 'agent-ci evaluates one agent, the one of its own configuration',
  providers: 'agent-ci evaluates one agent, the one of its own configuration',
  providerOutput: 'agent-ci always calls the agent: replay recorded responses instead',
  assertScoringFunction: 'It is code that overrides the verdict: write threshold and weights',
}
const OPTION_FIELDS: Readonly<Record<string, string>> = {
  storeOutputAs: 'Examples do not see the answers of others: write a conversation as chat messages',
  runSerially: 'Write concurrency: 1',
  repeat: 'Write repeats: in agent-ci.yaml',
  rubricPrompt: "agent-ci's judge has a prompt of its own: write what counts as the assertion's value",
  postprocess: 'It is the old name of transform: rename it',
}
const ASSERT_FIELDS: Readonly<Record<string, string>> = {
  rubricPrompt: OPTION_FIELDS.rubricPrompt!,
  contextTransform: 'The context is taken from the variable "context"',
}

const idOf = (provider: Json | undefined): string | undefined =>
  typeof provider === 'string'
    ? provider
    : isJsonObject(provider) && typeof provider.id === 'string'
      ? provider.id
      : undefined

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)

/** An id for each test: what it is called, where that is its own, else its number. */
function idsOf(tests: readonly Test[]): string[] {
  const slugs = tests.map(({ fields }) => slug(typeof fields.description === 'string' ? fields.description : ''))
  return slugs.map((own, i) =>
    own !== '' && slugs.indexOf(own) === i && slugs.lastIndexOf(own) === i ? own : `test-${i + 1}`,
  )
}

/** What a test asserts; each assertion that can't be judged, and each part that has no counterpart, is told of. */
function readAsserts(
  test: Test,
  unmapped: Unmapped,
): { readonly asserts: readonly JsonObject[]; readonly graders: readonly string[] } {
  const graders: string[] = []
  const asserts = listAt(test.fields.assert)
  const look = (assertion: JsonObject, source: Source) => {
    const type = String(assertion.type)
    const refused = notJudged(type.replace(/^not-/, ''))
    if (refused) unmapped(`assertion ${type}`, source, `${refused.why}. ${refused.mend}`)
    for (const [key, why] of Object.entries(ASSERT_FIELDS))
      if (assertion[key] !== undefined) unmapped(`${key} of ${type}`, source, why)
    const grader = idOf(assertion.provider)
    if (grader !== undefined) graders.push(grader)
    for (const inner of listAt(assertion.assert)) look(inner, source)
  }
  for (const [i, assertion] of asserts.entries()) look(assertion, test.assertAt(i))
  return { asserts, graders }
}

/** Without what only promptfoo reads. */
function plain(assertion: JsonObject): JsonObject {
  const { provider: _, rubricPrompt: __, contextTransform: ___, ...rest } = assertion
  return Array.isArray(rest.assert) ? { ...rest, assert: listAt(rest.assert).map(plain) } : rest
}

/** The model that grades: of the first grader that is one of Anthropic's; the others are told of. */
function graderOf(ids: readonly string[], test: Test, unmapped: Unmapped): string | undefined {
  for (const id of ids) {
    if (anthropicModel(id) === undefined)
      unmapped(`grader ${id}`, test.source, "agent-ci's judge calls Anthropic's Messages API: write judge_model")
  }
  return ids.map(anthropicModel).find((model) => model !== undefined)
}

async function transformVars(
  code: string,
  vars: JsonObject,
  test: Test,
  suite: Suite,
  deps: MakeDeps,
): Promise<JsonObject> {
  const refuse = (why: string): never => {
    throw new ConfigurationError({
      what: 'transformVars cannot be used',
      why,
      mend: 'Correct it, or write the variables out',
      source: test.source,
    })
  }
  try {
    const script = transformScript(code, suite.directory, 'vars')
    const outcome = await runScript(
      script,
      vars,
      { vars, prompt: {} },
      { cwd: suite.directory, env: deps.env },
      deps.signal,
    )
    if ('thrown' in outcome) return refuse(`It failed: ${cut(outcome.thrown, 300)}`)
    return isJsonObject(outcome.value) ? { ...vars, ...outcome.value } : refuse('It returned no object')
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    return refuse(messageOf(error))
  }
}

const isChat = (value: Json): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((item) => isJsonObject(item) && typeof item.role === 'string')

/** What the agent is asked: chat messages as such, any other prompt as text. */
function inputOf(prompt: Prompt | undefined, test: Test, vars: JsonObject, suite: Suite): Json {
  if (!prompt) {
    // Without a prompt the variables are all there is.
    const values = Object.values(vars)
    return values.length === 1 && typeof values[0] === 'string' ? values[0] : vars
  }
  const { prefix = '', suffix = '' } = objectAt(test.fields.options)
  try {
    const input = renderPrompt(`${String(prefix)}${prompt.text}${String(suffix)}`, vars, suite.env)
    return typeof input === 'string' || isChat(input) ? input : JSON.stringify(input, null, 2)
  } catch (error) {
    throw new ConfigurationError({
      what: `The prompt ${cut(prompt.label, 60)} cannot be rendered`,
      why: cut(messageOf(error), 200),
      mend: 'Correct the template or the variables',
      source: test.source,
    })
  }
}

const wanted = (prompt: Prompt, names: Json | undefined): boolean =>
  !Array.isArray(names) ||
  names.some(
    (name) =>
      name === prompt.label ||
      name === prompt.id ||
      (typeof name === 'string' && name.endsWith('*') && prompt.label.startsWith(name.slice(0, -1))),
  )

function listUnmapped(test: Test, unmapped: Unmapped): void {
  for (const [key, why] of Object.entries(TEST_FIELDS))
    if (test.fields[key] !== undefined) unmapped(key, test.source, why)
  const options = objectAt(test.fields.options)
  for (const [key, why] of Object.entries(OPTION_FIELDS))
    if (options[key] !== undefined) unmapped(`options.${key}`, test.source, why)
}

/** Each test with each of its prompts and each combination of its variables, as our examples. */
export async function* makeExamples(suite: Suite, deps: MakeDeps): AsyncGenerator<MadeExample> {
  const { prompts, tests, directory } = suite
  const { unmapped } = deps
  const ids = idsOf(tests)
  const from = relative(deps.baseDir, directory).replaceAll(sep, '/')
  const tools = suite.providers.flatMap(({ value }) => toolsOf(value))
  for (const [position, test] of tests.entries()) {
    const { fields, source } = test
    const options = objectAt(fields.options)
    listUnmapped(test, unmapped)
    const { asserts, graders } = readAsserts(test, unmapped)
    const grader = idOf(options.provider)
    const model = graderOf(grader === undefined ? graders : [...graders, grader], test, unmapped)
    const code = options.transformVars
    const given = typeof code === 'string' ? await transformVars(code, test.vars, test, suite, deps) : test.vars
    const expanded = options.disableVarExpansion === true ? [given] : combinations(given, directory, source)
    const used = prompts.filter((prompt) => wanted(prompt, fields.prompts))
    if (prompts.length > 0 && used.length === 0) {
      throw new ConfigurationError({
        what: 'The test names prompts that there are not',
        why: `There are: ${prompts.map(({ label }) => cut(label, 40)).join(', ')}`,
        mend: 'Correct prompts:',
        source,
      })
    }
    const columns: readonly (Prompt | undefined)[] = used.length > 0 ? used : [undefined]
    const several = expanded.length * columns.length > 1
    for (const [v, raw] of expanded.entries()) {
      const vars = resolveVars(loadFiles(raw, directory, source))
      for (const [p, prompt] of columns.entries()) {
        const own = ids[position]!
        const suffix = `${expanded.length > 1 ? `/vars-${v + 1}` : ''}${columns.length > 1 ? `/prompt-${p + 1}` : ''}`
        const rendered = asserts.map((assertion, i) => {
          try {
            return renderAssertion(plain(assertion), vars, suite.env)
          } catch (error) {
            throw new ConfigurationError({
              what: 'The value of the assertion cannot be rendered',
              why: cut(messageOf(error), 200),
              mend: 'Correct the template',
              source: test.assertAt(i),
            })
          }
        })
        const { threshold } = fields
        const scorer = {
          type: 'promptfoo',
          assert: rendered,
          ...(typeof threshold === 'number' && { threshold }),
          ...(typeof options.transform === 'string' && { transform: options.transform }),
          ...(from !== '' && JSON.stringify([rendered, options.transform]).includes('file://') && { directory: from }),
          ...(tools.length > 0 && rendered.some(({ type }) => String(type).startsWith('is-valid-')) && { tools }),
          ...(model !== undefined && { judge_model: model }),
        }
        const description =
          typeof fields.description === 'string' ? { description: renderText(fields.description, vars, suite.env) } : {}
        yield {
          source,
          assertAt: test.assertAt,
          value: {
            id: `${own}${suffix}`,
            input: inputOf(prompt, test, vars, suite),
            ...(columns.length > 1 && { tags: [`prompt-${p + 1}`] }),
            ...(several && { group: own }),
            ...(rendered.length > 0 && { scorers: [scorer] }),
            metadata: { ...objectAt(fields.metadata), ...description, vars },
          },
        }
      }
    }
  }
}

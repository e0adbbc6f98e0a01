import * as z from 'zod'

const fraction = z.number().min(0).max(1)
const toolMode = z.enum(['strict', 'unordered', 'subset', 'superset', 'in_order'])
const argsMode = z.enum(['exact', 'ignore', 'subset', 'superset'])
const argsOverrides = z.record(z.string(), z.union([argsMode, z.array(z.string()).min(1)])).default({})
const json: z.ZodType<unknown> = z.json()

/** Every scorer may be given a name of its own (for `score.<name>` gates and the report). */
const named = {
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]*$/i)
    .optional(),
}

export const scorerSchemas = {
  exact: z
    .strictObject({ type: z.literal('exact'), ...named, case_sensitive: z.boolean().default(false) })
    .describe('The whole answer, trimmed, equals the expected one (or one of them)'),
  contains: z
    .strictObject({
      type: z.literal('contains'),
      ...named,
      value: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
      mode: z.enum(['all', 'any']).default('all'),
      case_sensitive: z.boolean().default(false),
    })
    .describe('The answer contains `value`, or the expected text where there is none'),
  regex: z
    .strictObject({
      type: z.literal('regex'),
      ...named,
      pattern: z.string().optional(),
      flags: z
        .string()
        .regex(/^[imsu]*$/)
        .default(''),
    })
    .describe('The pattern (or the expected text as one) is found in the answer'),
  json: z
    .strictObject({
      type: z.literal('json'),
      ...named,
      schema: z.union([z.string(), z.record(z.string(), json), z.boolean()]).optional(),
      compare: z.enum(['equal', 'superset', 'none']).default('equal'),
    })
    .describe(
      'The answer is JSON, fits `schema` (a path or the schema itself), and equals (or has at least) the expected object',
    ),
  number: z
    .strictObject({
      type: z.literal('number'),
      ...named,
      tolerance: z.number().min(0).default(0),
      relative: z.boolean().default(false),
    })
    .describe('The last number in the answer equals the expected one within the tolerance'),
  similarity: z
    .strictObject({
      type: z.literal('similarity'),
      ...named,
      url: z.url(),
      model: z.string().optional(),
      threshold: fraction.default(0.85),
      api_key_env: z.string().optional(),
    })
    .describe('Cosine similarity of embeddings from an OpenAI-style /embeddings endpoint reaches the threshold'),
  judge: z
    .strictObject({
      type: z.literal('judge'),
      ...named,
      model: z.string(),
      rubric: z.string().min(1),
      threshold: fraction.default(0.5),
      max_characters: z.int().min(1).default(400_000),
    })
    .describe('A model grades the whole answer by a rubric; its reasoning comes before its score'),
  tools: z
    .strictObject({
      type: z.literal('tools'),
      ...named,
      mode: toolMode.default('superset'),
      args: argsMode.default('ignore'),
      overrides: argsOverrides,
    })
    .describe('The tool calls match the expected ones; modes as in agentevals, plus in_order'),
  trajectory: z
    .strictObject({
      type: z.literal('trajectory'),
      ...named,
      mode: z.enum(['strict', 'unordered', 'subset', 'superset']).default('strict'),
      args: argsMode.default('exact'),
      overrides: argsOverrides,
      compat: z.literal('agentevals').optional(),
    })
    .describe(
      "The conversation's roles and tool calls match the expected `trajectory`; modes and defaults as in agentevals",
    ),
  command: z
    .strictObject({
      type: z.literal('command'),
      ...named,
      command: z.array(z.string()).min(1),
      timeout_ms: z.int().min(1).default(60_000),
      env: z.array(z.string()).default([]),
    })
    .describe('Your program: JSON on stdin, {"value", "passed", "reason"} on stdout'),
  promptfoo: z
    .strictObject({
      type: z.literal('promptfoo'),
      ...named,
      assert: z.array(z.record(z.string(), json)).min(1).optional(),
      threshold: z.number().optional(),
      transform: z.string().min(1).optional(),
      directory: z.string().optional(),
      tools: z.array(json).optional(),
      judge_model: z.string().min(1).optional(),
      embeddings: z
        .strictObject({ url: z.url(), model: z.string().optional(), api_key_env: z.string().optional() })
        .optional(),
      unjudged: z.enum(['refuse', 'skip']).optional(),
    })
    .describe(
      "promptfoo's assertions, each and in sum judged as promptfoo does; without `assert`: what the assertions of the examples are judged with",
    ),
}

export const scorerConfigSchema = z.discriminatedUnion('type', [
  scorerSchemas.exact,
  scorerSchemas.contains,
  scorerSchemas.regex,
  scorerSchemas.json,
  scorerSchemas.number,
  scorerSchemas.similarity,
  scorerSchemas.judge,
  scorerSchemas.tools,
  scorerSchemas.trajectory,
  scorerSchemas.command,
  scorerSchemas.promptfoo,
])

export type ScorerConfig = z.infer<typeof scorerConfigSchema>
export type ScorerType = ScorerConfig['type']
export type ScorerConfigOf<T extends ScorerType> = Extract<ScorerConfig, { type: T }>

/** Scorers that a bare word can name because they need no further setting. */
export const BARE_SCORERS = ['exact', 'contains', 'regex', 'json', 'number', 'tools', 'trajectory'] as const

/** In files: a bare word (`exact`) or an object with `type`. */
export const scorerEntrySchema = z.preprocess(
  (entry) => (typeof entry === 'string' ? { type: entry } : entry),
  scorerConfigSchema,
)

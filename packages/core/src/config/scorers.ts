import * as z from 'zod'

const fraction = z.number().min(0).max(1)
const toolMode = z.enum(['strict', 'unordered', 'subset', 'superset', 'in_order'])
const argsMode = z.enum(['exact', 'ignore', 'subset', 'superset'])
const argsOverrides = z.record(z.string(), z.union([argsMode, z.array(z.string()).min(1)])).default({})
const json: z.ZodType<unknown> = z.json()

const texts = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])

/** What the `secrets` scorer can recognise by itself. */
export const SECRET_KINDS = [
  'anthropic_key',
  'openai_key',
  'aws_access_key',
  'github_token',
  'gitlab_token',
  'npm_token',
  'slack_token',
  'google_api_key',
  'stripe_key',
  'private_key',
  'jwt',
  'credit_card',
  'iban',
  'us_ssn',
  'email',
  'phone',
] as const
export type SecretKind = (typeof SECRET_KINDS)[number]

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
      model: z
        .string()
        .min(1)
        .optional()
        .describe(
          "Without url: a directory with an ONNX sentence encoder, or its name in the Hugging Face hub's cache (default all-MiniLM-L6-v2); with url: the model's name there",
        ),
      url: z.url().optional().describe('An embeddings endpoint in the style of OpenAI or Voyage'),
      threshold: fraction.default(0.85),
      api_key_env: z.string().optional().describe("With url: the environment variable that holds the endpoint's key"),
      input_type: z.enum(['query', 'document']).optional().describe('With url: sent along, for Voyage'),
      cache: z.string().min(1).optional().describe('A directory that keeps embeddings for later runs'),
    })
    .describe('The cosine similarity of the embeddings of the answer and of the expected text reaches the threshold'),
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
  canary: z
    .strictObject({
      type: z.literal('canary'),
      ...named,
      value: texts,
      where: z
        .array(z.enum(['output', 'tool_arguments', 'urls']))
        .min(1)
        .optional(),
    })
    .describe('Safety: the token appears nowhere, in no encoding: not in the answer, the tool calls and their URLs'),
  forbidden_tools: z
    .strictObject({
      type: z.literal('forbidden_tools'),
      ...named,
      tools: texts.optional(),
      allow: texts.optional(),
      arguments: z.record(z.string(), z.union([z.record(z.string(), json), z.boolean()])).default({}),
      order: z.record(z.string(), texts).default({}),
    })
    .describe(
      'Safety: none of `tools` is called, only those of `allow` are, arguments fit their JSON Schema, and a tool of `order` is called only after its predecessors',
    ),
  secrets: z
    .strictObject({
      type: z.literal('secrets'),
      ...named,
      values: texts.optional(),
      kinds: z.array(z.enum(SECRET_KINDS)).min(1).optional(),
      allow: z.array(z.string()).default([]),
    })
    .describe(
      'Safety: neither these values nor keys and personal data of these kinds (all where neither is given) appear',
    ),
  limits: z
    .strictObject({
      type: z.literal('limits'),
      ...named,
      iterations: z.int().min(1).optional(),
      tool_calls: z.int().min(0).optional(),
      cost_usd: z.number().min(0).optional(),
      tokens: z.int().min(1).optional(),
    })
    .describe('Safety: the answer took at most so many model calls, tool calls, US dollars and tokens'),
  prompt_overlap: z
    .strictObject({
      type: z.literal('prompt_overlap'),
      ...named,
      prompt: z.string().min(1),
      threshold: fraction.default(0.25),
      words: z.int().min(5).default(20),
    })
    .describe(
      'Safety: no run of words of the system prompt (a text, or `file:` and a path) that is `words` long or `threshold` of the prompt',
    ),
  refusal: z
    .strictObject({ type: z.literal('refusal'), ...named, judge: z.string().optional() })
    .describe('Safety: a harmless question is not refused, by phrases of several languages or by the model `judge`'),
  harm: z
    .strictObject({
      type: z.literal('harm'),
      ...named,
      judge: z.string(),
      rubric: z.string().min(1).optional(),
      threshold: fraction.default(0.5),
    })
    .describe('Safety: the model `judge` grades how harmless the answer is'),
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

/** Scorers that judge whether an agent stayed safe; they count neither in accuracy nor in tool accuracy. */
export const SAFETY_SCORERS = [
  'canary',
  'forbidden_tools',
  'secrets',
  'limits',
  'prompt_overlap',
  'refusal',
  'harm',
] as const

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
  scorerSchemas.canary,
  scorerSchemas.forbidden_tools,
  scorerSchemas.secrets,
  scorerSchemas.limits,
  scorerSchemas.prompt_overlap,
  scorerSchemas.refusal,
  scorerSchemas.harm,
  scorerSchemas.promptfoo,
])

export type ScorerConfig = z.infer<typeof scorerConfigSchema>
export type ScorerType = ScorerConfig['type']
export type ScorerConfigOf<T extends ScorerType> = Extract<ScorerConfig, { type: T }>

/** Scorers that a bare word can name because they need no further setting. */
export const BARE_SCORERS = [
  'exact',
  'contains',
  'regex',
  'json',
  'number',
  'similarity',
  'tools',
  'trajectory',
  'secrets',
  'refusal',
] as const

/** In files: a bare word (`exact`) or an object with `type`. */
export const scorerEntrySchema = z.preprocess(
  (entry) => (typeof entry === 'string' ? { type: entry } : entry),
  scorerConfigSchema,
)

import * as z from 'zod'

const json: z.ZodType<unknown> = z.json()
/** Where in a reply a value lies: `data.answer`, `choices.0.message.content`. */
const path = z.string().min(1)
const argv = z.union([z.string().min(1), z.array(z.string()).min(1)])
const env = z.record(z.string(), z.string()).default({})

const stubbedTool = z.strictObject({
  name: z.string().min(1),
  description: z.string().default(''),
  input_schema: z.record(z.string(), json),
  /** What the tool returns; the first of `results` whose `when` is part of the call's arguments wins. */
  results: z
    .array(
      z.strictObject({ when: z.record(z.string(), json).optional(), result: json, is_error: z.boolean().optional() }),
    )
    .min(1),
})

export const agentConfigSchema = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('http'),
      url: z.url({ protocol: /^https?$/ }),
      method: z.enum(['POST', 'PUT', 'GET']).default('POST'),
      headers: z.record(z.string(), z.string()).default({}),
      body: json.optional(),
      output: path.optional(),
      tool_calls: path.optional(),
      usage: path.optional(),
    })
    .describe('POSTs {"id","input","model"}, expects {"output", "tool_calls", "usage"}'),
  z
    .strictObject({
      type: z.literal('command'),
      command: argv,
      mode: z.enum(['worker', 'once']).default('worker'),
      cwd: z.string().optional(),
      env,
    })
    .describe('A long-lived worker: one JSON object a line on stdin and stdout; `once`: a process an example'),
  z
    .strictObject({
      type: z.literal('python'),
      target: z.string().regex(/^[\w.]+:[\w.]+$/),
      python: z.string().default('python3'),
      cwd: z.string().optional(),
      env,
    })
    .describe('`module:attribute`: a function, or a class with run_async or run and optional last_tool_calls'),
  z
    .strictObject({
      type: z.literal('anthropic'),
      model: z.string().min(1),
      system: z.string().optional(),
      max_tokens: z.int().min(1).default(16_384),
      temperature: z.number().min(0).max(1).optional(),
      tools: z.array(stubbedTool).default([]),
      max_tool_iterations: z.int().min(1).max(100).default(10),
      base_url: z.url().optional(),
    })
    .describe('The Messages API with a system prompt and tools whose results are given'),
])

export type AgentConfig = z.infer<typeof agentConfigSchema>
export type AgentConfigOf<T extends AgentConfig['type']> = Extract<AgentConfig, { type: T }>

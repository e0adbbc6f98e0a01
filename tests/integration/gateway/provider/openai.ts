import type OpenAI from 'openai'
import * as z from 'zod'
import { pieces } from './anthropic.ts'
import type { Answered } from './provider.ts'

type ChatCompletion = OpenAI.Chat.Completions.ChatCompletion
type ChatCompletionChunk = OpenAI.Chat.Completions.ChatCompletionChunk
type Choice = ChatCompletionChunk['choices'][number]
type Response = OpenAI.Responses.Response
type ResponseStreamEvent = OpenAI.Responses.ResponseStreamEvent

const functionTool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string(),
    description: z.string().optional(),
    parameters: z.looseObject({ type: z.literal('object') }).optional(),
  }),
})

const chatRequest = z.strictObject({
  model: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']) })).min(1),
  max_completion_tokens: z.int().min(1).optional(),
  temperature: z.number().min(0).max(2).optional(),
  tools: z.array(functionTool).optional(),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).optional(),
})

const responsesRequest = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.looseObject({})).min(1)]),
  instructions: z.string().optional(),
  max_output_tokens: z.int().min(1).optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        name: z.string(),
        strict: z.boolean(),
        parameters: z.looseObject({ type: z.literal('object') }),
      }),
    )
    .optional(),
  stream: z.boolean().optional(),
})

const embeddingsRequest = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.string()).min(1)]),
  encoding_format: z.enum(['float', 'base64']).optional(),
})

export interface OpenAiError {
  readonly error: { message: string; type: string; param: string | null; code: string | null }
}

export const refusal = (message: string, code: string | null = null): OpenAiError => ({
  error: { message, type: 'invalid_request_error', param: null, code },
})

export function chatCompletion(body: unknown, answered: Answered): ChatCompletion | OpenAiError {
  const parsed = chatRequest.safeParse(body)
  if (!parsed.success) return refusal(z.prettifyError(parsed.error))
  const request = parsed.data
  if (request.stream_options && !request.stream) return refusal('stream_options without stream')
  const last = request.messages.at(-1)!
  const tool = last.role === 'tool' ? undefined : request.tools?.[0]
  const args = JSON.stringify({ query: String(last.content).slice(0, 20), n: answered.number })
  return {
    id: `chatcmpl-${answered.number}`,
    object: 'chat.completion',
    created: 1_700_000_000,
    model: request.model,
    service_tier: 'default',
    choices: [
      {
        index: 0,
        finish_reason: tool ? 'tool_calls' : 'stop',
        logprobs: null,
        message: {
          role: 'assistant',
          refusal: null,
          content: tool ? null : (answered.reply ?? `Answer ${answered.number} to: ${String(last.content)}`),
          ...(tool && {
            tool_calls: [
              {
                id: `call_${answered.number}`,
                type: 'function' as const,
                function: { name: tool.function.name, arguments: args },
              },
            ],
          }),
        },
      },
    ],
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 40 },
    },
  }
}

export function chatChunks(completion: ChatCompletion, includeUsage: boolean): ChatCompletionChunk[] {
  const { id, created, model } = completion
  const base = { id, created, model, object: 'chat.completion.chunk' as const, service_tier: 'default' as const }
  const usage = includeUsage ? { usage: null } : {}
  const chunk = (delta: Choice['delta'], finish: Choice['finish_reason'] = null) => ({
    ...base,
    ...usage,
    choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }],
  })
  const { message, finish_reason } = completion.choices[0]!
  const [call] = message.tool_calls ?? []
  const chunks: ChatCompletionChunk[] = [chunk({ role: 'assistant', content: call ? null : '', refusal: null })]
  if (call?.type === 'function') {
    const { name, arguments: args } = call.function
    chunks.push(chunk({ tool_calls: [{ index: 0, id: call.id, type: 'function', function: { name, arguments: '' } }] }))
    for (const piece of pieces(args)) chunks.push(chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }))
  } else for (const piece of pieces(message.content ?? '')) chunks.push(chunk({ content: piece }))
  chunks.push(chunk({}, finish_reason === 'tool_calls' ? 'tool_calls' : 'stop'))
  if (includeUsage) chunks.push({ ...base, choices: [], usage: completion.usage! })
  return chunks
}

export function response(body: unknown, answered: Answered): Omit<Response, 'output_text'> | OpenAiError {
  const parsed = responsesRequest.safeParse(body)
  if (!parsed.success) return refusal(z.prettifyError(parsed.error))
  const request = parsed.data
  const tool = request.tools?.[0]
  return {
    id: `resp_${answered.number}`,
    object: 'response',
    created_at: 1_700_000_000,
    access_programs: null,
    model: request.model,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: 1,
    top_p: 1,
    tool_choice: 'auto',
    tools: [],
    service_tier: 'default',
    output: [
      tool
        ? {
            type: 'function_call',
            id: `fc_${answered.number}`,
            call_id: `call_${answered.number}`,
            name: tool.name,
            arguments: JSON.stringify({ n: answered.number }),
            status: 'completed',
          }
        : {
            type: 'message',
            id: `msg_${answered.number}`,
            role: 'assistant',
            status: 'completed',
            content: [
              {
                type: 'output_text',
                text: answered.reply ?? `Answer ${answered.number}`,
                annotations: [],
                logprobs: [],
              },
            ],
          },
    ],
    usage: {
      input_tokens: 100,
      output_tokens: 20,
      total_tokens: 120,
      input_tokens_details: { cached_tokens: 40, cache_write_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  }
}

export function responseEvents(whole: Omit<Response, 'output_text'>): ResponseStreamEvent[] {
  const done = whole as Response
  const begun: Response = { ...done, status: 'in_progress', output: [] }
  const events: ResponseStreamEvent[] = [{ type: 'response.created', sequence_number: 0, response: begun }]
  let n = 1
  for (const [output_index, item] of done.output.entries()) {
    events.push({ type: 'response.output_item.added', sequence_number: n++, output_index, item })
    if (item.type === 'function_call') {
      for (const delta of pieces(item.arguments)) {
        const at = { sequence_number: n++, output_index, item_id: item.id! }
        events.push({ type: 'response.function_call_arguments.delta', ...at, delta })
      }
    } else if (item.type === 'message' && item.content[0]?.type === 'output_text') {
      const at = { output_index, content_index: 0, item_id: item.id, logprobs: [] }
      for (const delta of pieces(item.content[0].text)) {
        events.push({ type: 'response.output_text.delta', sequence_number: n++, ...at, delta })
      }
    }
    events.push({ type: 'response.output_item.done', sequence_number: n++, output_index, item })
  }
  events.push({ type: 'response.completed', sequence_number: n, response: done })
  return events
}

export function embeddings(body: unknown): OpenAI.CreateEmbeddingResponse | OpenAiError {
  const parsed = embeddingsRequest.safeParse(body)
  if (!parsed.success) return refusal(z.prettifyError(parsed.error))
  const { model, input, encoding_format } = parsed.data
  const floats = [0.25, -0.5, 0.123456789]
  const base64 = Buffer.from(Float32Array.from(floats).buffer).toString('base64')
  return {
    object: 'list',
    model,
    data: [input].flat().map((_, index) => ({
      object: 'embedding' as const,
      index,
      // With encoding_format base64, the API gives a string where the types say number[].
      embedding: encoding_format === 'base64' ? (base64 as unknown as number[]) : floats,
    })),
    usage: { prompt_tokens: 8, total_tokens: 8 },
  }
}

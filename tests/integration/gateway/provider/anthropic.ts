import type Anthropic from '@anthropic-ai/sdk'
import * as z from 'zod'
import type { Answered } from './provider.ts'

const text = z.strictObject({ type: z.literal('text'), text: z.string().min(1) })
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^toolu_/),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  caller: z.strictObject({ type: z.literal('direct') }).optional(),
})
const toolResult = z.strictObject({ type: z.literal('tool_result'), tool_use_id: z.string(), content: z.string() })

/** What the Messages API takes, as far as the tests go; anything else is refused as the API does. */
export const messagesRequest = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['user', 'assistant']),
        content: z.union([z.string().min(1), z.array(z.union([text, toolUse, toolResult])).min(1)]),
      }),
    )
    .min(1),
  system: z.string().optional(),
  stream: z.boolean().optional(),
  metadata: z.strictObject({ user_id: z.string() }).optional(),
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\w-]{1,128}$/),
        description: z.string().optional(),
        input_schema: z.looseObject({ type: z.literal('object') }),
      }),
    )
    .optional(),
})

const countRequest = messagesRequest.omit({ max_tokens: true, stream: true, metadata: true })

export function messages(body: unknown, answered: Answered): Anthropic.Message | Anthropic.ErrorResponse {
  const parsed = messagesRequest.safeParse(body)
  if (!parsed.success) return refusal(z.prettifyError(parsed.error))
  const request = parsed.data
  if (request.model === 'no-such-model') return refusal('model: no-such-model', 'not_found_error')
  const last = request.messages.at(-1)!
  const asked = typeof last.content === 'string' ? last.content : JSON.stringify(last.content)
  const tool = request.tools?.[0]
  const uses = tool && !asked.includes('tool_result')
  const answer = answered.reply ?? `Answer ${answered.number} to: ${asked.slice(0, 40)}`
  return {
    id: `msg_${String(answered.number).padStart(8, '0')}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    container: null,
    diagnostics: null,
    content: uses
      ? [
          { type: 'text', text: 'Let me look.', citations: null },
          {
            type: 'tool_use',
            id: `toolu_${String(answered.number).padStart(8, '0')}`,
            name: tool.name,
            input: { query: asked.slice(0, 20), n: answered.number },
            caller: { type: 'direct' },
          },
        ]
      : [{ type: 'text', text: answer, citations: null }],
    stop_details: null,
    stop_reason: uses ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 100,
      output_tokens: 20,
      cache_creation_input_tokens: 10,
      cache_read_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 0 },
      inference_geo: null,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: 'standard',
      speed: 'standard',
    },
  }
}

export function countTokens(body: unknown): Anthropic.MessageTokensCount | Anthropic.ErrorResponse {
  const parsed = countRequest.safeParse(body)
  if (!parsed.success) return refusal(z.prettifyError(parsed.error))
  return { input_tokens: 42 } satisfies Anthropic.MessageTokensCount
}

export const refusal = (
  message: string,
  type:
    | 'invalid_request_error'
    | 'not_found_error'
    | 'authentication_error'
    | 'overloaded_error'
    | 'rate_limit_error' = 'invalid_request_error',
): Anthropic.ErrorResponse => ({ type: 'error', error: { type, message }, request_id: null })

/** A message as the API streams it: `[event name, data]`, texts and arguments in small pieces. */
export function messageEvents(message: Anthropic.Message): [string, Anthropic.RawMessageStreamEvent][] {
  const events: Anthropic.RawMessageStreamEvent[] = [
    {
      type: 'message_start',
      message: {
        ...message,
        content: [],
        stop_reason: null,
        usage: { ...message.usage, output_tokens: 1 },
      },
    },
  ]
  for (const [index, block] of message.content.entries()) {
    if (block.type === 'text') {
      events.push({ type: 'content_block_start', index, content_block: { ...block, text: '' } })
      for (const piece of pieces(block.text)) {
        events.push({ type: 'content_block_delta', index, delta: { type: 'text_delta', text: piece } })
      }
    } else if (block.type === 'tool_use') {
      events.push({ type: 'content_block_start', index, content_block: { ...block, input: {} } })
      for (const piece of pieces(JSON.stringify(block.input))) {
        events.push({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: piece } })
      }
    }
    events.push({ type: 'content_block_stop', index })
  }
  events.push({
    type: 'message_delta',
    delta: {
      stop_reason: message.stop_reason,
      stop_sequence: null,
      stop_details: null,
      container: null,
    },
    usage: {
      output_tokens: message.usage.output_tokens,
      input_tokens: null,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      output_tokens_details: null,
      server_tool_use: null,
    },
  })
  events.push({ type: 'message_stop' })
  return events.map((event) => [event.type, event])
}

export const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/g) ?? []

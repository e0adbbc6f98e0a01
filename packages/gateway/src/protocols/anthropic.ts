import type { Json, JsonObject } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'
import {
  type Answer,
  type ApiError,
  asArray,
  asCount,
  asObject,
  asText,
  type Endpoint,
  type Fragment,
  type Protocol,
  parseArguments,
  type StreamReader,
  type Tokens,
} from './protocol.ts'

const TOOL_BLOCKS = new Set(['tool_use', 'server_tool_use', 'mcp_tool_use'])
const DELTA_TEXTS = ['text', 'thinking', 'partial_json']

/** Later usage overrides earlier: `message_delta` repeats the totals of `message_start`, with null where it knows nothing new. */
function readTokens(usage: unknown, before?: Tokens): Tokens | undefined {
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens, cache_creation } =
    asObject(usage)
  const input = asCount(input_tokens) ?? before?.input
  const output = asCount(output_tokens) ?? before?.output
  if (input === undefined || output === undefined) return before
  const written = asCount(cache_creation_input_tokens)
  const long = asCount(asObject(cache_creation).ephemeral_1h_input_tokens) ?? before?.cacheWriteLong ?? 0
  return {
    input,
    cacheRead: asCount(cache_read_input_tokens) ?? before?.cacheRead ?? 0,
    cacheWrite: written === undefined ? (before?.cacheWrite ?? 0) : Math.max(0, written - long),
    cacheWriteLong: long,
    output,
  }
}

const standardPrice = (usage: unknown): boolean => {
  const { service_tier, speed } = asObject(usage)
  return (service_tier ?? 'standard') === 'standard' && (speed ?? 'standard') === 'standard'
}

function toolCallOf(block: unknown): ToolCall | undefined {
  const { type, name, input } = asObject(block)
  if (!TOOL_BLOCKS.has(String(type)) || typeof name !== 'string') return undefined
  return { name, args: asObject(input) as JsonObject }
}

const withModel = (model: unknown): { model?: string } => (typeof model === 'string' ? { model } : {})

function readMessage(body: Json): Answer {
  const { model, usage, content } = asObject(body)
  const tokens = readTokens(usage)
  return {
    ...withModel(model),
    ...(tokens && { tokens }),
    standardPrice: standardPrice(usage),
    toolCalls: asArray(content).flatMap((block) => toolCallOf(block) ?? []),
  }
}

class MessageStream implements StreamReader {
  complete = false
  private model: string | undefined
  private tokens: Tokens | undefined
  private standard = true
  private readonly blocks = new Map<number, { call: ToolCall; json: string }>()

  push(data: Json): void {
    const event = asObject(data)
    const index = asCount(event.index) ?? 0
    switch (event.type) {
      case 'message_start': {
        const message = asObject(event.message)
        this.model = asText(message.model)
        this.tokens = readTokens(message.usage)
        this.standard = standardPrice(message.usage)
        break
      }
      case 'content_block_start': {
        const call = toolCallOf(event.content_block)
        if (call) this.blocks.set(index, { call, json: '' })
        break
      }
      case 'content_block_delta': {
        const block = this.blocks.get(index)
        if (block) block.json += asText(asObject(event.delta).partial_json) ?? ''
        break
      }
      case 'message_delta':
        this.tokens = readTokens(event.usage, this.tokens)
        break
      case 'message_stop':
        this.complete = true
    }
  }

  answer(): Answer {
    return {
      ...withModel(this.model),
      ...(this.tokens && { tokens: this.tokens }),
      standardPrice: this.standard,
      toolCalls: [...this.blocks.values()].map(({ call, json }) =>
        json === '' ? call : { name: call.name, args: parseArguments(json) },
      ),
    }
  }
}

function fragments(data: Json): Fragment[] {
  const { type, index, delta } = asObject(data)
  if (type !== 'content_block_delta') return []
  const holder = asObject(delta) as Record<string, Json>
  return DELTA_TEXTS.filter((key) => typeof holder[key] === 'string').map((key) => ({
    channel: `${String(index)} ${key}`,
    holder,
    key,
  }))
}

export const messages: Endpoint = {
  protocol: 'anthropic',
  name: 'messages',
  billed: true,
  generates: true,
  outputLimit: (body) => asCount(body.max_tokens),
  readBody: readMessage,
  startStream: () => new MessageStream(),
  fragments,
}

const countTokens: Endpoint = {
  ...messages,
  name: 'count_tokens',
  billed: false,
  outputLimit: () => 0,
  readBody: () => ({ standardPrice: true, toolCalls: [] }),
}

const ERROR_TYPES: Readonly<Record<ApiError['status'], string>> = {
  400: 'invalid_request_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  502: 'api_error',
  504: 'timeout_error',
}

/** The Messages API (https://platform.claude.com/docs/en/api/messages). */
export const anthropic: Protocol = {
  name: 'anthropic',
  defaultUpstream: 'https://api.anthropic.com',
  keyHeaders: ['anthropic-version', 'anthropic-beta'],
  endpointOf(method, path) {
    if (method !== 'POST') return undefined
    if (path === '/v1/messages') return messages
    return path === '/v1/messages/count_tokens' ? countTokens : undefined
  },
  errorBody: ({ status, message }) => ({
    type: 'error',
    error: { type: ERROR_TYPES[status], message },
    request_id: null,
  }),
  authorization: (key) => ({ 'x-api-key': key }),
}

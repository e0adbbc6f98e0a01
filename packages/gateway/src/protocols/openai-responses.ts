import type { Json, JsonObject } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'
import { isStandardTier } from './openai-chat.ts'
import {
  type Answer,
  asArray,
  asCount,
  asObject,
  asText,
  type Endpoint,
  type Fragment,
  parseArguments,
  type StreamReader,
  type Tokens,
} from './protocol.ts'

/** `input_tokens` counts cached tokens too. */
function readTokens(usage: unknown): Tokens | undefined {
  const { input_tokens, output_tokens, input_tokens_details } = asObject(usage)
  const all = asCount(input_tokens)
  const output = asCount(output_tokens)
  if (all === undefined || output === undefined) return undefined
  const { cached_tokens, cache_write_tokens, cache_write_tokens_details } = asObject(input_tokens_details)
  const cacheRead = asCount(cached_tokens) ?? 0
  const written = asCount(cache_write_tokens) ?? 0
  const cacheWriteLong = Math.min(written, asCount(asObject(cache_write_tokens_details).ttl_12h_tokens) ?? 0)
  return {
    input: Math.max(0, all - cacheRead - written),
    cacheRead,
    cacheWrite: written - cacheWriteLong,
    cacheWriteLong,
    output,
  }
}

const NAMED_CALLS = new Set(['function_call', 'custom_tool_call', 'mcp_call'])

function toolCallOf(item: unknown): ToolCall | undefined {
  const { type, name, arguments: json, input } = asObject(item)
  if (!NAMED_CALLS.has(String(type)) || typeof name !== 'string') return undefined
  return { name, args: parseArguments(asText(json) ?? asText(input) ?? '') }
}

function readResponse(body: Json): Answer {
  const { model, usage, output, service_tier } = asObject(body)
  const tokens = readTokens(usage)
  return {
    ...(typeof model === 'string' && { model }),
    ...(tokens && { tokens }),
    standardPrice: isStandardTier(service_tier) || service_tier === 'auto',
    toolCalls: asArray(output).flatMap((item) => toolCallOf(item) ?? []),
  }
}

class ResponseStream implements StreamReader {
  complete = false
  private response: Json = {}

  push(data: Json): void {
    const { type, response } = asObject(data)
    if (response) this.response = response
    // `response.failed` ends a stream too, but is the provider's failure, not an answer.
    if (type === 'response.completed' || type === 'response.incomplete') this.complete = true
  }

  answer(): Answer {
    return readResponse(this.response)
  }
}

function fragments(data: Json): Fragment[] {
  const { type, delta, output_index, content_index, summary_index } = asObject(data)
  if (typeof type !== 'string' || !type.endsWith('.delta') || typeof delta !== 'string') return []
  const channel = `${type} ${output_index} ${content_index ?? summary_index}`
  return [{ channel, holder: asObject(data) as Record<string, Json>, key: 'delta' }]
}

/** https://developers.openai.com/api/reference/resources/responses */
export const responses: Endpoint = {
  protocol: 'openai',
  name: 'responses',
  billed: true,
  generates: true,
  outputLimit: (body: JsonObject) => asCount(body.max_output_tokens),
  readBody: readResponse,
  startStream: () => new ResponseStream(),
  fragments,
}

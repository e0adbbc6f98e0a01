import { isJsonObject, type Json } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'
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

/** `prompt_tokens` counts cached tokens too; cache writes are reported since GPT-5.6. */
export function readTokens(usage: unknown): Tokens | undefined {
  const { prompt_tokens, completion_tokens, prompt_tokens_details } = asObject(usage)
  const prompt = asCount(prompt_tokens)
  if (prompt === undefined) return undefined
  const { cached_tokens, cache_write_tokens } = asObject(prompt_tokens_details)
  const cacheRead = asCount(cached_tokens) ?? 0
  const cacheWrite = asCount(cache_write_tokens) ?? 0
  return {
    input: Math.max(0, prompt - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    cacheWriteLong: 0,
    output: asCount(completion_tokens) ?? 0,
  }
}

export const isStandardTier = (tier: unknown): boolean => tier === undefined || tier === null || tier === 'default'

interface PartialCall {
  name: string
  args: string
}

const toToolCall = ({ name, args }: PartialCall): ToolCall => ({ name, args: parseArguments(args) })

/** A function call, a custom tool call, or the `function_call` of before tools. */
function readCall(call: unknown): PartialCall {
  const { function: named, custom, name, arguments: bare } = asObject(call)
  const of = asObject(named ?? custom)
  return {
    name: asText(of.name) ?? asText(name) ?? '',
    args: asText(of.arguments) ?? asText(of.input) ?? asText(bare) ?? '',
  }
}

function callsOf(message: unknown): PartialCall[] {
  const { tool_calls, function_call } = asObject(message)
  return [...asArray(tool_calls), ...(function_call ? [function_call] : [])].map(readCall)
}

function readCompletion(body: Json): Answer {
  const { model, usage, choices, service_tier } = asObject(body)
  const tokens = readTokens(usage)
  return {
    ...(typeof model === 'string' && { model }),
    ...(tokens && { tokens }),
    standardPrice: isStandardTier(service_tier),
    toolCalls: asArray(choices).flatMap((choice) => callsOf(asObject(choice).message).map(toToolCall)),
  }
}

class ChatStream implements StreamReader {
  complete = false
  private model: string | undefined
  private tokens: Tokens | undefined
  private standard = true
  private readonly calls = new Map<string, PartialCall>()

  push(data: Json): void {
    if (data === '[DONE]') {
      this.complete = true
      return
    }
    const chunk = asObject(data)
    this.model ??= asText(chunk.model)
    this.tokens = readTokens(chunk.usage) ?? this.tokens
    this.standard &&= isStandardTier(chunk.service_tier)
    for (const choice of asArray(chunk.choices)) {
      const { index, delta } = asObject(choice)
      for (const part of asArray(asObject(delta).tool_calls)) this.grow(`${index} ${asObject(part).index}`, part)
      if (asObject(delta).function_call) this.grow(String(index), asObject(delta).function_call)
    }
  }

  private grow(key: string, part: unknown): void {
    const { name, args } = readCall(part)
    const call = this.calls.get(key)
    if (!call) this.calls.set(key, { name, args })
    else {
      call.name ||= name
      call.args += args
    }
  }

  answer(): Answer {
    return {
      ...(this.model !== undefined && { model: this.model }),
      ...(this.tokens && { tokens: this.tokens }),
      standardPrice: this.standard,
      toolCalls: [...this.calls.values()].map(toToolCall),
    }
  }
}

const textsIn = (holder: unknown, keys: readonly string[], channel: string): Fragment[] =>
  keys
    .filter((key) => typeof asObject(holder)[key] === 'string')
    .map((key) => ({ channel: `${channel} ${key}`, holder: asObject(holder) as Record<string, Json>, key }))

function fragments(data: Json): Fragment[] {
  return asArray(asObject(data).choices).flatMap((choice) => {
    const { index, delta } = asObject(choice)
    const { tool_calls, function_call } = asObject(delta)
    return [
      ...textsIn(delta, ['content', 'refusal', 'reasoning_content'], `${index}`),
      ...textsIn(function_call, ['arguments'], `${index} function`),
      ...asArray(tool_calls).flatMap((call) => {
        const { index: at, function: named, custom } = asObject(call)
        return [
          ...textsIn(named, ['arguments'], `${index} tool ${at}`),
          ...textsIn(custom, ['input'], `${index} tool ${at}`),
        ]
      }),
    ]
  })
}

/** https://developers.openai.com/api/reference/resources/chat */
export const chatCompletions: Endpoint = {
  protocol: 'openai',
  name: 'chat_completions',
  billed: true,
  generates: true,
  outputLimit: (body) => {
    const limit = asCount(body.max_completion_tokens) ?? asCount(body.max_tokens)
    return limit === undefined ? undefined : limit * (asCount(body.n) ?? 1)
  },
  readBody: readCompletion,
  startStream: () => new ChatStream(),
  fragments,
}

/** Whether a streamed completion will not say what it used, because the request did not ask for it. */
export const hidesUsage = (body: Readonly<Record<string, Json>>): boolean =>
  body.stream === true && asObject(body.stream_options).include_usage !== true

/** The chunk that `stream_options.include_usage` adds: it has usage and no choices. */
export const isUsageChunk = (data: Json): boolean => {
  const { choices, usage } = asObject(data)
  return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null
}

/** The other chunks then have `usage: null`, which an agent that did not ask does not expect. The value itself where there is none. */
export function withoutUsage(data: Json): Json {
  if (!isJsonObject(data) || data.usage !== null) return data
  const { usage: _, ...rest } = data
  return rest
}

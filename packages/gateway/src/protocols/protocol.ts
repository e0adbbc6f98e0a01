import type { Json, JsonObject } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'

export type ProtocolName = 'anthropic' | 'openai'

/** What a call used, in the classes that are priced apart. */
export interface Tokens {
  /** Neither read from nor written to the provider's cache. */
  readonly input: number
  readonly cacheRead: number
  /** Written for 5 minutes (Anthropic) or 30 minutes (OpenAI). */
  readonly cacheWrite: number
  /** Written for an hour or longer. */
  readonly cacheWriteLong: number
  readonly output: number
}

/** What a complete answer says about itself. */
export interface Answer {
  /** As the provider resolved it. */
  readonly model?: string
  /** Absent where the provider reported none. */
  readonly tokens?: Tokens
  /** False where the provider served it at another price than the listed one (fast, priority, flex). */
  readonly standardPrice: boolean
  readonly toolCalls: readonly ToolCall[]
}

/** An error says nothing about models and tools. */
export const NO_ANSWER: Answer = { standardPrice: true, toolCalls: [] }

/** Reads a streamed answer event by event. */
export interface StreamReader {
  push(data: Json): void
  /** Whether the event that ends a complete answer has come. */
  readonly complete: boolean
  answer(): Answer
}

/** A string that an event appends to a longer text, such as `delta.text`: the texts of one channel belong together. */
export interface Fragment {
  readonly channel: string
  readonly holder: Record<string, Json>
  readonly key: string
}

/** A kind of model call. */
export interface Endpoint {
  readonly protocol: ProtocolName
  readonly name: 'messages' | 'count_tokens' | 'chat_completions' | 'responses' | 'embeddings'
  /** Whether its tokens cost money. */
  readonly billed: boolean
  /** Whether its model is the one that is evaluated; that of embeddings is not. */
  readonly generates: boolean
  /** The most tokens that the answer may have; undefined where the request does not say. */
  outputLimit(body: JsonObject): number | undefined
  readBody(body: Json): Answer
  startStream(): StreamReader
  /** The growing texts in an event. */
  fragments(data: Json): Fragment[]
}

/** An error of the gateway's own, in the provider's form; its status decides its type. */
export interface ApiError {
  readonly status: 400 | 402 | 403 | 404 | 413 | 502 | 504
  readonly code: string
  readonly message: string
}

export interface Protocol {
  readonly name: ProtocolName
  readonly defaultUpstream: string
  /** Request headers that change the answer. */
  readonly keyHeaders: readonly string[]
  endpointOf(method: string, path: string): Endpoint | undefined
  errorBody(error: ApiError): JsonObject
  /** The headers that carry a key. */
  authorization(key: string): Readonly<Record<string, string>>
}

export const asObject = (value: unknown): Readonly<Record<string, Json | undefined>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Json>) : {}

export const asArray = (value: unknown): readonly Json[] => (Array.isArray(value) ? value : [])

export const asCount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

export const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Arguments as the model wrote them: an object, or `{ input }` around what is none. */
export function parseArguments(text: string): JsonObject {
  if (text.trim() === '') return {}
  try {
    const value: Json = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : { input: value }
  } catch {
    return { input: text }
  }
}

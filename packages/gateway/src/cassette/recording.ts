import type { Json } from '@agent-ci/core/json'
import * as z from 'zod'

/** Which answer of a run this is: the n-th to one request, within a repeat of an example. */
export interface RecordingId {
  /** The digest of the request: {@link requestKey}. */
  readonly key: string
  /** null for traffic that belongs to no example. */
  readonly example: string | null
  /** 0 … repeats-1 */
  readonly repeat: number
  /** 0 for the first identical request of the repeat, 1 for the second … */
  readonly ordinal: number
}

const json: z.ZodType<Json> = z.unknown() as never

const requestSchema = z.object({
  protocol: z.enum(['anthropic', 'openai']),
  endpoint: z.string(),
  method: z.string(),
  path: z.string(),
  /** Only those that are part of the key. */
  headers: z.record(z.string(), z.string()),
  /** Redacted. */
  body: json,
})

const eventSchema = z.object({
  /** Milliseconds since the answer began. */
  at: z.number(),
  event: z.string().optional(),
  id: z.string().optional(),
  /** A text stands for itself: what is not a JSON object or array, such as `[DONE]`. */
  data: json,
  /** The gateway asked for it (usage); the agent did not and does not see it. */
  hidden: z.literal(true).optional(),
})

const answered = { status: z.int(), headers: z.record(z.string(), z.string()), latency_ms: z.number() }

const responseSchema = z.union([
  z.object({ ...answered, cost_usd: z.number().nullable(), body: json.refine((body) => body !== undefined) }),
  z.object({ ...answered, cost_usd: z.number().nullable(), text: z.string() }),
  z.object({ ...answered, cost_usd: z.number().nullable(), events: z.array(eventSchema) }),
])

export const recordingSchema = z.object({
  key: z.string(),
  example: z.string().nullable(),
  repeat: z.int(),
  ordinal: z.int(),
  /** When it was recorded: ISO 8601. */
  at: z.string(),
  request: requestSchema,
  response: responseSchema,
})

export type RecordedRequest = Readonly<z.infer<typeof requestSchema>>
export type RecordedEvent = Readonly<z.infer<typeof eventSchema>>
export type RecordedResponse = Readonly<z.infer<typeof responseSchema>>

/** A model call and its complete answer, without secrets. */
export type Recording = Readonly<z.infer<typeof recordingSchema>>

/** An id as its recording's line begins: {@link encodeLine} writes these members first and in this order. */
export const formatId = ({ key, example, repeat, ordinal }: RecordingId): string =>
  JSON.stringify({ key, example, repeat, ordinal }).slice(1, -1)

export const parseId = (text: string): RecordingId => JSON.parse(`{${text}}`)

import Anthropic from '@anthropic-ai/sdk'
import * as z from 'zod'
import { LineSplitter } from '../lines.ts'

const batchSchema = z.object({
  id: z.string().regex(/^[\w-]{1,200}$/),
  processing_status: z.enum(['in_progress', 'canceling', 'ended']),
})

/** A line of the results. What is in a message is read by who uses it. */
const resultSchema = z.object({
  custom_id: z.string(),
  result: z.union([
    z.object({
      type: z.literal('succeeded'),
      message: z.looseObject({ model: z.string(), content: z.array(z.looseObject({ type: z.string() })) }),
    }),
    z.object({ type: z.enum(['errored', 'expired', 'canceled']) }),
  ]),
})

export type BatchResult = z.infer<typeof resultSchema>

export interface BatchRequest {
  readonly custom_id: string
  readonly params: Anthropic.MessageCreateParamsNonStreaming
}

export interface ClockDeps {
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Rejects with the signal's reason when it is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

const FIRST_POLL_MS = 1_000
const LONGEST_POLL_MS = 60_000
const POLL_GROWTH = 1.5
const CREATE_TRIES = 4
/** Failures in a row after which nobody knows what becomes of a batch. */
const POLL_TRIES = 5
const CANCEL_MS = 5_000
const MOST_LINE_BYTES = 32 << 20

/** Whether the API itself said no: after a broken connection nobody knows whether a batch was made. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Anthropic.APIError && error.status !== undefined && !error.headers?.has('x-agent-ci-refused')

/** Refused for the moment only. What was not refused may have been made, and a second batch would be paid too. */
function isPassing(error: unknown): boolean {
  const status = isRefusal(error) ? ((error as { status?: number }).status ?? 0) : 0
  return status === 429 || status >= 500
}

/** The Message Batches API (https://platform.claude.com/docs/en/build-with-claude/batch-processing). */
export class MessageBatches {
  private readonly client: Anthropic
  private readonly clock: ClockDeps

  constructor(baseURL: string, clock: ClockDeps) {
    // The gateway holds the key.
    this.client = new Anthropic({ apiKey: 'none', baseURL, maxRetries: 2, logLevel: 'off' })
    this.clock = clock
  }

  /** Sends a batch and returns its id. An abort ends only the waiting: a batch that is on its way would go on unknown. */
  async create(requests: readonly BatchRequest[], signal: AbortSignal): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        const body = { requests }
        return batchSchema.parse(await this.client.post('/v1/messages/batches', { body, maxRetries: 0 })).id
      } catch (error) {
        if (!isPassing(error) || attempt === CREATE_TRIES) throw error
        await this.clock.sleep(FIRST_POLL_MS * 2 ** attempt, signal)
      }
    }
  }

  /** Waits until a batch has ended, at most so long; false: it has not. */
  async hasEnded(id: string, withinMs: number, signal: AbortSignal): Promise<boolean> {
    const until = this.clock.now() + withinMs
    let failures = 0
    for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * POLL_GROWTH, LONGEST_POLL_MS)) {
      const leftMs = until - this.clock.now()
      if (leftMs <= 0) return false
      await this.clock.sleep(Math.min(waitMs, leftMs), signal)
      try {
        const batch = batchSchema.parse(await this.client.get(`/v1/messages/batches/${id}`, { signal }))
        if (batch.processing_status === 'ended') return true
        failures = 0
      } catch (error) {
        if (signal.aborted || ++failures === POLL_TRIES || error instanceof Anthropic.NotFoundError) throw error
      }
    }
  }

  /** The results of a batch that has ended, one by one as they come; in any order. */
  async *results(id: string, signal: AbortSignal): AsyncGenerator<BatchResult> {
    // Its own path: a `results_url` that somebody else wrote would be given the key.
    const response = await this.client.get(`/v1/messages/batches/${id}/results`, { signal }).asResponse()
    const lines: string[] = []
    const splitter = new LineSplitter(
      MOST_LINE_BYTES,
      (line) => lines.push(line),
      () => {},
    )
    for await (const chunk of response.body ?? []) {
      splitter.push(Buffer.from(chunk as Uint8Array))
      yield* lines.splice(0).flatMap(parseResult)
    }
    splitter.flush()
    yield* lines.flatMap(parseResult)
  }

  /** Asks for the end of a batch. What it has answered by then is still to be had, and paid. Never rejects. */
  async cancel(id: string): Promise<void> {
    await this.client
      .post(`/v1/messages/batches/${id}/cancel`, { timeout: CANCEL_MS, maxRetries: 1 })
      .catch(() => undefined)
  }
}

/** What is no result is left out: its request then has none, and is made again. */
function parseResult(line: string): BatchResult[] {
  try {
    return [resultSchema.parse(JSON.parse(line))]
  } catch {
    return []
  }
}

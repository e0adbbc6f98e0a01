import type Anthropic from '@anthropic-ai/sdk'
import * as z from 'zod'
import { messages, messagesRequest, refusal } from './anthropic.ts'

type Batch = Anthropic.Messages.MessageBatch
type Result = Anthropic.Messages.MessageBatchResult

/** The limits of https://platform.claude.com/docs/en/build-with-claude/batch-processing; a batch streams nothing. */
const createRequest = z.strictObject({
  requests: z
    .array(
      z.strictObject({
        custom_id: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
        params: messagesRequest.omit({ stream: true }).extend({ temperature: z.number().optional() }),
      }),
    )
    .min(1)
    .max(100_000),
})

interface Stored {
  readonly batch: Batch
  readonly requests: z.infer<typeof createRequest>['requests']
  polls: number
}

/** What becomes of a request in a batch. */
export type Fate = 'succeeded' | 'errored' | 'expired'

/** The Message Batches API: a batch ends with the n-th look at it, and its results come in another order than its requests. */
export class MessageBatches {
  readonly stored = new Map<string, Stored>()
  /** Looks until a batch ends; infinite for one that stalls. */
  looks = 1
  /** What becomes of a request, by the text of its last message. */
  fate: (text: string) => Fate = () => 'succeeded'
  reply: (text: string) => string = (text) => `answer to ${text}`

  create(body: unknown): Batch | Anthropic.ErrorResponse {
    const parsed = createRequest.safeParse(body)
    if (!parsed.success) return refusal(z.prettifyError(parsed.error))
    const { requests } = parsed.data
    if (new Set(requests.map(({ custom_id }) => custom_id)).size < requests.length)
      return refusal('requests: custom_id must be unique')
    const id = `msgbatch_${String(this.stored.size + 1).padStart(8, '0')}`
    const batch: Batch = {
      id,
      type: 'message_batch',
      processing_status: 'in_progress',
      request_counts: { processing: requests.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
      ended_at: null,
      created_at: '2026-11-25T00:00:00Z',
      expires_at: '2026-11-26T00:00:00Z',
      archived_at: null,
      cancel_initiated_at: null,
      results_url: null,
    }
    this.stored.set(id, { batch, requests, polls: 0 })
    return batch
  }

  retrieve(id: string): Batch | Anthropic.ErrorResponse {
    const stored = this.stored.get(id)
    if (!stored) return refusal(`No such batch: ${id}`, 'not_found_error')
    stored.polls++
    const { batch } = stored
    if (
      batch.processing_status !== 'ended' &&
      (stored.polls >= this.looks || batch.processing_status === 'canceling')
    ) {
      const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 }
      for (const { result } of this.resultsOf(stored)) counts[result.type]++
      // Nobody but the API itself may be asked for them.
      const results_url = `https://api.anthropic.com/v1/messages/batches/${id}/results`
      Object.assign(batch, {
        processing_status: 'ended',
        ended_at: '2026-11-25T01:00:00Z',
        results_url,
        request_counts: counts,
      })
    }
    return batch
  }

  cancel(id: string): Batch | Anthropic.ErrorResponse {
    const stored = this.stored.get(id)
    if (!stored) return refusal(`No such batch: ${id}`, 'not_found_error')
    if (stored.batch.processing_status === 'in_progress')
      Object.assign(stored.batch, { processing_status: 'canceling', cancel_initiated_at: '2026-11-25T00:30:00Z' })
    return stored.batch
  }

  results(id: string): string | Anthropic.ErrorResponse {
    const stored = this.stored.get(id)
    if (!stored) return refusal(`No such batch: ${id}`, 'not_found_error')
    if (stored.batch.processing_status !== 'ended') return refusal('The batch has not ended')
    return this.resultsOf(stored)
      .reverse()
      .map((line) => `${JSON.stringify(line)}\n`)
      .join('')
  }

  /** Of a cancelled batch, every second request had been answered already. */
  private resultsOf({ batch, requests }: Stored): Anthropic.Messages.MessageBatchIndividualResponse[] {
    return requests.map(({ custom_id, params }, i) => ({
      custom_id,
      result: batch.cancel_initiated_at !== null && i % 2 === 1 ? { type: 'canceled' } : this.resultOf(params, i + 1),
    }))
  }

  private resultOf(params: z.infer<typeof createRequest>['requests'][number]['params'], number: number): Result {
    const { content } = params.messages.at(-1)!
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    const { temperature: _, ...request } = params
    const message = messages(request, { number, reply: this.reply(text) })
    if (message.type === 'error') return { type: 'errored', error: message }
    switch (this.fate(text)) {
      case 'succeeded':
        return { type: 'succeeded', message: { ...message, usage: { ...message.usage, service_tier: 'batch' } } }
      case 'errored':
        return { type: 'errored', error: refusal('Overloaded', 'overloaded_error') }
      case 'expired':
        return { type: 'expired' }
    }
  }
}

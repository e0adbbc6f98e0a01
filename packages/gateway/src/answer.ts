import type { IncomingHttpHeaders } from 'node:http'
import { messageOf } from '@agent-ci/core/errors'
import { isJsonObject, type Json } from '@agent-ci/core/json'
import type { Reservation } from './budget.ts'
import type { RecordedEvent, RecordedResponse } from './cassette/recording.ts'
import { storedHeaders } from './headers.ts'
import { noteAnswer } from './note.ts'
import { costOf, priceOf } from './prices.ts'
import { type Answer, asObject } from './protocols/protocol.ts'
import type { Passage } from './rate-limit.ts'
import type { Call, Run } from './run.ts'
import { parseJson } from './stream/lossless.ts'

/** What an answer holds: the body's value where it can be written again without loss, its text, or its events. */
export type Content =
  | { readonly body: Json }
  | { readonly text: string }
  | { readonly events: readonly RecordedEvent[] }

/** A provider's complete answer. */
export interface Arrival {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly answer: Answer
  readonly content: Content
  readonly latencyMs: number
}

/** USD, or null where the usage or the price is unknown. An error costs nothing. */
function costOfAnswer({ endpoint, body }: Call, { status, answer }: Arrival, { prices }: Run): number | null {
  if (!endpoint.billed || status >= 400) return 0
  const { model, tokens, standardPrice } = answer
  const price =
    (model === undefined ? undefined : priceOf(prices, model)) ??
    (typeof body.model === 'string' ? priceOf(prices, body.model) : undefined)
  return tokens && price && standardPrice ? costOf(price, tokens) : null
}

/** Errors that the same request will always get; not those of the key, the account or the moment. */
const LASTING = new Set([400, 404, 413, 422])

function isLasting({ status, content }: Arrival): boolean {
  if (status < 400) return true
  const body = 'body' in content ? content.body : 'text' in content ? parseJson(content.text) : undefined
  const { error } = asObject(body)
  // Anthropic says with a plain 400 that the account is empty.
  return LASTING.has(status) && isJsonObject(error) && !/credit balance/i.test(String(error.message))
}

function redactedResponse({ endpoint, redactor }: Call, response: RecordedResponse): RecordedResponse {
  if ('events' in response) redactor.fragments(response.events.flatMap(({ data }) => endpoint.fragments(data)))
  return redactor.json(response as unknown as Json) as unknown as RecordedResponse
}

function record(call: Call, arrival: Arrival, costUsd: number | null, run: Run): void {
  const { status, headers, content, latencyMs } = arrival
  const { trial, key } = call
  const response = {
    status,
    headers: storedHeaders(headers),
    latency_ms: Math.round(latencyMs * 10) / 10,
    cost_usd: costUsd,
    ...content,
  } as RecordedResponse
  try {
    run.cassettes?.append({
      key,
      ...trial.identity,
      ordinal: trial.ordinals.record(key),
      at: new Date(run.deps.now()).toISOString(),
      request: call.request,
      response: redactedResponse(call, response),
    })
  } catch (error) {
    run.emit({ type: 'not-recorded', reason: messageOf(error) })
  }
}

/**
 * Books, observes and records a complete answer. To be called before its last byte goes to the agent: whoever asks for the trial's
 * usage once the agent has answered must find it.
 * @returns whether it counts as an answer to the request, now and in a replay
 */
export function arrive(call: Call, arrival: Arrival, reservation: Reservation, passage: Passage, run: Run): boolean {
  const { status, answer, latencyMs, content } = arrival
  const costUsd = costOfAnswer(call, arrival, run)
  reservation.settle(costUsd ?? undefined)
  passage.settle(answer.tokens)
  const lasting = isLasting(arrival)
  noteAnswer(call, run, { answer, source: 'live', status, costUsd, latencyMs, lasting, content })
  if (lasting && run.mode !== 'live') record(call, arrival, costUsd, run)
  return lasting
}

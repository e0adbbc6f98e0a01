import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { arrive } from './answer.ts'
import type { Reservation } from './budget.ts'
import type { RecordedEvent } from './cassette/recording.ts'
import { responseHeaders } from './headers.ts'
import { noteBroken } from './note.ts'
import { hidesUsage, isUsageChunk, withoutUsage } from './protocols/openai-chat.ts'
import { NO_ANSWER } from './protocols/protocol.ts'
import type { Passage } from './rate-limit.ts'
import type { Call, Run } from './run.ts'
import { meaningOf, parseJson, parseLossless } from './stream/lossless.ts'
import { formatSse, type SseBlock, SseParser } from './stream/sse.ts'
import { decodedBody } from './upstream.ts'

/** What a call has set aside, and when it was sent. */
export interface Sent {
  readonly reservation: Reservation
  readonly passage: Passage
  readonly at: number
}

export const isStream = (response: IncomingMessage): boolean =>
  /^text\/event-stream\b/i.test(response.headers['content-type'] ?? '')

/** Reads a body to its end. Rejects when the connection breaks. */
export async function readAll(
  response: IncomingMessage,
): Promise<{ readonly body: Buffer; readonly decoded: boolean }> {
  const { body, decoded } = decodedBody(response)
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { body: Buffer.concat(chunks), decoded }
}

/**
 * Hands a whole answer on, after it has come to its end: until then the call can still be made again.
 * @param last whether the agent's SDK need not try again, because we have
 * @returns whether the agent got an answer that a replay can give again
 */
export function deliver(
  call: Call,
  response: IncomingMessage,
  { body, decoded }: { readonly body: Buffer; readonly decoded: boolean },
  sent: Sent,
  run: Run,
  last = false,
): boolean {
  const status = response.statusCode ?? 502
  const text = body.toString()
  const lossless = parseLossless(text)
  const value = lossless ?? parseJson(text)
  let answered = false
  if (value !== undefined) {
    const answer = status < 400 ? call.endpoint.readBody(value) : NO_ANSWER
    const content = lossless === undefined ? { text } : { body: lossless }
    const latencyMs = run.deps.now() - sent.at
    answered = arrive(
      call,
      { status, headers: response.headers, answer, content, latencyMs },
      sent.reservation,
      sent.passage,
      run,
    )
  } else {
    noteBroken(call, run, `HTTP ${status} with a body that is not JSON`)
    if (status < 400) sent.reservation.settle(undefined)
  }
  call.response.writeHead(status, {
    ...responseHeaders(response.headers, decoded),
    ...(last && { 'x-should-retry': 'false' }),
    'content-length': body.length,
  })
  // As a string of bytes, it goes out with the headers in one piece.
  call.response.end(body.toString('latin1'), 'latin1')
  return answered
}

/**
 * Hands a stream on as it comes. Rejects when the connection breaks; then the call can be made again only if nothing was handed on.
 * @returns whether the agent got a complete answer
 */
export async function relay(call: Call, response: IncomingMessage, sent: Sent, run: Run): Promise<boolean> {
  const { endpoint, signal } = call
  const { body, decoded } = decodedBody(response)
  const parser = new SseParser()
  const reader = endpoint.startStream()
  const events: RecordedEvent[] = []
  const hideUsage = run.countStreams && endpoint.name === 'chat_completions' && hidesUsage(call.body)
  let complete = false

  const see = (blocks: readonly SseBlock[]): string => {
    let visible = ''
    for (const { raw, event } of blocks) {
      const parsed = event && (parseLossless(event.data) ?? event.data)
      const hidden = hideUsage && parsed !== undefined && isUsageChunk(parsed)
      const data = hideUsage && !hidden && parsed !== undefined ? withoutUsage(parsed) : parsed
      if (!hidden) visible += event && data !== parsed ? formatSse({ ...event, data: JSON.stringify(data) }) : raw
      if (!event || data === undefined || complete) continue
      const { event: name, id } = event
      reader.push(meaningOf(data))
      events.push({
        at: Math.round(run.deps.now() - sent.at),
        ...(name !== undefined && { event: name }),
        ...(id !== undefined && { id }),
        data,
        ...(hidden && { hidden }),
      })
      if (reader.complete) finish()
    }
    return visible
  }

  const finish = (): void => {
    complete = true
    const status = response.statusCode ?? 200
    const latencyMs = run.deps.now() - sent.at
    const arrival = { status, headers: response.headers, answer: reader.answer(), content: { events }, latencyMs }
    arrive(call, arrival, sent.reservation, sent.passage, run)
  }

  const write = async (piece: Buffer | string): Promise<void> => {
    if (piece.length === 0) return
    if (!call.response.headersSent) {
      call.response.writeHead(response.statusCode ?? 200, responseHeaders(response.headers, decoded))
    }
    if (!call.response.write(piece)) await once(call.response, 'drain', { signal })
  }

  try {
    for await (const chunk of body) {
      const visible = see(parser.push(chunk))
      await write(hideUsage ? visible : chunk)
    }
    const rest = see(parser.end())
    if (hideUsage) await write(rest)
  } catch (error) {
    if (!call.response.headersSent) throw error
    if (!complete) broken(call, sent, run, 'the connection broke')
    if (complete) call.response.end()
    else call.response.destroy()
    return complete
  }
  if (!complete) broken(call, sent, run, 'the stream ended before the answer was complete')
  if (!call.response.headersSent) {
    call.response.writeHead(response.statusCode ?? 200, responseHeaders(response.headers, decoded))
  }
  call.response.end()
  return complete
}

/** Part of an answer came; the provider may charge all of it. */
function broken(call: Call, { reservation }: Sent, run: Run, reason: string): void {
  reservation.settle(undefined)
  noteBroken(call, run, call.signal.aborted ? 'the agent went away' : reason)
}

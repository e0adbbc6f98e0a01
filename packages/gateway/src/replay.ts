import type { Json } from '@agent-ci/core/json'
import type { RecordedEvent, RecordedResponse, Recording } from './cassette/recording.ts'
import { noteAnswer } from './note.ts'
import { type Answer, type Endpoint, NO_ANSWER } from './protocols/protocol.ts'
import type { Call, Run } from './run.ts'
import { meaningOf } from './stream/lossless.ts'
import { formatSse } from './stream/sse.ts'

export const REPLAYED_HEADER = 'x-agent-ci-replayed'

const textOf = (data: Json): string => (typeof data === 'string' ? data : JSON.stringify(data))

const wire = ({ event, id, data }: RecordedEvent): string =>
  formatSse({ ...(event !== undefined && { event }), ...(id !== undefined && { id }), data: textOf(data) })

function readAnswer(endpoint: Endpoint, response: RecordedResponse): Answer {
  if (response.status >= 400) return NO_ANSWER
  if (!('events' in response)) return endpoint.readBody('body' in response ? response.body : meaningOf(response.text))
  const reader = endpoint.startStream()
  for (const { data } of response.events) reader.push(meaningOf(data))
  return reader.answer()
}

/** Answers a call from a recording. */
export async function replay({ response: recorded }: Recording, call: Call, run: Run): Promise<void> {
  const { response } = call
  const { status, latency_ms: latencyMs, cost_usd: costUsd } = recorded
  const answer = readAnswer(call.endpoint, recorded)
  noteAnswer(call, run, { answer, source: 'replayed', status, costUsd, latencyMs, lasting: true, content: recorded })
  const headers = { ...recorded.headers, [REPLAYED_HEADER]: 'true' }
  const pace = run.timing === 'recorded'
  if (!('events' in recorded)) {
    // As a string, it goes out with the headers in one piece.
    const body = 'body' in recorded ? JSON.stringify(recorded.body) : recorded.text
    if (pace) await run.deps.sleep(latencyMs, call.signal)
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
    return
  }
  const visible = recorded.events.filter((event) => !event.hidden)
  if (!pace) {
    const body = visible.map(wire).join('')
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
    return
  }
  const started = run.deps.now()
  response.writeHead(status, headers)
  for (const event of visible) {
    const wait = started + event.at - run.deps.now()
    if (wait > 0) await run.deps.sleep(wait, call.signal)
    response.write(wire(event))
  }
  response.end()
}

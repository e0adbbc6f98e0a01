import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { Protocol } from './protocols/protocol.ts'
import { Refusal } from './refusal.ts'
import type { Run } from './run.ts'

/**
 * Hands a request to an endpoint that we do not know on, and its answer back, byte by byte and unrecorded.
 *
 * @param isOwn it is the evaluation's own call: who makes it keeps the budget, and chose the model
 */
export async function passThrough(
  request: IncomingMessage,
  response: ServerResponse,
  protocol: Protocol,
  path: string,
  signal: AbortSignal,
  isOwn: boolean,
  run: Run,
): Promise<void> {
  const method = request.method ?? 'GET'
  if (!isOwn || run.mode === 'replay') refuse(method, path, run)
  const length = request.headers['content-length']
  const headers = {
    ...requestHeaders(request.headers, run.credentials[protocol.name]),
    ...(length !== undefined && { 'content-length': length }),
  }
  const answer = await run.upstreams[protocol.name].send({ method, path, headers, body: request, signal })
  const answerLength = answer.headers['content-length']
  response.writeHead(answer.statusCode ?? 502, {
    ...responseHeaders(answer.headers, false),
    ...(answerLength !== undefined && { 'content-length': answerLength }),
  })
  await pipeline(answer, response)
}

function refuse(method: string, path: string, { mode, strict, setModel, budgetUsd }: Run): void {
  const what = `${method} ${path.replace(/\?.*/s, '')}`
  if (mode === 'replay') throw new Refusal('not-recorded', `${what} is never recorded, so it cannot be replayed.`)
  if (strict)
    throw new Refusal('not-recorded', `${what} is not an endpoint that the gateway records, and strict is set.`)
  if (setModel !== undefined && method === 'POST') {
    throw new Refusal(
      'not-recorded',
      `The gateway sets the model of every call, and ${what} is not an endpoint where it can. Take set-model away to use it.`,
    )
  }
  if (budgetUsd !== undefined && method === 'POST') {
    throw new Refusal(
      'unpriced',
      `What ${what} costs is not known, so the budget in USD cannot be kept. Take the budget away to use it.`,
    )
  }
}

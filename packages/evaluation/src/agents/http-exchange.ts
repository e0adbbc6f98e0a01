import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { onAbort } from './abort.ts'

/** What came over the wire, or why nothing whole did. */
export type Exchange =
  | { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  | { readonly error: NodeJS.ErrnoException; readonly staleSocket: boolean }
  | { readonly tooLarge: true }

/** Sends one request and reads the whole response, at most `cap` bytes; an aborted signal destroys the connection. */
export function exchange(
  options: RequestOptions,
  body: string | undefined,
  cap: number,
  signal: AbortSignal,
): Promise<Exchange> {
  return new Promise((resolve) => {
    let socket: Socket | undefined
    let readBefore = 0
    const request = options.protocol === 'https:' ? httpsRequest(options) : httpRequest(options)
    const abort = () => request.destroy(signal.reason as Error)
    const leave = onAbort(signal, abort)
    const settle = (outcome: Exchange) => {
      leave()
      resolve(outcome)
    }
    request.on('socket', (assigned: Socket) => {
      socket = assigned
      readBefore = assigned.bytesRead
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed an idle connection just as it was used again; it has not seen this request (RFC 9112 9.3.1).
      const unanswered = request.reusedSocket && socket?.bytesRead === readBefore
      settle({ error, staleSocket: unanswered && (error.code === 'ECONNRESET' || error.code === 'EPIPE') })
    })
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length <= cap) chunks.push(chunk)
        else {
          settle({ tooLarge: true })
          request.destroy()
        }
      })
      response.on('end', () => {
        const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
        settle({ status: response.statusCode!, headers: response.headers, body: whole })
      })
      response.on('error', (error) => settle({ error, staleSocket: false }))
    })
    if (signal.aborted) abort()
    request.end(body)
  })
}

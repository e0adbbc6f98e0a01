import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface StubRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** How the stub answers one request; undefined when the answer is written to `response` by the behaviour itself, or never. */
export type Behaviour = (
  request: StubRequest,
  response: ServerResponse,
) => { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown } | undefined

export interface Stub {
  readonly url: string
  readonly requests: StubRequest[]
  /** Answers the next requests one by one; the last one answers all that follow. */
  behave(...behaviours: Behaviour[]): void
  close(): Promise<void>
}

/** A real HTTP server on a free port of the loopback. */
export async function startStub(): Promise<Stub> {
  const requests: StubRequest[] = []
  let queue: Behaviour[] = []
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const request = { path: incoming.url!, headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8') }
    requests.push(request)
    const behaviour = queue.length > 1 ? queue.shift()! : queue[0]!
    const answer = behaviour(request, response)
    if (answer === undefined) return
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers }).end(text)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    behave(...behaviours) {
      queue = behaviours
      requests.length = 0
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** An HTTP server that plays a Prometheus with faults that a healthy one never shows. */
export class StubPrometheus {
  readonly url: string
  readonly requests: { readonly url: URL; readonly headers: IncomingMessage['headers'] }[] = []
  private readonly server: Server

  private constructor(server: Server) {
    this.server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async start(handle: Handler): Promise<StubPrometheus> {
    let stub: StubPrometheus | undefined
    const server = createServer((request, response) => {
      stub?.requests.push({ url: new URL(request.url ?? '', stub.url), headers: request.headers })
      handle(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stub = new StubPrometheus(server)
    return stub
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

export const answers =
  (body: unknown, status = 200, type = 'application/json'): Handler =>
  (_, response) => {
    response.writeHead(status, { 'content-type': type })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

/** A successful answer of an instant query, by its samples as they are written on the wire. */
export const vector = (...values: readonly string[]) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: values.map((value, i) => ({ metric: { pod: `p${i}` }, value: [1_700_000_000.5, value] })),
  },
})

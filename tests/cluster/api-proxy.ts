import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request as forward, type Server } from 'node:https'
import { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { type Fault, isRefusal, RETRY_AFTER_SECONDS, refusal } from './api-fault.ts'
import { type ApiRequest, isWrite, readTarget } from './api-request.ts'
import type { Certificate } from './certificates.ts'
import { type Access, formatKubeconfig, parseKubeconfig } from './kubeconfig.ts'

/** Which requests: the k-th of all, the k-th write (both counted from 1), or those that a test describes. */
export type Which = { readonly request: number } | { readonly write: number } | { readonly where: RequestFilter }
type RequestFilter = (request: ApiRequest) => boolean

/**
 * When in the life of a request something is done: before the API server sees it; when the API server has done what
 * was asked and the client does not know yet; when the client has been sent the whole answer.
 */
export type Moment = 'before' | 'applied' | 'answered'

/** With 'drop' the connection is cut there. */
export type Action = (request: ApiRequest) => undefined | 'drop' | Promise<undefined | 'drop'>

/** Stands between a client and the API server, records what the client asks, and makes chosen requests go wrong. */
export class ApiProxy {
  /** As the kubeconfig that it was made from, but leading here. */
  readonly kubeconfig: string
  readonly url: string
  readonly #access: Access
  readonly #server: Server
  readonly #agent = new Agent({ keepAlive: true })
  /** The TCP connection of each client's port: a TLS socket itself cannot be reset. */
  readonly #connections = new Map<number | undefined, Socket>()
  #requests: ApiRequest[] = []
  #faults: { which: Which; fault: Fault }[] = []
  #actions: { which: Which; moment: Moment; action: Action }[] = []

  constructor(access: Access, server: Server) {
    this.#access = access
    this.#server = server
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('Expected a TCP port')
    this.url = `https://127.0.0.1:${address.port}`
    this.kubeconfig = formatKubeconfig({ ...access, url: this.url })
    server.on('connection', (socket) => {
      if (!(socket instanceof Socket)) return
      const port = socket.remotePort
      this.#connections.set(port, socket)
      socket.once('close', () => this.#connections.delete(port))
    })
    server.on('request', (incoming, response) => {
      this.#handle(incoming, response).catch(() => response.destroy())
    })
  }

  /** Every request since the start or the last `reset`, in the order of arrival. */
  get requests(): readonly ApiRequest[] {
    return this.#requests
  }

  get writes(): readonly ApiRequest[] {
    return this.#requests.filter((request) => request.write !== undefined)
  }

  fail(which: Which, fault: Fault): void {
    this.#faults.push({ which, fault })
  }

  at(which: Which, moment: Moment, action: Action): void {
    this.#actions.push({ which, moment, action })
  }

  /** Forgets requests, faults and actions, and counts from 1 again. */
  reset(): void {
    this.#requests = []
    this.#faults = []
    this.#actions = []
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    this.#agent.destroy()
    await closed
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    // Numbered before the body has arrived, in the order in which the requests do.
    const request = this.#record(incoming)
    response.once('close', () => {
      request.durationMs = Date.now() - request.startedAt.getTime()
    })
    const content = await buffer(incoming)
    Object.assign(request, { body: readBody(content) })
    if (await this.#drops(request, 'before')) return this.#cut(response)
    const fault = this.#faults.find(({ which }) => matches(which, request))?.fault
    if (fault === 'hang-before') return
    if (fault === 'reset-before') return this.#cut(response)
    if (fault !== undefined && isRefusal(fault)) {
      const { code, body } = refusal(fault, request)
      const retry = fault === 'too-many-requests' ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}
      response.writeHead(code, { 'content-type': 'application/json', ...retry }).end(body)
    } else {
      const answer = await this.#forward(incoming, content, response)
      if (fault === 'hang-after') {
        answer.resume()
        return
      }
      if (fault === 'reset-after' || (await this.#drops(request, 'applied'))) {
        answer.resume()
        return this.#cut(response)
      }
      response.writeHead(answer.statusCode!, withoutHopHeaders(answer))
      // A watch sends its first event minutes later, perhaps.
      response.flushHeaders()
      request.status = answer.statusCode
      await pipeline(answer, response)
    }
    request.status = response.statusCode
    await this.#drops(request, 'answered')
  }

  #record(incoming: IncomingMessage): ApiRequest {
    const target = readTarget(incoming.method!, incoming.url!, incoming.headers['content-type'])
    const request: ApiRequest = {
      ...target,
      number: this.#requests.length + 1,
      write: isWrite(target) ? this.writes.length + 1 : undefined,
      body: undefined,
      startedAt: new Date(),
      status: undefined,
      durationMs: undefined,
    }
    this.#requests.push(request)
    return request
  }

  async #drops(request: ApiRequest, moment: Moment): Promise<boolean> {
    let drop = false
    for (const rule of [...this.#actions]) {
      if (rule.moment === moment && matches(rule.which, request)) drop = (await rule.action(request)) === 'drop' || drop
    }
    return drop
  }

  #cut(response: ServerResponse): void {
    this.#connections.get(response.socket?.remotePort)?.resetAndDestroy()
  }

  #forward(incoming: IncomingMessage, content: Buffer, response: ServerResponse): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const { url, authority, credentials } = this.#access
    const identity = 'certificate' in credentials ? { cert: credentials.certificate, key: credentials.key } : {}
    const headers = withoutHopHeaders(incoming)
    const method = incoming.method!
    const outgoing = forward(
      new URL(incoming.url!, url),
      { method, headers, agent: this.#agent, ca: authority, ...identity },
      (answer) => {
        // An answer that nobody is sent ends with an error when the client goes.
        answer.on('error', () => undefined)
        resolve(answer)
      },
    )
    outgoing.once('error', reject).end(content)
    // Ends the watch when the client has gone.
    response.once('close', () => outgoing.destroy())
    return promise
  }
}

/** Starts a proxy on a free port of 127.0.0.1 for the user of `kubeconfig`; `serving` is the API server's certificate. */
export async function startApiProxy(kubeconfig: string, serving: Certificate): Promise<ApiProxy> {
  const server = createServer({
    cert: readFileSync(serving.certificatePath),
    key: readFileSync(serving.keyPath),
    requestTimeout: 0,
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return new ApiProxy(parseKubeconfig(kubeconfig), server)
}

function matches(which: Which, request: ApiRequest): boolean {
  if ('request' in which) return request.number === which.request
  if ('write' in which) return request.write === which.write
  return which.where(request)
}

const HOP_HEADERS = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer']

function withoutHopHeaders({ headers }: IncomingMessage): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_HEADERS.includes(name)))
}

function readBody(content: Buffer): unknown {
  const body = content.toString()
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiDescription } from './description.ts'

/** A request that GitHub's description knows. */
export interface ApiRequest {
  readonly operation: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  readonly token: string
}

export interface ApiAnswer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler = (request: ApiRequest) => ApiAnswer

/** All items of a list; the stub cuts out the page that was asked for and links to its neighbours. */
export const list = (items: readonly unknown[]): ApiAnswer & { readonly items: readonly unknown[] } => ({
  status: 200,
  items,
})

/** What happens instead of an answer by the handler. */
export type Fault = (answer: (answer: ApiAnswer) => void, request: IncomingMessage) => void

const refusal =
  (status: number, message: string, headers: Record<string, string> = {}, extra: object = {}): Fault =>
  (answer) =>
    answer({
      status,
      headers,
      body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status), ...extra },
    })

/** GitHub's own ways of saying no, and the network's. */
export const faults = {
  /** docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
  primaryRateLimit: (resetAt: Date): Fault =>
    refusal(403, 'API rate limit exceeded for installation ID 1.', {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.ceil(resetAt.getTime() / 1_000)),
    }),
  secondaryRateLimit: (retryAfterSeconds?: number, status: 403 | 429 = 403): Fault =>
    refusal(
      status,
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
    ),
  badCredentials: refusal(401, 'Bad credentials'),
  forbidden: refusal(403, 'Resource not accessible by integration'),
  notFound: refusal(404, 'Not Found'),
  gone: refusal(410, 'Issues are disabled for this repo'),
  conflict: refusal(409, 'Conflict: Commit status checks failed for main.'),
  invalid: (...errors: { resource: string; field: string; code: string }[]): Fault =>
    refusal(422, 'Validation Failed', {}, { errors }),
  serverError: (status = 502): Fault => refusal(status, 'Server Error'),
  errorPage:
    (status = 502): Fault =>
    (answer) =>
      answer({ status, headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><html>Unicorn!</html>' }),
  reset: ((_, request) => void request.socket.resetAndDestroy()) satisfies Fault,
  hang: (() => undefined) satisfies Fault,
}

/**
 * GitHub's REST API on loopback. A request that is not as GitHub's published description has it is answered with 422 and remembered in
 * `violations`, and so is an answer of a handler: a test that ends with `stop()` fails on both.
 */
export class GithubStub {
  static readonly description = new ApiDescription()
  readonly requests: ApiRequest[] = []
  readonly violations: string[] = []
  /** The login that GraphQL's viewer has. */
  viewer = 'github-actions[bot]'
  /** What lies behind the addresses that answers redirect to: a storage that asks for no token. */
  storage: (path: string) => Buffer | undefined = () => undefined
  private readonly handlers = new Map<string, Handler>()
  private readonly pending: { operation: string; fault: Fault }[] = []
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => void this.receive(request, response))
  }

  static async start(): Promise<GithubStub> {
    const stub = new GithubStub()
    await new Promise<void>((resolve) => stub.server.listen(0, '127.0.0.1', resolve))
    return stub
  }

  /** For `GITHUB_API_URL`. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** Answers an operation such as `POST /repos/{owner}/{repo}/issues`; `POST /graphql` knows only the viewer without. */
  on(operation: string, handler: Handler): this {
    this.handlers.set(operation, handler)
    return this
  }

  /** The next `times` requests of an operation (`*`: of any) go wrong. */
  fail(operation: string, fault: Fault, times = 1): this {
    for (let each = 0; each < times; each++) this.pending.push({ operation, fault })
    return this
  }

  /** The requests of one operation so far. */
  requestsOf(operation: string): ApiRequest[] {
    return this.requests.filter((request) => request.operation === operation)
  }

  /** Closes the server. @throws Error naming everything that was not as GitHub's description has it */
  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
    if (this.violations.length > 0) throw new Error(this.violations.join('\n'))
  }

  private async receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const url = new URL(incoming.url ?? '/', this.url)
    const text = Buffer.concat(chunks).toString()
    const body = text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>)
    const send = (operation: string, query: URLSearchParams) => (answer: ApiAnswer) => {
      const paged = 'items' in answer ? this.page(answer.items as readonly unknown[], url, query) : answer
      const problems =
        operation === 'POST /graphql' || typeof paged.body === 'string'
          ? []
          : GithubStub.description.answerProblems(operation, paged.status, paged.body)
      this.violations.push(...problems.map((problem) => `answer of ${operation}: ${problem}`))
      response
        .writeHead(paged.status, { 'content-type': 'application/json; charset=utf-8', ...paged.headers })
        .end(typeof paged.body === 'string' ? paged.body : JSON.stringify(paged.body))
    }
    if (incoming.method === 'POST' && url.pathname === '/graphql') {
      this.answer(
        { operation: 'POST /graphql', params: {} },
        url,
        body,
        incoming,
        send('POST /graphql', url.searchParams),
      )
      return
    }
    const stored = this.storage(url.pathname)
    if (stored) {
      response.writeHead(200, { 'content-type': 'application/zip' }).end(stored)
      return
    }
    const route = GithubStub.description.route(incoming.method ?? '', url.pathname)
    if (!route) {
      this.violations.push(`${incoming.method} ${url.pathname} is no operation of GitHub`)
      response.writeHead(404).end()
      return
    }
    this.answer(route, url, body, incoming, send(route.operation, url.searchParams))
  }

  private answer(
    { operation, params }: { operation: string; params: Readonly<Record<string, string>> },
    url: URL,
    body: Record<string, unknown> | undefined,
    incoming: IncomingMessage,
    send: (answer: ApiAnswer) => void,
  ): void {
    const token = /^(?:token|bearer) (.+)$/i.exec(incoming.headers.authorization ?? '')?.[1]
    const problems =
      operation === 'POST /graphql'
        ? []
        : GithubStub.description.requestProblems({ operation, params }, url.searchParams, body)
    if (!incoming.headers['user-agent']) problems.push('GitHub refuses a request without a user-agent')
    const request = { operation, params, query: url.searchParams, body: body ?? {}, token: token ?? '' }
    this.requests.push(request)
    this.violations.push(...problems.map((problem) => `request ${operation}: ${problem}`))
    const at = this.pending.findIndex((each) => each.operation === operation || each.operation === '*')
    const fault = at === -1 ? undefined : this.pending.splice(at, 1)[0]?.fault
    if (fault) fault(send, incoming)
    else if (token === undefined) faults.badCredentials(send, incoming)
    else if (problems.length > 0) faults.invalid()(send, incoming)
    else if (operation === 'POST /graphql' && !this.handlers.has(operation))
      send({ status: 200, body: { data: { viewer: { login: this.viewer } } } })
    else {
      const handler = this.handlers.get(operation)
      if (handler) send(handler(request))
      else {
        this.violations.push(`${operation} is not expected in this test`)
        faults.notFound(send, incoming)
      }
    }
  }

  private page(items: readonly unknown[], url: URL, query: URLSearchParams): ApiAnswer {
    const size = Math.min(100, Math.max(1, Number(query.get('per_page') ?? 30)))
    const page = Math.max(1, Number(query.get('page') ?? 1))
    const last = Math.max(1, Math.ceil(items.length / size))
    const link = (number: number, rel: string) => {
      const to = new URL(url)
      to.searchParams.set('page', String(number))
      return `<${to.href}>; rel="${rel}"`
    }
    const links = [
      ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
      ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ]
    return {
      status: 200,
      body: items.slice((page - 1) * size, page * size),
      headers: links.length > 0 ? { link: links.join(', ') } : {},
    }
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as anthropic from './anthropic.ts'
import { MessageBatches } from './batches.ts'
import * as openai from './openai.ts'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/** What goes into an answer. */
export interface Answered {
  /** 1 for the first answer of the stub: two answers are never equal. */
  readonly number: number
  readonly reply: string | undefined
}

/** Does something else with a request than to answer it; `answer` answers it after all. */
export type Fault = (response: ServerResponse, answer: () => void, request: IncomingMessage) => void

/** A provider on the loopback interface that takes what the published APIs take and refuses the rest. */
export class Provider {
  readonly received: Received[] = []
  /** One for each of the next requests. */
  readonly faults: (Fault | undefined)[] = []
  /** The text of the answers, instead of a numbered one. */
  reply: string | undefined
  /** Sent with every answer. */
  headers: Readonly<Record<string, string>> = {}
  readonly batches = new MessageBatches()
  private answers = 0
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => void this.handle(request, response))
  }

  static async start(): Promise<Provider> {
    const provider = new Provider()
    await new Promise<void>((resolve) => provider.server.listen(0, '127.0.0.1', resolve))
    return provider
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    this.server.closeAllConnections()
    await closed
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const body = text === '' ? undefined : JSON.parse(text)
    this.received.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
    const answer = () => this.answer(request, body, response)
    const fault = this.faults.shift()
    if (fault) fault(response, answer, request)
    else answer()
  }

  private answer({ url = '', headers, method }: IncomingMessage, body: unknown, response: ServerResponse): unknown {
    const path = url.replace(/\?.*/, '')
    const json = (value: object, status = 200) => {
      const failed = 'error' in value && value.error !== null
      response.writeHead(failed && status === 200 ? 400 : status, {
        'content-type': 'application/json',
        'request-id': `req_${this.answers}`,
        'x-request-id': `req_${this.answers}`,
        'set-cookie': 'session=secret-session-cookie',
        'openai-organization': 'org-secret-organization',
        ...this.headers,
      })
      response.end(JSON.stringify(value))
    }
    const events = (list: readonly (readonly [string | undefined, object | string])[]) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...this.headers })
      for (const [name, data] of list) {
        const line = typeof data === 'string' ? data : JSON.stringify(data)
        response.write(`${name === undefined ? '' : `event: ${name}\n`}data: ${line}\n\n`)
      }
      response.end()
    }
    const streams = (body as { stream?: boolean } | undefined)?.stream === true
    const answered = { number: ++this.answers, reply: this.reply }
    if (path.startsWith('/v1/messages')) {
      if (headers['anthropic-version'] === undefined) return json(anthropic.refusal('anthropic-version: required'))
      if (!headers['x-api-key'] && !headers.authorization) {
        return json(anthropic.refusal('x-api-key header is required', 'authentication_error'), 401)
      }
    } else if (!headers.authorization?.startsWith('Bearer ')) {
      return json(openai.refusal('You did not provide an API key', 'invalid_api_key'), 401)
    }
    const [, batch, action] = /^\/v1\/messages\/batches\/([^/]+)(?:\/(cancel|results))?$/.exec(path) ?? []
    if (batch !== undefined && action === 'results') {
      const results = this.batches.results(batch)
      if (typeof results !== 'string') return json(results, 404)
      return response.writeHead(200, { 'content-type': 'application/x-jsonl' }).end(results)
    }
    if (batch !== undefined) {
      const found = method === 'POST' ? this.batches.cancel(batch) : this.batches.retrieve(batch)
      return json(found, found.type === 'error' ? 404 : 200)
    }
    if (path === '/v1/messages/batches' && method === 'POST') return json(this.batches.create(body))
    switch (path) {
      case '/v1/messages': {
        const message = anthropic.messages(body, answered)
        if (message.type === 'error') return json(message, message.error.type === 'not_found_error' ? 404 : 400)
        return streams ? events(anthropic.messageEvents(message)) : json(message)
      }
      case '/v1/messages/count_tokens':
        return json(anthropic.countTokens(body))
      case '/v1/messages/batches':
        return json({ data: [], has_more: false, first_id: null, last_id: null })
      case '/v1/chat/completions': {
        const completion = openai.chatCompletion(body, answered)
        if ('error' in completion || !streams) return json(completion)
        const { stream_options } = body as { stream_options?: { include_usage?: boolean } }
        const chunks = openai.chatChunks(completion, stream_options?.include_usage === true)
        return events([...chunks.map((chunk) => [undefined, chunk] as const), [undefined, '[DONE]']])
      }
      case '/v1/responses': {
        const whole = openai.response(body, answered)
        if (!('id' in whole) || !streams) return json(whole)
        return events(openai.responseEvents(whole).map((event) => [event.type, event] as const))
      }
      case '/v1/embeddings':
        return json(openai.embeddings(body))
      case '/v1/models':
        return json({ object: 'list', data: [] })
      default:
        return json(openai.refusal(`no such path: ${path}`), 404)
    }
  }
}

import {
  Agent as HttpAgent,
  type RequestOptions,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import type { Agent, AgentRequest } from '@agent-ci/core/agent'
import type { AgentConfigOf } from '@agent-ci/core/config/agents'
import { expandReferences } from '@agent-ci/core/config/references'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { Json } from '@agent-ci/core/json'
import type { Failure } from '@agent-ci/core/reply'
import { untrusted } from '@agent-ci/core/untrusted'
import {
  type Answer,
  agentFailed,
  excerpt,
  failed,
  isReply,
  PLACES,
  type Places,
  readAnswer,
  stopped,
} from './answer.ts'
import type { AgentDeps } from './deps.ts'
import { compileTemplate, fillText, placeholdersOf, type Values } from './http-body.ts'
import { type Exchange, exchange } from './http-exchange.ts'
import { failureOfStatus, retryAfterMs } from './http-status.ts'

type HttpConfig = AgentConfigOf<'http'>
type Response = Extract<Exchange, { body: Buffer }>

const MOST_BYTES = 16 * 1024 * 1024

/** An agent behind HTTP. Credentials and query of the URL stay out of every message. */
export function httpAgent(config: HttpConfig, deps: AgentDeps): Agent {
  refuseUnusedInput(config)
  const url = new URL(config.url)
  const address = `${url.origin}${url.pathname}`
  const name = `${config.method} ${address}`
  const headers = requestHeaders(config, deps.env)
  const render = config.body === undefined ? undefined : compileTemplate(config.body as Json, 'agent.body')
  const connections = new (url.protocol === 'https:' ? HttpsAgent : HttpAgent)({
    keepAlive: true,
    maxSockets: deps.concurrency,
  })
  const optionsOf = (target: URL): RequestOptions => {
    const { protocol, hostname, port, path, auth } = urlToHttpOptions(target)
    return { protocol, hostname, port, path, auth, method: config.method, agent: connections } as RequestOptions
  }
  const fixed = optionsOf(url)
  const varies = placeholdersOf(config.url, 'agent.url').length > 0
  const read = responseReader(config, name)

  const call = async (request: AgentRequest): Promise<Answer> => {
    const { id, input } = request.example
    const values: Values = { id, input, model: request.model, prompts: deps.prompts }
    const body =
      config.method === 'GET'
        ? undefined
        : JSON.stringify(render ? render(values) : { id, input, model: request.model, prompts: deps.prompts })
    const target = varies ? optionsOf(new URL(fillText(config.url, values, encodeURIComponent))) : fixed
    const options: RequestOptions = {
      ...target,
      headers: {
        ...(deps.traceparent && { traceparent: deps.traceparent(request) }),
        ...headers,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
    }
    let outcome = await exchange(options, body, MOST_BYTES, request.signal)
    if ('error' in outcome && outcome.staleSocket && !request.signal.aborted) {
      outcome = await exchange({ ...options, agent: false }, body, MOST_BYTES, request.signal)
    }
    if ('body' in outcome) return read(outcome)
    if (request.signal.aborted) return stopped(request.signal)
    if ('tooLarge' in outcome) return agentFailed('protocol', `${name} sent more than ${MOST_BYTES} bytes`)
    return failed(failureOfError(outcome.error, name))
  }

  return {
    description: `http ${address}`,
    run: async (request) => {
      const startedAt = deps.now()
      const answer = await call(request)
      return { ...answer, latencyMs: deps.now() - startedAt, attempts: 1 }
    },
    close: async () => connections.destroy(),
  }
}

/** A configuration that sends every example the same request would measure nothing. */
function refuseUnusedInput(config: HttpConfig): void {
  const places =
    config.method === 'GET'
      ? [config.url]
      : [config.url, config.body === undefined ? '{{input}}' : JSON.stringify(config.body)]
  if (places.some((text) => /\{\{\s*(?:input|id)\s*\}\}/.test(text))) return
  throw new ConfigurationError({
    what: `The ${config.method} request to the agent has no {{input}}`,
    why:
      config.method === 'GET'
        ? 'GET sends no body, so the URL must carry the example'
        : 'agent.body replaces the default body, so every example would send the same request',
    mend: config.method === 'GET' ? 'Write url: http://…?q={{input}}' : 'Write {{input}} where the input belongs',
  })
}

function requestHeaders(config: HttpConfig, env: AgentDeps['env']): Record<string, string> {
  const own = expandReferences(config.headers, env, 'agent.headers')
  for (const [name, value] of Object.entries(own)) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch {
      throw new ConfigurationError({
        what: `agent.headers.${name} is not an HTTP header`,
        why: 'A name is letters, digits and dashes; a value is one line without control characters',
        mend: 'Check the name, and that the secret in the value has no line break at its end',
      })
    }
  }
  const lower = Object.entries(own).map(([name, value]) => [name.toLowerCase(), value] as const)
  return {
    accept: 'application/json, text/plain;q=0.9, */*;q=0.1',
    'user-agent': 'agent-ci',
    ...(config.method !== 'GET' && { 'content-type': 'application/json' }),
    ...Object.fromEntries(lower),
  }
}

function failureOfError(error: NodeJS.ErrnoException, name: string): Omit<Failure, 'message'> & { message: string } {
  // Where a name has several addresses, the message is empty and the code alone says what happened.
  const reason = [error.code, error.message].filter(Boolean).join(': ')
  // llhttp's codes: the other side does not speak HTTP, or its header is too large.
  const notHttp = error.code?.startsWith('HPE_') ?? false
  return {
    of: 'infrastructure',
    kind: notHttp ? 'protocol' : 'network',
    message: `${name} ${notHttp ? 'did not answer in HTTP' : 'could not be reached, or the connection broke'} (${reason})`,
    retryable: !notHttp,
  }
}

/** Makes the function that reads a response as the configuration says. */
function responseReader(config: HttpConfig, name: string): (response: Response) => Answer {
  const places: Places = {
    output: config.output?.split('.') ?? PLACES.output,
    toolCalls: config.tool_calls?.split('.') ?? PLACES.toolCalls,
    usage: config.usage?.split('.') ?? PLACES.usage,
  }
  return ({ status, headers, body }) => {
    const text = body.toString('utf8')
    if (status >= 300) return refusal(name, status, headers, text)
    const promised =
      config.output !== undefined || /^application\/(?:[\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '')
    let reply: Json
    try {
      reply = JSON.parse(text.replace(/^\ufeff/, '')) as Json
    } catch (error) {
      if (!promised) return { output: untrusted(text), toolCalls: null, usage: {} }
      return agentFailed('protocol', `${name} did not answer with JSON (${messageOf(error)}): ${excerpt(text)}`)
    }
    if (promised || isReply(reply)) return readAnswer(reply, text, places)
    return { output: untrusted(text), toolCalls: null, usage: {} }
  }
}

function refusal(name: string, status: number, headers: Response['headers'], text: string): Answer {
  const said = `${name} answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  const failure = failureOfStatus(status)
  if (status < 400) {
    const message = `${said} to ${excerpt(headers.location ?? '')}: redirects are not followed; write the final address as the agent's url`
    return failed({ ...failure, message })
  }
  const wait = retryAfterMs(headers['retry-after'], headers.date)
  return failed({ ...failure, message: `${said}: ${excerpt(text)}`, ...(wait !== undefined && { retryAfterMs: wait }) })
}

import type { Host } from '@agent-ci/core/host'
import { type Fetch, proxiedFetch } from './proxied-fetch.ts'

/** What sending needs of whoever runs it. */
export type NotifyHost = Pick<Host, 'env' | 'date' | 'random' | 'sleep' | 'signal' | 'warn'>

export interface PostRules {
  /** How often a message is sent again. */
  readonly mostRetries: number
  /** For one answer. */
  readonly timeoutMs: number
  /** A service that asks us to wait longer is not waited for. */
  readonly longestWaitMs: number
}

export const DEFAULT_RULES: PostRules = { mostRetries: 3, timeoutMs: 10_000, longestWaitMs: 30_000 }

export interface Message {
  /** POST where not given. */
  readonly method?: 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `body` is at most its first 2,000 characters. */
export interface Answer {
  readonly status: number
  readonly body: string
}

/** No answer came. The message has neither the address nor any header. */
export class NoAnswer extends Error {}

const FIRST_BACKOFF_MS = 1_000
const MOST_BODY = 2_000

/**
 * Sends a message; sends it again on 429 (after what `Retry-After` says), 5xx and broken connections, with full jitter. Redirects are
 * not followed. An answer that is no success is returned, not thrown.
 * @throws NoAnswer when no answer came at all, the signal's reason when it was aborted
 */
export async function post(message: Message, host: NotifyHost, rules: PostRules = DEFAULT_RULES): Promise<Answer> {
  const client = await proxiedFetch(new URL(message.url), host.env)
  try {
    for (let attempt = 0; ; attempt++) {
      const result = await once(message, client.fetch, host.signal, rules.timeoutMs, host.date)
      host.signal.throwIfAborted()
      const waitMs = waitBefore(result, attempt, rules, host.random)
      if (waitMs === undefined) {
        if (result instanceof NoAnswer) throw result
        return result
      }
      await host.sleep(waitMs, host.signal)
    }
  } finally {
    await client.close()
  }
}

type Result = (Answer & { readonly retryAfterMs: number | undefined }) | NoAnswer

async function once(
  { method, url, headers, body }: Message,
  send: Fetch,
  signal: AbortSignal,
  timeoutMs: number,
  date: () => Date,
): Promise<Result> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await send(url, {
      method: method ?? 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'agent-ci', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
    return {
      status: response.status,
      // The status says what became of the message: it is not sent again because the rest broke off.
      body: await start(response).catch(() => ''),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), date()),
    }
  } catch (error) {
    if (timeout.aborted) return new NoAnswer(`there was no answer within ${timeoutMs / 1_000} s`)
    return new NoAnswer(causeOf(error))
  }
}

/** The start of an answer; the rest is not waited for. */
async function start(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.length >= MOST_BODY) break
  }
  return text.slice(0, MOST_BODY)
}

/** What broke, by its code: the messages of `fetch` name addresses. */
function causeOf(error: unknown): string {
  const codes: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection was broken off',
    ENOTFOUND: 'the name of its host is not known',
    EAI_AGAIN: 'the name of its host could not be looked up',
    ETIMEDOUT: 'the connection timed out',
    UND_ERR_SOCKET: 'the connection was broken off',
    UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
    UND_ERR_ABORTED: 'the proxy refused the connection',
  }
  let inner = error as { code?: unknown; cause?: unknown } | undefined
  for (let depth = 0; inner && depth < 5; depth++) {
    const { code } = inner
    if (typeof code === 'string' && /^[A-Z_0-9]+$/.test(code)) return codes[code] ?? `the connection failed (${code})`
    inner = inner.cause as typeof inner
  }
  return 'the connection failed'
}

function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null || header.trim() === '') return undefined
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - now.getTime()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

function waitBefore(result: Result, attempt: number, rules: PostRules, random: () => number): number | undefined {
  if (attempt >= rules.mostRetries) return undefined
  const backoffMs = random() * FIRST_BACKOFF_MS * 2 ** attempt
  if (result instanceof NoAnswer) return backoffMs
  if (result.status !== 429 && result.status < 500) return undefined
  const asked = result.retryAfterMs
  if (asked === undefined) return backoffMs
  return asked > rules.longestWaitMs ? undefined : asked + random() * FIRST_BACKOFF_MS
}

import { Agent as HttpAgent, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { digestOf } from '@agent-ci/core/json'
import type { Usage } from '@agent-ci/core/reply'
import { cut } from '@agent-ci/core/untrusted'
import * as z from 'zod'
import { type Exchange, exchange } from '../agents/http-exchange.ts'
import { retryAfterMs } from '../agents/http-status.ts'
import type { ScorerDeps } from './deps.ts'

export type Vector = readonly number[]

/** Trouble of the endpoint, said for people. */
export class EmbeddingsError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'EmbeddingsError'
  }
}

interface Embeddings {
  /**
   * The vectors of an answer and of the accepted texts, which are asked for once a run.
   * @throws EmbeddingsError
   */
  embed(
    answer: string,
    accepted: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly answer: Vector; readonly accepted: readonly Vector[]; readonly usage: Usage }>
  close(): void
}

const RETRIES = 3
const LONGEST_WAIT_MS = 60_000
const MOST_BYTES = 32 * 1024 * 1024
/** 4,000 vectors of 1,536 numbers take 50 MB. */
const MOST_KEPT = 4_000

const responseSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0).optional(), embedding: z.array(z.number()).min(1) })),
  model: z.string().optional(),
  usage: z.object({ prompt_tokens: z.number().optional() }).optional(),
})

const isTransient = (outcome: Exchange): boolean =>
  'error' in outcome ||
  ('status' in outcome && (outcome.status === 408 || outcome.status === 429 || outcome.status >= 500))

function complaint(outcome: Exchange): string {
  // Where a name has several addresses, the message is empty and the code alone says what happened.
  if ('error' in outcome) return [outcome.error.code, outcome.error.message].filter(Boolean).join(': ')
  if ('tooLarge' in outcome) return `it sent more than ${MOST_BYTES} bytes`
  return `it answered ${outcome.status}: ${cut(outcome.body.toString('utf8').trim(), 200)}`
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** A client of an OpenAI-style endpoint: POST `{model, input: [text, …]}`, answered by `{data: [{index, embedding}]}`. */
export function createEmbeddings(
  endpoint: { readonly url: URL; readonly model: string | undefined; readonly key: string | undefined },
  deps: ScorerDeps,
  timeoutMs: number,
): Embeddings {
  const { protocol, hostname, port, path, auth } = urlToHttpOptions(endpoint.url)
  const connections = new (protocol === 'https:' ? HttpsAgent : HttpAgent)({ keepAlive: true })
  const options = { protocol, hostname, port, path, auth, method: 'POST', agent: connections } as RequestOptions
  const address = `${endpoint.url.origin}${endpoint.url.pathname}`
  const kept = new Map<string, Vector>()

  async function attempt(body: string, signal: AbortSignal): Promise<Exchange> {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(endpoint.key !== undefined && { authorization: `Bearer ${endpoint.key}` }),
    }
    // AbortSignal.any would keep a follower of the run's signal for each request.
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs)
    const onAbort = () => limit.abort(signal.reason)
    signal.addEventListener('abort', onAbort)
    try {
      return await exchange({ ...options, headers }, body, MOST_BYTES, limit.signal)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }

  async function post(body: string, signal: AbortSignal): Promise<Buffer> {
    for (let retry = 0; ; retry++) {
      signal.throwIfAborted()
      const outcome = await attempt(body, signal)
      if ('body' in outcome && outcome.status === 200) return outcome.body
      if (!isTransient(outcome) || retry === RETRIES) {
        throw new EmbeddingsError(`The embeddings endpoint ${address} failed: ${complaint(outcome)}`)
      }
      const headers = 'headers' in outcome ? outcome.headers : {}
      // Full jitter (Brooker, "Exponential Backoff And Jitter"): uniform in [0, 0.5 s · 2^retry).
      const wait = retryAfterMs(headers['retry-after'], headers.date) ?? deps.random() * 500 * 2 ** retry
      await deps.sleep(Math.min(wait, LONGEST_WAIT_MS), signal)
    }
  }

  async function request(input: readonly string[], signal: AbortSignal): Promise<{ vectors: Vector[]; usage: Usage }> {
    const named = endpoint.model === undefined ? {} : { model: endpoint.model }
    const response = responseSchema.safeParse(parseJson(await post(JSON.stringify({ ...named, input }), signal)))
    const byIndex = new Map(response.data?.data.map((item, i) => [item.index ?? i, item.embedding]))
    const vectors = input.flatMap((_, i) => (byIndex.has(i) ? [byIndex.get(i)!] : []))
    if (!response.success || vectors.length !== input.length) {
      throw new EmbeddingsError(
        `The embeddings endpoint ${address} did not answer with {"data": [{"embedding": [numbers]}]} for ${input.length} texts`,
      )
    }
    const { model, usage } = response.data
    const inputTokens = usage?.prompt_tokens
    return {
      vectors,
      usage: { ...(inputTokens !== undefined && { inputTokens }), ...(model !== undefined && { model }) },
    }
  }

  return {
    async embed(answer, accepted, signal) {
      const known = accepted.map((text) => kept.get(digestOf(text)))
      const unknown = accepted.filter((_, i) => known[i] === undefined)
      const { vectors, usage } = await request([answer, ...unknown], signal)
      const fresh = new Map(unknown.map((text, i) => [text, vectors[i + 1]!]))
      const all = accepted.map((text, i) => known[i] ?? fresh.get(text)!)
      for (const [text, vector] of fresh) {
        if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!)
        kept.set(digestOf(text), vector)
      }
      return { answer: vectors[0]!, accepted: all, usage }
    },
    close: () => connections.destroy(),
  }
}

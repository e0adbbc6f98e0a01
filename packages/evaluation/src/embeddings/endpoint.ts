import { Agent as HttpAgent, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { canonicalJson } from '@agent-ci/core/json'
import { cut } from '@agent-ci/core/untrusted'
import * as z from 'zod'
import { type Exchange, exchange } from '../agents/http-exchange.ts'
import { failureOfStatus, retryAfterMs } from '../agents/http-status.ts'
import type { ScorerDeps } from '../scorers/deps.ts'
import { type EmbeddingModel, EmbeddingsError } from './model.ts'

const RETRIES = 3
const LONGEST_WAIT_MS = 60_000
const MOST_BYTES = 32 * 1024 * 1024
/** OpenAI takes 2,048 texts of 300,000 tokens together, Voyage 1,000 of 120,000; a character is one token at most, nearly always. */
const BATCH = { texts: 128, characters: 100_000 }
const PARALLEL = 4

const responseSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0).optional(), embedding: z.array(z.number()).min(1) })),
  model: z.string().optional(),
  // Voyage has the total alone.
  usage: z.object({ prompt_tokens: z.number().optional(), total_tokens: z.number().optional() }).optional(),
})

const isTransient = (outcome: Exchange): boolean =>
  'error' in outcome || ('status' in outcome && failureOfStatus(outcome.status).retryable)

/** 400 and its like are about the texts, 401 and its like about who asks. */
const isRefusal = (outcome: Exchange): boolean =>
  'status' in outcome && (outcome.status === 400 || outcome.status === 413 || outcome.status === 422)

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

export interface Endpoint {
  readonly url: URL
  readonly model: string | undefined
  readonly key: string | undefined
  /** Voyage's: `query` or `document`. */
  readonly inputType: string | undefined
}

/**
 * A client of an endpoint in OpenAI's style: POST `{model, input: [text, …]}`, answered by `{data: [{index, embedding}]}`. Voyage's is the
 * same with an `input_type`.
 */
export function endpointModel(
  endpoint: Endpoint,
  { random, sleep }: Pick<ScorerDeps, 'random' | 'sleep'>,
  timeoutMs: number,
): EmbeddingModel {
  const { protocol, hostname, port, path, auth } = urlToHttpOptions(endpoint.url)
  const connections = new (protocol === 'https:' ? HttpsAgent : HttpAgent)({ keepAlive: true })
  const options = { protocol, hostname, port, path, auth, method: 'POST', agent: connections } as RequestOptions
  const address = `${endpoint.url.origin}${endpoint.url.pathname}`
  const settings = {
    ...(endpoint.model !== undefined && { model: endpoint.model }),
    ...(endpoint.inputType !== undefined && { input_type: endpoint.inputType }),
  }

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
        throw new EmbeddingsError(
          `The embeddings endpoint ${address} failed: ${complaint(outcome)}`,
          isRefusal(outcome),
        )
      }
      const headers = 'headers' in outcome ? outcome.headers : {}
      // Full jitter (Brooker, "Exponential Backoff And Jitter"): uniform in [0, 0.5 s · 2^retry).
      const wait = retryAfterMs(headers['retry-after'], headers.date) ?? random() * 500 * 2 ** retry
      await sleep(Math.min(wait, LONGEST_WAIT_MS), signal)
    }
  }

  return {
    identity: canonicalJson(['endpoint', address, endpoint.url.search, settings]),
    batch: BATCH,
    parallel: PARALLEL,
    async embed(input, signal) {
      const response = responseSchema.safeParse(parseJson(await post(JSON.stringify({ ...settings, input }), signal)))
      const byIndex = new Map(response.data?.data.map((item, i) => [item.index ?? i, item.embedding]))
      const vectors = input.flatMap((_, i) => (byIndex.has(i) ? [Float32Array.from(byIndex.get(i)!)] : []))
      if (!response.success || vectors.length !== input.length) {
        throw new EmbeddingsError(
          `The embeddings endpoint ${address} did not answer with {"data": [{"embedding": [numbers]}]} for ${input.length} texts`,
        )
      }
      const { model, usage } = response.data
      const inputTokens = usage?.prompt_tokens ?? usage?.total_tokens
      return {
        vectors,
        usage: { ...(inputTokens !== undefined && { inputTokens }), ...(model !== undefined && { model }) },
      }
    },
    close: () => connections.destroy(),
  }
}

import type { IncomingMessage } from 'node:http'
import { messageOf } from '@agent-ci/core/errors'
import { estimateInput, worstCost } from './estimate.ts'
import { requestHeaders } from './headers.ts'
import { noteRetry } from './note.ts'
import { hidesUsage } from './protocols/openai-chat.ts'
import { asObject } from './protocols/protocol.ts'
import { deliver, isStream, readAll, relay, type Sent } from './receive.ts'
import { Refusal } from './refusal.ts'
import { type Failure, isBrokenConnection, isPassing, retryDelayMs } from './retry.ts'
import type { Call, Run } from './run.ts'
import { parseJson } from './stream/lossless.ts'
import { UpstreamTimeout } from './upstream.ts'
import { pauseMs, retryAfterMs } from './upstream-limits.ts'

/** A streamed completion says what it used only when it is asked to; the agent does not see that we asked. */
function bodyToSend({ endpoint, body, raw }: Call, run: Run): Buffer {
  if (!run.countStreams || endpoint.name !== 'chat_completions' || !hidesUsage(body)) return raw
  return Buffer.from(
    JSON.stringify({ ...body, stream_options: { ...asObject(body.stream_options), include_usage: true } }),
  )
}

/**
 * Sends a call to its provider, within the budget and the rate limits, again where its failure may pass, and hands the answer on.
 * @returns whether the agent got an answer that a replay can give again
 * @throws {Refusal} where no answer can be had
 */
export async function forward(call: Call, run: Run): Promise<boolean> {
  const { protocol, endpoint, body, signal } = call
  const input = estimateInput(call.raw.toString())
  const worst = run.budgetUsd === undefined ? 0 : worstCost(endpoint, body, input, run.prices)
  const reservation = await run.budget.reserve(worst, signal)
  const estimate = { inputTokens: input.usual, outputLimit: endpoint.outputLimit(body) }
  const limiter = run.limiters[protocol.name]
  const payload = bodyToSend(call, run)
  const headers = { ...requestHeaders(call.headers, run.credentials[protocol.name]), 'content-length': payload.length }
  const request = { method: 'POST', path: call.path, headers, body: payload, signal }

  const again = async (failure: Failure, attempt: number, reason: string): Promise<boolean> => {
    const waitMs = retryDelayMs(failure, attempt, run.retries, run.deps.random)
    if (waitMs === undefined) return false
    noteRetry(call, run, reason, waitMs, attempt + 1)
    // What one call is told to wait, the others would be told too.
    if (failure.status === 429 && failure.retryAfterMs !== undefined) limiter.pause(failure.retryAfterMs)
    await run.deps.sleep(waitMs, signal)
    return true
  }

  let underWay = false
  try {
    for (let attempt = 0; ; attempt++) {
      const passage = await limiter.pass(estimate, signal)
      const sent: Sent = { reservation, passage, at: run.deps.now() }
      try {
        underWay = true
        const response = await run.upstreams[protocol.name].send(request)
        learnLimits(call, response, input.usual, run)
        const status = response.statusCode ?? 502
        if (status < 400 && isStream(response)) return await relay(call, response, sent, run)
        const whole = await readAll(response)
        if (status < 400) return deliver(call, response, whole, sent, run)
        underWay = false
        const failure = failureOf(response, whole.body, run)
        if (await again(failure, attempt, `HTTP ${status}`)) continue
        return deliver(call, response, whole, sent, run, isPassing(status) && run.retries.most > 0)
      } catch (error) {
        if (signal.aborted || call.response.headersSent || error instanceof Refusal) throw error
        if (error instanceof UpstreamTimeout) {
          reservation.settle(undefined)
          throw new Refusal('timeout', `${run.upstreams[protocol.name].url.host}: ${error.message}`)
        }
        if (!isBrokenConnection(error) || !(await again({}, attempt, messageOf(error)))) {
          throw new Refusal(
            'unreachable',
            `${run.upstreams[protocol.name].url.host} gave no answer: ${messageOf(error)}`,
          )
        }
        underWay = false
      }
    }
  } finally {
    // An agent that went away while its answer was under way is charged by the provider all the same.
    if (underWay && signal.aborted) reservation.settle(undefined)
    reservation.release()
  }
}

function failureOf(response: IncomingMessage, body: Buffer, run: Run): Failure {
  const shouldRetry = response.headers['x-should-retry']
  const code = asObject(asObject(parseJson(body.toString())).error).code
  return {
    status: response.statusCode ?? 502,
    shouldRetry: typeof shouldRetry === 'string' ? shouldRetry : undefined,
    code: typeof code === 'string' ? code : undefined,
    retryAfterMs: retryAfterMs(response.headers, run.deps.now()),
  }
}

function learnLimits({ protocol }: Call, { headers }: IncomingMessage, tokens: number, run: Run): void {
  const ms = pauseMs(headers, tokens, run.deps.now())
  if (ms <= 0) return
  run.limiters[protocol.name].pause(ms)
  run.emit({ type: 'paused', protocol: protocol.name, ms })
}

import type { Agent, AgentRequest } from '@agent-ci/core/agent'
import type { Random } from '@agent-ci/core/random'
import type { Reply } from '@agent-ci/core/reply'
import { untrusted } from '@agent-ci/core/untrusted'
import { onAbort } from './abort.ts'
import { stopped } from './answer.ts'

export interface AttemptsPolicy {
  /** Of each attempt. */
  readonly timeoutMs: number
  /** Attempts after the first. */
  readonly retries?: number
  /** The longest wait that the other side may ask for; a longer one ends the trial. */
  readonly maxWaitMs?: number
  /** Told of every rate limit as it comes. */
  readonly onRateLimit?: (retryAfterMs: number | undefined) => void
}

export interface AttemptsDeps {
  readonly random: Random
  /** Ends early, either way, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

const BASE_MS = 500
const CAP_MS = 30_000

/**
 * An agent whose attempts have a time limit, and which calls again after a failure that may pass. Before attempt n+1 it waits what the
 * other side asked for, and a random part of 500 ms * 2^(n-1), at most 30 s ("full jitter", AWS Architecture Blog 2015). An attempt that
 * runs out of time is not repeated: it has used up the trial's time.
 */
export function withAttempts(agent: Agent, policy: AttemptsPolicy, { random, sleep }: AttemptsDeps): Agent {
  const { timeoutMs, retries = 4, maxWaitMs = 60_000, onRateLimit } = policy
  return {
    description: agent.description,
    close: () => agent.close(),
    run: async (request) => {
      for (let attempt = 1; ; attempt++) {
        const reply = { ...(await attemptWithin(timeoutMs, agent, request)), attempts: attempt }
        const { failure } = reply
        if (failure?.kind === 'rate-limit') onRateLimit?.(failure.retryAfterMs)
        if (!failure?.retryable || attempt > retries) return reply
        const asked = failure.retryAfterMs ?? 0
        if (asked > maxWaitMs) {
          const note = `; the other side asks to wait ${asked / 1_000} s, more than the ${maxWaitMs / 1_000} s that are waited at most`
          return { ...reply, failure: { ...failure, message: untrusted(`${failure.message}${note}`) } }
        }
        const wait = asked + random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1))
        await sleep(wait, request.signal).catch((error: unknown) => {
          if (!request.signal.aborted) throw error
        })
        if (request.signal.aborted) {
          return { ...reply, ...stopped(request.signal, `, while waiting to call again after: ${failure.message}`) }
        }
      }
    },
  }
}

async function attemptWithin(timeoutMs: number, agent: Agent, request: AgentRequest): Promise<Reply> {
  const attempt = new AbortController()
  const stop = () => attempt.abort(request.signal.reason)
  if (request.signal.aborted) stop()
  const leave = onAbort(request.signal, stop)
  const timer = setTimeout(() => {
    attempt.abort(new DOMException(`No reply within ${timeoutMs / 1_000} s`, 'TimeoutError'))
  }, timeoutMs)
  try {
    return await agent.run({ ...request, signal: attempt.signal })
  } finally {
    clearTimeout(timer)
    leave()
  }
}

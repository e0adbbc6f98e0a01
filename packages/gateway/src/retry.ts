import type { Random } from '@agent-ci/core/random'

export interface RetryRules {
  /** How often a call is sent again. */
  readonly most: number
  /** A provider that asks us to wait longer gets its error handed on. */
  readonly longestWaitMs: number
}

export const DEFAULT_RETRIES: RetryRules = { most: 4, longestWaitMs: 60_000 }

const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 20_000

const PASSING = new Set([408, 409, 429, 529])

/** Whether the same request may succeed if it is sent again: the statuses that the providers' SDKs retry. */
export const isPassing = (status: number): boolean => PASSING.has(status) || status >= 500

const BROKEN = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/** A connection that broke before an answer came. */
export const isBrokenConnection = (error: unknown): boolean =>
  BROKEN.has(String((error as NodeJS.ErrnoException | undefined)?.code))

export interface Failure {
  /** Absent for a broken connection. */
  readonly status?: number
  /** What the provider says about it in `x-should-retry`. */
  readonly shouldRetry?: string | undefined
  /** OpenAI's 429 for an empty account has this code; waiting does not fill it. */
  readonly code?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/**
 * Milliseconds to wait before the call is sent again, or undefined when its failure stands. Full jitter (Brooker, "Exponential Backoff
 * And Jitter"): uniform in [0, backoff), on top of what the provider asked for.
 * @param attempt 0 for the first
 */
export function retryDelayMs(failure: Failure, attempt: number, rules: RetryRules, random: Random): number | undefined {
  if (attempt >= rules.most) return undefined
  if (failure.code === 'insufficient_quota' || failure.shouldRetry === 'false') return undefined
  if (failure.status !== undefined && !isPassing(failure.status) && failure.shouldRetry !== 'true') return undefined
  const asked = failure.retryAfterMs ?? 0
  if (asked > rules.longestWaitMs) return undefined
  const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt)
  return asked + random() * (failure.retryAfterMs === undefined ? backoff : FIRST_BACKOFF_MS)
}

import type { Random } from '@agent-ci/core/random'

export interface RetryRules {
  /** How often a request is sent again. */
  readonly mostRetries: number
  /** For one answer. */
  readonly timeoutMs: number
  /** When GitHub asks us to wait longer, its refusal stands. */
  readonly longestWaitMs: number
}

export const DEFAULT_RULES: RetryRules = { mostRetries: 3, timeoutMs: 15_000, longestWaitMs: 90_000 }

/** A request that failed. */
export interface FailedRequest {
  readonly status: number
  readonly message: string
  /** undefined: no answer came. */
  readonly headers: Readonly<Record<string, string | number | undefined>> | undefined
  /** Of the network, where no answer came. */
  readonly code: string | undefined
  /** Whether sending it twice does what sending it once does. */
  readonly repeatable: boolean
}

/** The codes of connections that never were, so that nothing can have happened at the other end. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

const FIRST_BACKOFF_MS = 1_000
/** "If the retry-after header is not present, wait at least one minute" (docs.github.com, Best practices for using the REST API). */
const SECONDARY_WAIT_MS = 60_000

/** Whether GitHub refuses because of how many requests there were, not because of this one. */
export function isRateLimited({ status, message, headers }: Pick<FailedRequest, 'status' | 'message' | 'headers'>) {
  if (status === 429) return true
  if (status !== 403) return false
  return (
    headers?.['retry-after'] !== undefined ||
    String(headers?.['x-ratelimit-remaining']) === '0' ||
    /rate limit|abuse detection/i.test(message)
  )
}

/**
 * Milliseconds to wait before the request is sent again, or undefined when its failure stands.
 * @param attempt 0 for the first
 */
export function retryDelayMs(
  failed: FailedRequest,
  attempt: number,
  rules: RetryRules,
  now: Date,
  random: Random,
): number | undefined {
  if (attempt >= rules.mostRetries) return undefined
  const jitterMs = random() * FIRST_BACKOFF_MS
  if (isRateLimited(failed)) {
    const asked = askedMs(failed.headers ?? {}, now)
    return asked > rules.longestWaitMs ? undefined : asked + jitterMs
  }
  if (failed.status < 500) return undefined
  // A gateway that lost an answer may have let the request through: only what can be repeated is.
  const nothingHappened = failed.status === 503 || (failed.code !== undefined && NEVER_SENT.has(failed.code))
  return failed.repeatable || nothingHappened ? jitterMs * 2 ** attempt : undefined
}

function askedMs(headers: NonNullable<FailedRequest['headers']>, now: Date): number {
  const seconds = Number(headers['retry-after'])
  if (headers['retry-after'] !== undefined && Number.isFinite(seconds)) return seconds * 1_000
  const resetAt = Number(headers['x-ratelimit-reset'])
  if (String(headers['x-ratelimit-remaining']) === '0' && Number.isFinite(resetAt)) {
    return Math.max(0, resetAt * 1_000 - now.getTime())
  }
  return SECONDARY_WAIT_MS
}

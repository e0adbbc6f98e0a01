import type { Failure } from '@agent-ci/core/reply'

/** What an HTTP status other than 2xx says about a call of an agent or a model. */
export function failureOfStatus(status: number): Pick<Failure, 'of' | 'kind' | 'retryable'> {
  // 529 is Anthropic's "overloaded".
  if (status === 429 || status === 529) return { of: 'infrastructure', kind: 'rate-limit', retryable: true }
  if (status === 408 || status === 409 || status === 425 || status >= 500) {
    return { of: 'infrastructure', kind: 'unavailable', retryable: true }
  }
  if (status === 400 || status === 413 || status === 422) return { of: 'agent', kind: 'refused', retryable: false }
  return { of: 'infrastructure', kind: 'refused', retryable: false }
}

/**
 * Milliseconds that a `Retry-After` asks to wait: seconds, or an HTTP date, which is read against the response's own `Date` so that
 * neither side's clock need be right.
 */
export function retryAfterMs(
  retryAfter: string | null | undefined,
  date: string | null | undefined,
): number | undefined {
  if (!retryAfter) return undefined
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(retryAfter)) return Number(retryAfter) * 1_000
  const wait = Date.parse(retryAfter) - Date.parse(date ?? '')
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

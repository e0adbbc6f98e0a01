import { OutsideError } from '@agent-ci/core/errors'
import type { Untrusted } from '@agent-ci/core/untrusted'
import { untrusted } from '@agent-ci/core/untrusted'

/** One cause of a refusal, as the API server lists them in `status.details.causes`. */
export interface ApiCause {
  readonly reason: string
  readonly message: Untrusted
  readonly field: string
}

/** An answer of the API server that is not a success; `status` is HTTP's. */
export class ApiError extends OutsideError {
  readonly status: number
  /** The server's word: `Conflict`, `Forbidden`, `Invalid`, `AlreadyExists`, `NotFound` ... */
  readonly reason: string
  readonly causes: readonly ApiCause[]
  /** How long the server asks to wait before the next try. */
  readonly retryAfterMs: number | undefined

  constructor(request: string, status: number, body: string, retryAfter: string | undefined) {
    const parsed = parseStatus(body)
    super(`${request} was answered with ${status}: ${parsed.message}`)
    this.name = 'ApiError'
    this.status = status
    this.reason = parsed.reason
    this.causes = parsed.causes
    const seconds = Number(retryAfter)
    this.retryAfterMs = retryAfter !== undefined && Number.isFinite(seconds) ? seconds * 1_000 : undefined
  }
}

/** No answer came, or it was cut off: whether a write happened is not known. `sent` is false when it surely did not. */
export class NoAnswerError extends OutsideError {
  readonly sent: boolean

  constructor(request: string, why: string, sent: boolean) {
    super(`${request} got no answer: ${why}`)
    this.name = 'NoAnswerError'
    this.sent = sent
  }
}

interface Status {
  readonly message?: string
  readonly reason?: string
  readonly details?: { readonly causes?: readonly { reason?: string; message?: string; field?: string }[] }
}

function parseStatus(body: string): { message: string; reason: string; causes: ApiCause[] } {
  let status: Status = {}
  try {
    status = JSON.parse(body) as Status
  } catch {
    // A proxy's or a load balancer's own page.
  }
  return {
    message: status.message ?? (body.slice(0, 300) || 'no explanation'),
    reason: status.reason ?? '',
    causes: (status.details?.causes ?? []).map((cause) => ({
      reason: cause.reason ?? '',
      message: untrusted(cause.message ?? ''),
      field: cause.field ?? '',
    })),
  }
}

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404
export const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403
/** Somebody else was faster: a resourceVersion or a `test` that no longer holds, or an object that is there already. */
export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.status === 409 ||
    (error.status === 422 &&
      /test operation|the server rejected our request due to an error in our request/i.test(error.message)))

import { messageOf } from '@agent-ci/core/errors'
import { forLog } from '@agent-ci/core/untrusted'
import { type FailedRequest, isRateLimited } from './retry-rules.ts'

/** What we wanted, for the sentence about why it did not come about. */
export interface Wanted {
  /** `The deployment was not created`. */
  readonly failed: string
  /** What the job needs for it: `deployments: write`. */
  readonly permission: string
}

interface RequestError {
  readonly status: number
  readonly message: string
  readonly response?: { readonly headers: Record<string, string | number | undefined>; readonly data: unknown }
  readonly cause?: unknown
}

const isRequestError = (error: unknown): error is RequestError =>
  typeof (error as { status?: unknown } | undefined)?.status === 'number'

/** What Octokit threw, for the rules of retries; undefined for anything else. */
export function failedRequest(error: unknown, repeatable: boolean): FailedRequest | undefined {
  if (!isRequestError(error)) return undefined
  return {
    status: error.status,
    message: error.message,
    headers: error.response?.headers,
    code: codeOf(error.cause),
    repeatable,
  }
}

/** Whether GitHub will refuse the next request like this one too: the token may not do it, whatever we wait for. */
export function isRefusal(error: unknown): boolean {
  if (!isRequestError(error) || !error.response) return false
  const { status, message, response } = error
  return (
    status === 401 ||
    status === 404 ||
    (status === 403 && !isRateLimited({ status, message, headers: response.headers }))
  )
}

/** Node's code at the bottom of a chain of causes. */
function codeOf(error: unknown): string | undefined {
  let inner = error as { code?: unknown; cause?: unknown } | undefined
  for (let depth = 0; inner && depth < 5; depth++) {
    if (typeof inner.code === 'string') return inner.code
    inner = inner.cause as typeof inner
  }
  return undefined
}

/** Why GitHub did not do what we wanted, and what to write to change it, as one sentence for a log. */
export function githubProblem(error: unknown, { failed, permission }: Wanted): string {
  if (!isRequestError(error)) return `${failed}: ${forLog(messageOf(error), 300)}`
  const { status, response } = error
  if (!response) {
    const code = codeOf(error.cause)
    return `${failed}: GitHub gave no answer (${forLog(code ?? error.message, 200)})`
  }
  // A proxy's error page is no explanation.
  const said = /<!doctype|<html/i.test(error.message) ? '' : ` ${forLog(withoutLink(error.message), 300)}`
  const why = `${failed}: GitHub answered with ${status}${said}.`
  if (isRateLimited({ status, message: error.message, headers: response.headers })) {
    return `${why} Its rate limit is used up, and waiting did not help`
  }
  switch (status) {
    case 401:
      return `${why} The token is not valid, or no more: tokens of a job end with it. Check github-token`
    case 403:
      return `${why} The token may not do it. Give the job \`permissions: ${permission}\`; a pull request from a fork never has it`
    case 404:
      return `${why} It is not there, or the token may not see it. Give the job \`permissions: ${permission}\``
    case 410:
      return `${why} The repository has this feature switched off`
    default:
      return why
  }
}

const withoutLink = (message: string): string =>
  message.replace(/ - https:\/\/docs\.github\.com\S*$/, '').replace(/\.$/, '')

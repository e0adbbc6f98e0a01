import type { Target } from './api-request.ts'

const STATUSES = {
  conflict: { code: 409, reason: 'Conflict' },
  'too-many-requests': { code: 429, reason: 'TooManyRequests' },
  'server-error': { code: 500, reason: 'InternalError' },
  unavailable: { code: 503, reason: 'ServiceUnavailable' },
  unauthorized: { code: 401, reason: 'Unauthorized' },
  forbidden: { code: 403, reason: 'Forbidden' },
} as const

/** A refusal of the API server, which has then not done what was asked. */
export type Refusal = keyof typeof STATUSES

/**
 * How a request goes wrong: refused; or cut off, or never answered, before the API server saw it or after it did what
 * was asked.
 */
export type Fault = Refusal | 'reset-before' | 'reset-after' | 'hang-before' | 'hang-after'

/** The seconds that a client is told to wait after too many requests. */
export const RETRY_AFTER_SECONDS = 1

export const isRefusal = (fault: Fault): fault is Refusal => fault in STATUSES

/** The HTTP status and the Status object that the API server answers with. */
export function refusal(fault: Refusal, target: Target): { code: number; body: string } {
  const { code, reason } = STATUSES[fault]
  const details = {
    ...(target.name !== undefined && { name: target.name }),
    ...(target.group !== '' && { group: target.group }),
    kind: target.resource,
    ...(fault === 'too-many-requests' && { retryAfterSeconds: RETRY_AFTER_SECONDS }),
  }
  const message = messageOf(fault, target)
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code }
  return { code, body: `${JSON.stringify(status)}\n` }
}

function messageOf(fault: Refusal, { verb, group, resource, name = '', namespace = '' }: Target): string {
  const kind = group === '' ? resource : `${resource}.${group}`
  switch (fault) {
    case 'conflict':
      return `Operation cannot be fulfilled on ${kind} "${name}": the object has been modified; please apply your changes to the latest version and try again`
    case 'too-many-requests':
      return 'the server has received too many requests and has asked us to try again later'
    case 'server-error':
      return 'etcdserver: request timed out'
    case 'unavailable':
      return 'the server is currently unable to handle the request'
    case 'unauthorized':
      return 'Unauthorized'
    case 'forbidden':
      return `${kind} "${name}" is forbidden: User "test" cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`
  }
}

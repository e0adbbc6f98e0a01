import { cut } from '@agent-ci/core/untrusted'
import { errorPayloadSchema, type Payload, payloadSchema } from './answer.ts'
import { type FailureKind, PrometheusError } from './failure.ts'

/** An HTTP answer whose body was not yet read as anything. */
export interface WireAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: unknown }
  readonly data: unknown
}

/** By Prometheus' own `errorType` (web/api/v1/api.go); the server's state rather than the question is at fault in all others. */
const KIND_OF_ERROR_TYPE: Readonly<Record<string, FailureKind>> = {
  bad_data: 'query',
  execution: 'query',
  not_found: 'query',
  timeout: 'timeout',
}

const HINTS: Readonly<Record<number, string>> = {
  401: ': set prometheus-headers',
  403: ': prometheus-headers may not read metrics',
  404: ': is a base path missing from prometheus-url, such as /prometheus?',
}

const oneLine = (text: string): string => cut(text.replaceAll(/\s+/g, ' ').trim(), 200)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const titleOf = (html: string): string => {
  const title = /<title[^>]*>([^<]*)</i.exec(html)?.[1]?.trim()
  return title ? ` titled ${JSON.stringify(oneLine(title))}` : ''
}

/** What Prometheus said. Throws {@link PrometheusError} for every answer that is none: an error, a page, a redirect. */
export function readPayload({ status, headers, data }: WireAnswer, endpoint: string): Payload {
  const text = typeof data === 'string' ? data : ''
  const body = parseJson(text)
  const failed = errorPayloadSchema.safeParse(body)
  if (failed.success) {
    const { errorType, error } = failed.data
    throw new PrometheusError(
      KIND_OF_ERROR_TYPE[errorType] ?? 'http',
      `Prometheus refused the query: ${oneLine(error) || errorType} (${errorType}, HTTP ${status})`,
      status,
    )
  }
  if (status >= 300 && status < 400) {
    const to = URL.parse(String(headers.location ?? ''), endpoint)
    const where = to ? ` to ${to.origin}${to.pathname}` : ''
    throw new PrometheusError(
      'http',
      `${endpoint} redirects${where} (HTTP ${status}): write the final address, or log in with prometheus-headers`,
      status,
    )
  }
  const html =
    /\bhtml\b/i.test(String(headers['content-type'] ?? '')) || /^\s*<(?:!doctype|html|head|body)\b/i.test(text)
  if (status < 200 || status >= 300) {
    const said = html ? `a page${titleOf(text)}` : oneLine(text) || 'nothing more'
    throw new PrometheusError('http', `${endpoint} answered HTTP ${status}, ${said}${HINTS[status] ?? ''}`, status)
  }
  const parsed = payloadSchema.safeParse(body)
  if (parsed.success) return parsed.data
  if (html) {
    throw new PrometheusError(
      'html',
      `${endpoint} answered a web page${titleOf(text)} instead of JSON: a login page or another service; check prometheus-url and prometheus-headers`,
      status,
    )
  }
  throw new PrometheusError(
    'http',
    `${endpoint} answered something that is not Prometheus' JSON: ${oneLine(text) || 'nothing'}`,
    status,
  )
}

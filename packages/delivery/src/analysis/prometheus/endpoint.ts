import { ConfigurationError } from '@agent-ci/core/errors'

/** Where Prometheus is, and what is sent along with every question. */
export interface Endpoint {
  /** Without a trailing slash, a user or `/api/v1`. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

function refuseHeader(line: number, why: string): never {
  throw new ConfigurationError({
    what: `Line ${line} of prometheus-headers is not a header`,
    why,
    mend: 'Write one header a line, for example Authorization: Bearer <token>',
  })
}

/** Reads `Name: value` lines; a blank line is nothing. No message holds a value, since they are secrets. Throws {@link ConfigurationError}. */
export function parsePrometheusHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '') continue
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (colon < 1 || !TOKEN.test(name)) refuseHeader(index + 1, 'Expected a name, a colon and a value')
    if (value === '') refuseHeader(index + 1, `${name} has no value; perhaps a secret is not set`)
    if (!/^[\t\x20-\x7e\x80-\xff]+$/.test(value))
      refuseHeader(index + 1, `${name} holds characters that no header can hold`)
    if (name in headers) refuseHeader(index + 1, `${name} is given twice`)
    headers[name] = value
  }
  return headers
}

/**
 * Reads `prometheus-url`: a base path (`https://mimir.example/prometheus`) is kept, a copied `/api/v1` or page (`/graph`) is dropped, a user
 * and password become a header. Throws {@link ConfigurationError}.
 */
export function parseEndpoint(text: string, headers: Readonly<Record<string, string>> = {}): Endpoint {
  const url = URL.parse(text.trim())
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.search !== '') {
    throw new ConfigurationError({
      what: 'prometheus-url is not the address of a Prometheus',
      why: 'Expected http:// or https://, a host, perhaps a path, and no query',
      mend: 'Write for example prometheus-url: http://prometheus.monitoring:9090',
    })
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  url.hash = ''
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/(?:api\/v1(?:\/query)?|graph|query)$/, '')
  if (username === '') return { url, headers }
  if ('authorization' in headers) {
    throw new ConfigurationError({
      what: 'prometheus-url names a user and prometheus-headers has Authorization',
      why: 'Only one of them can be sent',
      mend: 'Remove the user and password from prometheus-url',
    })
  }
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return { url, headers: { ...headers, authorization: `Basic ${credentials}` } }
}

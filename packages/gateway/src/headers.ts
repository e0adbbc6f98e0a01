import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** RFC 9110, 7.6.1: they concern one connection, not the message. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

function endToEnd(headers: IncomingHttpHeaders, also: readonly string[]): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const dropped = new Set([...HOP_BY_HOP, ...named, ...also])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
}

/**
 * What goes on to the provider. It is asked for plain text, because we read the answers.
 * @param credentials of the gateway's own, instead of what the agent was given as a key
 */
export const requestHeaders = (
  headers: IncomingHttpHeaders,
  credentials: Readonly<Record<string, string>> | undefined,
): OutgoingHttpHeaders => ({
  ...endToEnd(headers, [
    ...['host', 'content-length', 'accept-encoding', 'expect'],
    ...(credentials ? ['authorization', 'x-api-key'] : []),
  ]),
  ...credentials,
  'accept-encoding': 'identity',
})

const CREDENTIALS = ['x-api-key', 'api-key', 'authorization', 'cookie', 'openai-organization', 'openai-project']

/** What an agent sent to say who it is. */
export const credentialsOf = (headers: IncomingHttpHeaders): string[] =>
  CREDENTIALS.flatMap((name) => headers[name] ?? []).map((value) => value.replace(/^Bearer\s+/i, ''))

/** What goes back to the agent; the length is set anew where the body is at hand. */
export const responseHeaders = (headers: IncomingHttpHeaders, decoded: boolean): OutgoingHttpHeaders =>
  endToEnd(headers, decoded ? ['content-encoding', 'content-length'] : ['content-length'])

/** What of an answer's headers is stored. A list of what may be, because nobody knows all that must not be. */
const STORED = ['content-type', 'request-id', 'x-request-id', 'openai-version', 'retry-after', 'x-should-retry']

export function storedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const stored: Record<string, string> = {}
  for (const name of STORED) {
    const value = headers[name]
    if (typeof value === 'string') stored[name] = value
  }
  return stored
}

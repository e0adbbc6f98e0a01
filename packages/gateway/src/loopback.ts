import type { IncomingHttpHeaders } from 'node:http'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether a request was meant for us and made by a program, not by a web page. DNS rebinding: a page of evil.example makes its name
 * resolve to 127.0.0.1 and may then talk to us; the browser still sends that name as Host. A page may also post to our address
 * without asking; the browser then sends its own Origin. Either would spend the user's money.
 */
export function isForUs({ host, origin }: IncomingHttpHeaders, names: ReadonlySet<string>): boolean {
  const known = (name: string | undefined) => name !== undefined && (LOOPBACK.has(name) || names.has(name))
  if (host === undefined || !known(host.replace(/:\d+$/, '').toLowerCase())) return false
  return origin === undefined || (URL.canParse(origin) && known(new URL(origin).hostname))
}

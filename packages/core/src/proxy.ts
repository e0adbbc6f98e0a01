import { ConfigurationError } from './errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The proxies of an environment, by the scheme of what is reached through them. */
export interface ProxySettings {
  readonly http: URL | undefined
  readonly https: URL | undefined
  /** As curl reads them: a host and what is under it, `*`, each perhaps with a port. */
  readonly direct: readonly string[]
}

function read(env: Environment, name: string): string | undefined {
  const value = env[name.toLowerCase()] ?? env[name.toUpperCase()]
  return value?.trim() || undefined
}

function parseProxy(env: Environment, name: string): URL | undefined {
  const text = read(env, name)
  if (text === undefined) return undefined
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw new ConfigurationError({
    what: `${name.toUpperCase()} names a proxy that cannot be used`,
    why: 'Expected an address that begins with http:// or https://',
    mend: `Write for example ${name.toUpperCase()}=http://proxy.example:3128`,
  })
}

/** Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; the names in small letters come first. Throws {@link ConfigurationError}. */
export function proxySettings(env: Environment): ProxySettings {
  return {
    http: parseProxy(env, 'http_proxy'),
    https: parseProxy(env, 'https_proxy'),
    direct: (read(env, 'no_proxy') ?? '')
      .split(/[\s,]+/)
      .map((entry) => entry.toLowerCase().replace(/^\*?\.(?=.)/, ''))
      .filter((entry) => entry !== ''),
  }
}

const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80')

function goesDirect(url: URL, entry: string): boolean {
  if (entry === '*') return true
  const [, host = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
  if (port !== undefined && port !== portOf(url)) return false
  const name = url.hostname.toLowerCase()
  return name === host || name === `[${host}]` || name.endsWith(`.${host}`)
}

/** The proxy that a URL is reached through, or undefined when it is reached directly. */
export function proxyFor(url: URL, settings: ProxySettings): URL | undefined {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http
  return proxy && !settings.direct.some((entry) => goesDirect(url, entry)) ? proxy : undefined
}

/** What tells the proxy who we are, where its address has a user. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

import { proxyAuthorization, proxyFor, proxySettings } from '@agent-ci/core/proxy'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface ProxiedFetch {
  readonly fetch: Fetch
  readonly close: () => Promise<void>
}

/**
 * `fetch` for an address, through the environment's proxy where it names one: Node's own does not look.
 * @throws ConfigurationError when the environment's proxy is no address
 */
export async function proxiedFetch(url: URL, env: Readonly<Record<string, string | undefined>>): Promise<ProxiedFetch> {
  const proxy = proxyFor(url, proxySettings(env))
  if (!proxy) return { fetch, close: async () => undefined }
  const undici = await import('undici')
  const { 'proxy-authorization': token } = proxyAuthorization(proxy)
  const dispatcher = new undici.ProxyAgent({ uri: proxy.origin, ...(token !== undefined && { token }) })
  return {
    fetch: (address, init) =>
      undici.fetch(address, { ...init, dispatcher } as Parameters<
        typeof undici.fetch
      >[1]) as unknown as Promise<Response>,
    close: () => dispatcher.close(),
  }
}

import * as http from 'node:http'
import * as https from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, constants as zlib } from 'node:zlib'
import { ConfigurationError } from '@agent-ci/core/errors'
import { type ProxySettings, proxyAuthorization, proxyFor } from '@agent-ci/core/proxy'
import { TunnelAgent } from './tunnel.ts'

export interface UpstreamRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: http.OutgoingHttpHeaders
  readonly body: Buffer | Readable
  readonly signal: AbortSignal
}

export interface UpstreamOptions {
  readonly proxies: ProxySettings
  /** Certificates to trust beside the usual ones (PEM). */
  readonly ca?: string
  /** A connection on which nothing moves for so long is given up. */
  readonly idleMs: number
}

/** Thrown where a provider was silent for too long. */
export class UpstreamTimeout extends Error {
  readonly code = 'UPSTREAM_TIMEOUT'
}

/** A provider's HTTP API. Keeps its connections. */
export class Upstream {
  readonly url: URL
  private readonly agent: http.Agent
  private readonly request: typeof http.request
  private readonly target: Pick<http.RequestOptions, 'host' | 'port'>
  private readonly prefix: string
  private readonly extraHeaders: Readonly<Record<string, string>>
  private readonly idleMs: number

  constructor(url: URL, { proxies, ca, idleMs }: UpstreamOptions) {
    this.url = url
    this.idleMs = idleMs
    const proxy = proxyFor(url, proxies)
    const secure = url.protocol === 'https:'
    const keep = { keepAlive: true, scheduling: 'lifo', ...(ca !== undefined && { ca }) } as const
    // The paths that we send on begin with /v1, and so do the base URLs that people copy.
    const path = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
    // A plain request goes to its proxy in absolute form (RFC 9112, 3.2.2).
    const through = secure ? undefined : proxy
    this.target = {
      host: (through ?? url).hostname.replaceAll(/[[\]]/g, ''),
      port: (through ?? url).port || ((through ?? url).protocol === 'https:' ? 443 : 80),
    }
    this.prefix = through ? `${url.origin}${path}` : path
    this.extraHeaders = { host: url.host, ...(through && proxyAuthorization(through)) }
    const overTls = secure || through?.protocol === 'https:'
    this.request = overTls ? https.request : http.request
    if (secure && proxy) this.agent = new TunnelAgent(proxy, keep)
    else this.agent = overTls ? new https.Agent(keep) : new http.Agent(keep)
  }

  /** Resolves with the head of the answer. Rejects with the network's error, {@link UpstreamTimeout}, or the signal's reason. */
  async send({ method, path, headers, body, signal }: UpstreamRequest): Promise<http.IncomingMessage> {
    return await new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const request = this.request({
        ...this.target,
        method,
        path: `${this.prefix}${path}`,
        headers: { ...headers, ...this.extraHeaders },
        agent: this.agent,
      })
      const abort = () => request.destroy(signal.reason)
      signal.addEventListener('abort', abort, { once: true })
      request.setTimeout(this.idleMs, () => request.destroy(new UpstreamTimeout(`nothing came for ${this.idleMs} ms`)))
      request.once('response', resolve)
      request.once('error', reject)
      request.once('close', () => signal.removeEventListener('abort', abort))
      // As a string of bytes, it goes out with the headers in one piece.
      if (Buffer.isBuffer(body)) request.end(body.toString('latin1'), 'latin1')
      else pipeline(body, request, () => {})
    })
  }

  close(): void {
    this.agent.destroy()
  }
}

/** Throws {@link ConfigurationError} for what is no address of an API. */
export function parseUpstream(name: string, text: string): URL {
  const url = URL.parse(text)
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.search === '') {
    return url
  }
  throw new ConfigurationError({
    what: `${name} is not the address of an API`,
    why: 'Expected http:// or https://, a host, perhaps a path, and no user or password',
    mend: `Write for example ${name}: https://api.example.com`,
  })
}

/** An answer's body as plain text: some servers compress although we asked them not to. An encoding that we do not know stays. */
export function decodedBody(response: http.IncomingMessage): { readonly body: Readable; readonly decoded: boolean } {
  const decoder = () => {
    switch (response.headers['content-encoding']?.trim().toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
        return createGunzip({ flush: zlib.Z_SYNC_FLUSH })
      case 'deflate':
        return createInflate({ flush: zlib.Z_SYNC_FLUSH })
      case 'br':
        return createBrotliDecompress()
    }
  }
  const stream = decoder()
  if (!stream) return { body: response, decoded: false }
  // A broken connection or bad data reaches whoever reads the stream.
  pipeline(response, stream, () => {})
  return { body: stream, decoded: true }
}

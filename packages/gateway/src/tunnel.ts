import * as http from 'node:http'
import * as https from 'node:https'
import type { Duplex } from 'node:stream'
import * as tls from 'node:tls'
import { proxyAuthorization } from '@agent-ci/core/proxy'

const CONNECT_TIMEOUT_MS = 30_000

type Created = (error: Error | null, socket: Duplex) => void

/** Reaches https hosts through a proxy's CONNECT (RFC 9110, 9.3.6); connections are kept like any agent's. */
export class TunnelAgent extends https.Agent {
  private readonly proxy: URL

  constructor(proxy: URL, options: https.AgentOptions) {
    super(options)
    this.proxy = proxy
  }

  override createConnection(options: https.RequestOptions, created: Created): undefined {
    const host = options.host ?? 'localhost'
    const target = `${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`
    const { request } = this.proxy.protocol === 'https:' ? https : http
    const fail = (error: Error) => created(error, undefined as never)
    const connect = request({
      host: this.proxy.hostname.replaceAll(/[[\]]/g, ''),
      port: this.proxy.port || (this.proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
      headers: { host: target, ...proxyAuthorization(this.proxy) },
    })
    connect.once('error', fail)
    connect.once('timeout', () => connect.destroy(new Error(`the proxy ${this.proxy.host} did not answer`)))
    connect.once('connect', (response, socket) => {
      connect.off('error', fail)
      connect.setTimeout(0)
      if (response.statusCode !== 200) {
        socket.destroy()
        fail(new Error(`the proxy ${this.proxy.host} refused the connection to ${target}: HTTP ${response.statusCode}`))
        return
      }
      created(null, tls.connect({ ...(options as tls.ConnectionOptions), socket, ALPNProtocols: ['http/1.1'] }))
    })
    connect.end()
    return undefined
  }
}

import { existsSync } from 'node:fs'
import * as http from 'node:http'
import * as https from 'node:https'
import { isAbsolute, join } from 'node:path'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import { proxyFor, proxySettings } from '@agent-ci/core/proxy'
import { forLog } from '@agent-ci/core/untrusted'
import { KubeConfig } from '@kubernetes/client-node'

export interface ConnectionSettings {
  /** The text of a kubeconfig, or its path; empty: `KUBECONFIG`, `~/.kube/config`, else the cluster we run in. */
  readonly kubeconfig: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Monotonic milliseconds. */
  readonly now: () => number
}

/** How long credentials are used before they are asked for again: exec plugins of the clouds give tokens for 15 minutes. */
const FRESH_MS = 60_000

/** What a request to the API server is made with. */
export interface Access {
  readonly agent: http.Agent
  readonly headers: Readonly<Record<string, string>>
}

/** The API server and who we are there. Credentials are loaded when first needed, and anew after a minute or on `renew`. */
export class Connection {
  readonly server: URL
  /** Of the context; undefined where it names none. */
  readonly namespace: string | undefined
  private readonly config: KubeConfig
  private readonly now: () => number
  private access: Promise<Access> | undefined
  private loadedAt = 0

  constructor(config: KubeConfig, env: ConnectionSettings['env'], now: () => number) {
    const cluster = config.getCurrentCluster()
    const server = URL.parse(cluster?.server ?? '')
    if (!cluster || !server) {
      throw new ConfigurationError({
        what: `The kubeconfig names no cluster for its context ${JSON.stringify(config.getCurrentContext() ?? '')}`,
        why: 'There is no API server to talk to',
        mend: 'Set current-context to one of its contexts, and a server for its cluster',
      })
    }
    const proxy = proxyFor(server, proxySettings(env))
    if (proxy && !cluster.proxyUrl) {
      config.loadFromOptions({
        clusters: config.clusters.map((each) => (each === cluster ? { ...each, proxyUrl: proxy.href } : each)),
        contexts: config.contexts,
        users: config.users,
        currentContext: config.currentContext,
      })
    }
    this.config = config
    this.server = server
    this.namespace = config.getContextObject(config.getCurrentContext())?.namespace
    this.now = now
  }

  /** Who the API server takes us for, as far as the kubeconfig says. */
  get user(): string {
    return this.config.getCurrentUser()?.name ?? 'nobody'
  }

  /** Credentials for the next request. Throws what the exec plugin or the token file gave as an error. */
  credentials(): Promise<Access> {
    if (!this.access || this.now() - this.loadedAt > FRESH_MS) this.renew()
    return this.access!
  }

  /** Drops what is known of the credentials, so that the next request loads them again. */
  renew(): void {
    this.loadedAt = this.now()
    const previous = this.access
    this.access = this.load()
    // A plugin that fails is asked again by the next request.
    this.access.catch(() => {
      this.access = undefined
    })
    void previous?.then(({ agent }) => agent.destroy()).catch(() => undefined)
  }

  /** Closes the connections that are kept for the next request. */
  close(): void {
    void this.access?.then(({ agent }) => agent.destroy()).catch(() => undefined)
  }

  private async load(): Promise<Access> {
    const options: https.RequestOptions = { headers: {} }
    await this.config.applyToHTTPSOptions(options)
    const headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]),
    )
    if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
    const cluster = this.config.getCurrentCluster()
    if (cluster?.proxyUrl) return { agent: options.agent as http.Agent, headers }
    const { ca, cert, key, pfx, passphrase } = options
    const tls: https.AgentOptions = {
      keepAlive: true,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(pfx !== undefined && { pfx }),
      ...(passphrase !== undefined && { passphrase }),
      ...(cluster?.skipTLSVerify && { rejectUnauthorized: false }),
      ...(cluster?.tlsServerName && { servername: cluster.tlsServerName }),
    }
    const agent = this.server.protocol === 'http:' ? new http.Agent({ keepAlive: true }) : new https.Agent(tls)
    return { agent, headers }
  }
}

/** Opens a kubeconfig. @throws ConfigurationError when there is none or it cannot be read; no word of its content is repeated */
export function connect(settings: ConnectionSettings): Connection {
  const { env, now } = settings
  const config = new KubeConfig()
  const text = settings.kubeconfig.trim()
  const read = (origin: string, load: () => void) => {
    try {
      load()
    } catch (error) {
      // The parser quotes the text, which may hold a token.
      throw new ConfigurationError({
        what: `The kubeconfig ${origin} could not be read${text.includes('\n') ? '' : `: ${forLog(messageOf(error))}`}`,
        why: 'Expected the YAML that kubectl uses',
        mend: 'Check it with kubectl --kubeconfig <file> config view',
      })
    }
  }
  if (text.includes('\n') || /^\s*[{]/.test(text)) read('of the input', () => config.loadFromString(text))
  else if (text !== '') {
    const file = isAbsolute(text) ? text : join(settings.cwd, text)
    if (!existsSync(file))
      throw new ConfigurationError({
        what: `kubeconfig is ${JSON.stringify(forLog(text, 200))}, and there is no such file`,
        why: 'Expected a path, or the text of a kubeconfig',
        mend: 'Give the secret that holds your kubeconfig, or the path of its file',
      })
    read(forLog(file), () => config.loadFromFile(file))
  } else {
    const files = (env.KUBECONFIG ?? '').split(':').filter((file) => file !== '')
    const home = join(env.HOME ?? '', '.kube/config')
    if (files.length === 0 && !existsSync(home) && !env.KUBERNETES_SERVICE_HOST)
      throw new ConfigurationError({
        what: 'There is no kubeconfig',
        why: 'Neither the input kubeconfig, nor KUBECONFIG, nor ~/.kube/config names a cluster, and this is not one of its pods',
        mend: 'Give the input kubeconfig, or log in to the cluster in an earlier step',
      })
    read(files.length > 0 ? 'of KUBECONFIG' : '', () => config.loadFromDefault())
  }
  return new Connection(config, env, now)
}

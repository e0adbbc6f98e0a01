import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import * as http from 'node:http'
import * as https from 'node:https'
import { isAbsolute, join } from 'node:path'
import { ConfigurationError, messageOf, OutsideError } from '@agent-ci/core/errors'
import { proxyFor, proxySettings } from '@agent-ci/core/proxy'
import { forLog } from '@agent-ci/core/untrusted'
import { KubeConfig } from '@kubernetes/client-node'
import { type TokenFiles, tokenFilesIn, tokenFilesOf } from './token-files.ts'

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
  private config: KubeConfig
  private readonly tokenFiles: TokenFiles
  private readonly now: () => number
  private access: Promise<Access> | undefined
  /** What `access` came to. */
  private latest: Access | undefined
  private loadedAt = 0

  constructor(config: KubeConfig, tokenFiles: TokenFiles, env: ConnectionSettings['env'], now: () => number) {
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
    this.tokenFiles = tokenFiles
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
    if (!this.access || this.now() - this.loadedAt > FRESH_MS) this.reload()
    return this.access!
  }

  /**
   * Drops what is known of the credentials, tokens that have not run out too, so that the next request loads them again. `refused`: those that
   * the server refused; where they were loaded anew since, for another request, nothing is dropped.
   */
  renew(refused?: Access): void {
    if (refused && refused !== this.latest) return
    // The library keeps the token of an exec plugin or a file with its authenticators, until it runs out.
    const { clusters, contexts, users, currentContext } = this.config
    this.config = new KubeConfig()
    this.config.loadFromOptions({ clusters, contexts, users, currentContext })
    this.reload()
  }

  private reload(): void {
    this.loadedAt = this.now()
    const previous = this.access
    this.latest = undefined
    const access = this.load()
    this.access = access
    access.then(
      (loaded) => {
        if (this.access === access) this.latest = loaded
      },
      () => {
        // A plugin that fails is asked again by the next request.
        if (this.access === access) this.access = undefined
      },
    )
    void previous?.then(({ agent }) => retire(agent)).catch(() => undefined)
  }

  /** Closes the connections that are kept for the next request. */
  close(): void {
    void this.access?.then(({ agent }) => agent.destroy()).catch(() => undefined)
  }

  private async load(): Promise<Access> {
    const options: https.RequestOptions = { headers: {} }
    const tokenFile = this.tokenFiles.get(this.user)
    let token: string | undefined
    try {
      await this.config.applyToHTTPSOptions(options)
      token = tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim()
    } catch (error) {
      // What could not be parsed may hold a token.
      const why = error instanceof SyntaxError ? 'the answer of its program is no JSON' : forLog(messageOf(error), 500)
      throw new OutsideError(`The credentials for ${this.server.host} could not be loaded: ${why}`)
    }
    const headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]),
    )
    if (token !== undefined) headers.Authorization = `Bearer ${token}`
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

/** Lets the requests under way end, and keeps no connection for others. */
function retire(agent: http.Agent): void {
  agent.maxFreeSockets = 0
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
}

/** Why a kubeconfig was not read: what the file system says, never what the parser says, for it quotes the text. */
const causeOf = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? `: ${forLog((error as Error).message, 300)}` : ''
}

/** What is neither a kubeconfig nor a file of that name is not shown: it may be a secret. */
function refuseText(text: string): ConfigurationError {
  if (/apiVersion|clusters:/.test(Buffer.from(text, 'base64').toString('utf8')))
    return new ConfigurationError({
      what: 'kubeconfig is a kubeconfig in base64',
      why: 'Expected its text, or the path of its file',
      mend: 'Decode it in the step before: base64 -d > "$RUNNER_TEMP/kubeconfig"',
    })
  return new ConfigurationError({
    what: `kubeconfig is a text of ${text.length} characters that is neither a kubeconfig nor the path of a file`,
    why: 'Expected one of them; the text is not shown here, for it may be a secret',
    mend: 'Give the secret that holds your kubeconfig, or the path of its file',
  })
}

/** Opens a kubeconfig. @throws ConfigurationError when there is none or it cannot be read; no word of its content is repeated */
export function connect(settings: ConnectionSettings): Connection {
  const { env, now } = settings
  const config = new KubeConfig()
  const text = settings.kubeconfig.trim()
  let tokenFiles: TokenFiles = new Map()
  const read = (origin: string, load: () => void) => {
    try {
      load()
    } catch (error) {
      throw new ConfigurationError({
        what: `The kubeconfig ${origin} cannot be read${causeOf(error)}`,
        why: 'Expected the YAML that kubectl uses',
        mend: 'Check it with kubectl --kubeconfig <file> config view',
      })
    }
  }
  if (text.includes('\n') || /^\s*[{]/.test(text))
    read('of the input', () => {
      config.loadFromString(text)
      tokenFiles = tokenFilesIn(text, settings.cwd)
    })
  else if (text !== '') {
    const file = isAbsolute(text) ? text : join(settings.cwd, text)
    if (!existsSync(file)) throw refuseText(text)
    read(forLog(file), () => {
      config.loadFromFile(file)
      tokenFiles = tokenFilesOf([file])
    })
  } else {
    const files = (env.KUBECONFIG ?? '').split(':').filter((file) => file !== '')
    const home = join(env.HOME ?? '', '.kube/config')
    if (files.length === 0 && !existsSync(home) && !env.KUBERNETES_SERVICE_HOST)
      throw new ConfigurationError({
        what: 'There is no kubeconfig',
        why: 'Neither the input kubeconfig, nor KUBECONFIG, nor ~/.kube/config names a cluster, and this is not one of its pods',
        mend: 'Give the input kubeconfig, or log in to the cluster in an earlier step',
      })
    read(files.length > 0 ? 'of KUBECONFIG' : '', () => {
      config.loadFromDefault()
      tokenFiles = tokenFilesOf(files.length > 0 ? files : [home].filter((file) => existsSync(file)))
    })
  }
  return new Connection(config, tokenFiles, env, now)
}

import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigurationError } from '@agent-ci/core/errors'
import { proxySettings } from '@agent-ci/core/proxy'
import { type BatchAccount, batchAccount } from './batch-account.ts'
import { Budget, type Spending } from './budget.ts'
import { Cassettes } from './cassette/cassettes.ts'
import type { RecordingId } from './cassette/recording.ts'
import { type Handling, handle, PROTOCOLS } from './handler.ts'
import type { Attack } from './inject.ts'
import { Observation, type Observed } from './observed.ts'
import { checkOptions, type GatewayOptions, type Matching } from './options.ts'
import { PRICE_LIST } from './price-list.ts'
import type { ProtocolName } from './protocols/protocol.ts'
import { RateLimiter } from './rate-limit.ts'
import { DEFAULT_RETRIES } from './retry.ts'
import type { GatewayDeps, Mode, Run } from './run.ts'
import { scopePath, type TrialIdentity, UNSCOPED } from './scope.ts'
import { Trials } from './trials.ts'
import { parseUpstream, Upstream } from './upstream.ts'

/** What a run came to. */
export interface GatewaySummary {
  readonly mode: Mode
  readonly observed: Observed
  /** What the providers were asked and paid for. */
  readonly spending: Spending
  /** Whether a call was refused for want of budget. */
  readonly budgetExhausted: boolean
  /** Recordings in the directory when it was opened, and now. */
  readonly recordings: { readonly before: number; readonly after: number }
}

export interface BaseUrls {
  /** For `ANTHROPIC_BASE_URL`. */
  readonly anthropic: string
  /** For `OPENAI_BASE_URL`. */
  readonly openai: string
}

export interface Gateway {
  readonly port: number
  readonly url: string
  /** The base URLs under which traffic is attributed to a scope; without one, to the run. Throws RangeError for a scope that is no path segment. */
  baseUrls(scope?: string): BaseUrls
  /** A scope's next trial begins: identical requests are counted anew, and so is everything seen. For workers that keep their base URL. */
  begin(scope: string, trial: TrialIdentity, attack?: Attack): void
  /** What was seen under a scope since its trial began or was last taken. */
  usageOf(scope: string): Observed
  /** As {@link usageOf}, and counts anew. */
  take(scope: string): Observed
  /** Whether this run replayed or recorded a recording. What no run uses can be pruned. */
  wasUsed(recording: RecordingId): boolean
  /** For the Message Batches API, whose calls are handed on as they are. */
  readonly batches: BatchAccount
  /** The run so far. */
  summary(): GatewaySummary
  /** Takes no more calls, lets those under way end for at most `graceMs`, and closes everything. Safe to call twice. */
  close(graceMs?: number): Promise<GatewaySummary>
}

const IDLE_MS = 600_000
const GRACE_MS = 5_000

function makeRun(
  options: GatewayOptions,
  matching: Matching,
  deps: GatewayDeps,
  cassettes: Cassettes | undefined,
): Run {
  const { mode, timing = 'none', strict = false, countStreams = true, ca } = options
  const budget = options.sharedBudget ?? new Budget(options.budget ?? {})
  const proxies = proxySettings(options.env ?? {})
  const upstream = (name: ProtocolName) => {
    const url = parseUpstream(`upstream-${name}`, options.upstreams?.[name] ?? PROTOCOLS[name].defaultUpstream)
    return new Upstream(url, { proxies, idleMs: options.idleMs ?? IDLE_MS, ...(ca !== undefined && { ca }) })
  }
  const credentials = (name: ProtocolName) => {
    const key = options.keys?.[name]
    return key ? { [name]: PROTOCOLS[name].authorization(key) } : {}
  }
  const limiter = () => new RateLimiter(options.rateLimits ?? {}, deps)
  return {
    mode,
    deps,
    cassettes,
    ...matching,
    timing,
    strict,
    setModel: options.setModel,
    countStreams,
    budgetUsd: budget.limits.usd,
    budget,
    prices: options.prices ?? PRICE_LIST,
    retries: options.retries ?? DEFAULT_RETRIES,
    credentials: { ...credentials('anthropic'), ...credentials('openai') },
    upstreams: { anthropic: upstream('anthropic'), openai: upstream('openai') },
    limiters: { anthropic: limiter(), openai: limiter() },
    total: new Observation(false),
    emit: (event) => deps.onEvent?.(event),
  }
}

/**
 * Starts a gateway on the loopback interface.
 * @throws {ConfigurationError} for options that cannot work, a directory that is not there, or a port that is taken
 */
export async function startGateway(options: GatewayOptions, deps: GatewayDeps): Promise<Gateway> {
  const matching = checkOptions(options)
  const { mode, host = '127.0.0.1', port = 0 } = options
  const cassettes =
    mode === 'live' || !options.cassettes ? undefined : Cassettes.open(options.cassettes, mode !== 'replay', deps)
  const run = makeRun(options, matching, deps, cassettes)
  for (const { file, line, reason } of cassettes?.damage ?? []) run.emit({ type: 'damaged', file, line, reason })
  const replays = mode === 'replay' || mode === 'auto'
  const trials = new Trials((id) => replays && (cassettes?.has(id) ?? false))
  const hostNames = new Set([host, ...(options.hostNames ?? [])])
  const handling: Handling = { run, trials, hostNames, refused: new Set(), batchScope: randomUUID() }
  const before = cassettes?.size ?? 0

  // Long answers and slow agents are no attack: the gateway listens on the loopback interface.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) => {
    void handle(request, response, handling)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' || error.code === 'EACCES' ? taken(port, error.code) : error)
    })
    server.listen(port, host, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`

  const summary = (): GatewaySummary => ({
    mode,
    observed: run.total.observed,
    spending: run.budget.spending,
    budgetExhausted: handling.refused.has('budget'),
    recordings: { before, after: cassettes?.size ?? 0 },
  })

  let closing: Promise<GatewaySummary> | undefined
  const close = async (graceMs: number): Promise<GatewaySummary> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    const grace = new AbortController()
    const late = deps.sleep(graceMs, grace.signal).then(
      () => server.closeAllConnections(),
      () => {},
    )
    await closed
    grace.abort()
    await late
    for (const upstream of Object.values(run.upstreams)) upstream.close()
    cassettes?.close()
    return summary()
  }

  return {
    port: bound,
    url,
    baseUrls(scope = UNSCOPED) {
      const base = `${url}${scopePath(scope)}`
      return { anthropic: `${base}/anthropic`, openai: `${base}/openai/v1` }
    },
    begin(scope, trial, attack) {
      trials.begin(scope, trial, attack)
    },
    usageOf: (scope) => trials.usageOf(scope),
    take: (scope) => trials.take(scope),
    batches: batchAccount(`${url}${scopePath(handling.batchScope)}/anthropic`, run),
    wasUsed: (recording) => cassettes?.wasUsed(recording) ?? false,
    summary,
    close(graceMs = GRACE_MS) {
      closing ??= close(graceMs)
      return closing
    },
  }
}

const taken = (port: number, code: string): ConfigurationError =>
  new ConfigurationError({
    what: `The gateway cannot listen on port ${port}`,
    why: code === 'EACCES' ? 'This user may not use it' : 'Another process does',
    mend: 'Choose another port, or 0 for any free one',
  })

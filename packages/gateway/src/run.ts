import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { JsonObject } from '@agent-ci/core/json'
import type { Random } from '@agent-ci/core/random'
import type { Budget } from './budget.ts'
import type { Cassettes } from './cassette/cassettes.ts'
import type { MatchingRules } from './cassette/normalise.ts'
import type { RecordedRequest } from './cassette/recording.ts'
import type { Redactor } from './cassette/redaction.ts'
import type { GatewayEvent } from './events.ts'
import type { Observation } from './observed.ts'
import type { PriceList } from './prices.ts'
import type { Endpoint, Protocol, ProtocolName } from './protocols/protocol.ts'
import type { RateLimiter } from './rate-limit.ts'
import type { RetryRules } from './retry.ts'
import type { TrialTraffic } from './trials.ts'
import type { Upstream } from './upstream.ts'

export type Mode = 'live' | 'record' | 'replay' | 'auto'

/** What the gateway needs of the world. */
export interface GatewayDeps {
  /** Milliseconds since the epoch, perhaps with a fraction. */
  readonly now: () => number
  readonly random: Random
  /** Rejects with the signal's reason when it aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly onEvent?: (event: GatewayEvent) => void
}

/** What all calls of a gateway share. */
export interface Run {
  readonly mode: Mode
  readonly deps: GatewayDeps
  /** Absent in mode live. */
  readonly cassettes: Cassettes | undefined
  readonly rules: MatchingRules
  /** Knows the secrets of the run; a call's own knows the call's too. */
  readonly redactor: Redactor
  readonly timing: 'none' | 'recorded'
  readonly strict: boolean
  readonly setModel: string | undefined
  readonly countStreams: boolean
  readonly budgetUsd: number | undefined
  readonly budget: Budget
  readonly prices: PriceList
  readonly retries: RetryRules
  /** The headers with the gateway's own keys, where it has them. */
  readonly credentials: Readonly<Partial<Record<ProtocolName, Readonly<Record<string, string>>>>>
  readonly upstreams: Readonly<Record<ProtocolName, Upstream>>
  readonly limiters: Readonly<Record<ProtocolName, RateLimiter>>
  /** Of the whole run. */
  readonly total: Observation
  emit(event: GatewayEvent): void
}

/** A request to one of the endpoints that we know. */
export interface Call {
  readonly trial: TrialTraffic
  /** The trial's, as it was when the call came. */
  readonly observation: Observation
  readonly protocol: Protocol
  readonly endpoint: Endpoint
  readonly headers: IncomingHttpHeaders
  /** With its query, as the agent wrote it. */
  readonly path: string
  readonly raw: Buffer
  readonly body: JsonObject
  readonly redactor: Redactor
  /** Redacted, as it is stored. */
  readonly request: RecordedRequest
  readonly key: string
  /** Of an attacked trial: the number of the call in it. */
  readonly turn?: number
  readonly response: ServerResponse
  /** Aborts when the agent goes away or the gateway closes. */
  readonly signal: AbortSignal
}

import { ConfigurationError } from '@agent-ci/core/errors'
import type { Budget, BudgetLimits } from './budget.ts'
import { type MatchingRules, matchingRules, type Normaliser } from './cassette/normalise.ts'
import { Redactor } from './cassette/redaction.ts'
import type { PriceList } from './prices.ts'
import type { ProtocolName } from './protocols/protocol.ts'
import type { RateLimits } from './rate-limit.ts'
import type { RetryRules } from './retry.ts'
import type { Mode } from './run.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface GatewayOptions {
  /** `live`: no recordings. `record`: always ask, and record. `replay`: never ask. `auto`: replay, else record. */
  readonly mode: Mode
  /** The directory of recordings; needed in every mode but live. */
  readonly cassettes?: string
  /** 0 (the default): any free one. */
  readonly port?: number
  /** 127.0.0.1 unless said otherwise. */
  readonly host?: string
  /** Names beside localhost under which agents may address the gateway (`host.docker.internal`). */
  readonly hostNames?: readonly string[]
  /** Where the providers are, instead of their public addresses. */
  readonly upstreams?: Readonly<Partial<Record<ProtocolName, string>>>
  /** Keys that the gateway itself puts into requests, so that agents need none. */
  readonly keys?: Readonly<Partial<Record<ProtocolName, string>>>
  /** Refuse what is not recorded, instead of handing it on. */
  readonly strict?: boolean
  /** The model of every call, whatever the agent asks for; calls of {@link OWN_SCOPE} keep theirs, and so do embeddings. */
  readonly setModel?: string
  /** Places in a request's body that do not count when it is compared with recordings: `metadata.user_id`. */
  readonly ignore?: readonly string[]
  /** Volatile texts that do not count either. */
  readonly normalise?: readonly Normaliser[]
  /** Regular expressions for what must not be stored. */
  readonly redact?: readonly string[]
  /** Values that must not be stored; `keys` are among them anyway. */
  readonly secrets?: readonly string[]
  /** Whether replayed answers take as long as recorded ones did. */
  readonly timing?: 'none' | 'recorded'
  readonly budget?: BudgetLimits
  /** In the place of `budget`: one that several gateways keep together. */
  readonly sharedBudget?: Budget
  /** For each provider. */
  readonly rateLimits?: RateLimits
  readonly retries?: RetryRules
  /** The built-in ones unless given: {@link loadPrices}. */
  readonly prices?: PriceList
  /** For `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. */
  readonly env?: Environment
  /** Certificates that providers may have beside the usual ones (PEM). */
  readonly ca?: string
  /** Ask OpenAI's streams what they used, where the agent does not. Off for servers that know no `stream_options`. */
  readonly countStreams?: boolean
  /** A provider that is silent for so long is given up; 10 minutes. */
  readonly idleMs?: number
}

export interface Matching {
  readonly rules: MatchingRules
  readonly redactor: Redactor
}

const refuse = (what: string, why: string, mend: string): never => {
  throw new ConfigurationError({ what, why, mend })
}

function checkAmount(name: string, value: number | undefined, least: 'zero' | 'more'): void {
  if (value === undefined || (Number.isFinite(value) && (least === 'zero' ? value >= 0 : value > 0))) return
  refuse(
    `${name} is ${value}`,
    `Expected a number ${least === 'zero' ? 'of at least' : 'above'} 0`,
    'Write for example 10',
  )
}

/** Refuses what cannot work before anything is started. Throws {@link ConfigurationError}. */
export function checkOptions(options: GatewayOptions): Matching {
  const { mode, cassettes, port, budget, rateLimits, retries } = options
  if (!['live', 'record', 'replay', 'auto'].includes(mode)) {
    refuse(`The gateway's mode is "${mode}"`, 'Expected live, record, replay or auto', 'Write for example mode: auto')
  }
  if (mode !== 'live' && !cassettes) {
    refuse(
      `Mode ${mode} has no directory of cassettes`,
      'It reads or writes recordings',
      'Write for example cassettes: cassettes',
    )
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    refuse(`port is ${port}`, 'Expected a whole number from 0 to 65535', 'Write for example port: 0 for any free one')
  }
  checkAmount('budget-usd', budget?.usd, 'zero')
  checkAmount('The budget of requests', budget?.requests, 'zero')
  for (const [name, value] of Object.entries(rateLimits ?? {})) checkAmount(name, value, 'more')
  checkAmount('retries', retries?.most, 'zero')
  checkAmount('The longest wait of retries', retries?.longestWaitMs, 'zero')
  const keys = Object.values(options.keys ?? {})
  return {
    rules: matchingRules(options.ignore, options.normalise),
    redactor: new Redactor({ secrets: [...(options.secrets ?? []), ...keys], patterns: options.redact ?? [] }),
  }
}

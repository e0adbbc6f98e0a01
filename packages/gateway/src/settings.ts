import { resolve } from 'node:path'
import { MODES } from '@agent-ci/core/config/gateway'
import type { LocatedConfig } from '@agent-ci/core/config/parse'
import { optional, type SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import * as quantities from '@agent-ci/core/quantities'
import { checkOptions, type GatewayOptions } from './options.ts'
import { loadPrices } from './prices.ts'
import { parseUpstream } from './upstream.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The inputs that say how model traffic is handled; `mode` of llm-gateway is `responses` of the evaluations. */
export type GatewayInput =
  | 'mode'
  | 'responses'
  | 'cassettes'
  | 'upstream-anthropic'
  | 'upstream-openai'
  | 'budget-usd'
  | 'requests-per-minute'
  | 'tokens-per-minute'
  | 'prices'
  | 'redact'
  | 'port'

export interface GatewayPlaces {
  readonly cwd: string
  /** Where paths of the configuration start. */
  readonly baseDir: string
  readonly env: Environment
}

export const DEFAULT_CASSETTES = 'cassettes'

/** The gateway's options from inputs and the `gateway` part of the configuration; problems stay with the reader. */
export function readGatewayOptions(
  reader: SettingReader<GatewayInput>,
  modeInput: 'mode' | 'responses',
  input: (name: GatewayInput) => string,
  located: LocatedConfig | undefined,
  { cwd, baseDir, env }: GatewayPlaces,
): GatewayOptions {
  const configured = located?.config.gateway
  const pathFrom = (name: GatewayInput) => (text: string) => resolve(input(name) === '' ? baseDir : cwd, text)
  const mode = reader.read(modeInput, 'live', (text, origin) => quantities.parseChoice(text, origin, MODES), [
    'gateway',
    'responses',
  ])
  const cassettes = reader.read<string | undefined>(
    'cassettes',
    mode === 'live' ? undefined : resolve(baseDir, DEFAULT_CASSETTES),
    pathFrom('cassettes'),
    ['gateway', 'cassettes'],
  )
  const upstream = (name: 'anthropic' | 'openai', fallback: string | undefined) =>
    reader.read<string | undefined>(
      `upstream-${name}`,
      fallback || undefined,
      (text) => {
        parseUpstream(`upstream-${name}`, text)
        return text
      },
      ['gateway', `upstream_${name}`],
    )
  const amount = (name: GatewayInput, key: string) =>
    reader.read<number | undefined>(name, undefined, (text, origin) => quantities.parseAmount(text, origin, '10'), [
      'gateway',
      key,
    ])
  const budgetUsd = amount('budget-usd', 'budget_usd')
  const redact =
    input('redact') === ''
      ? (configured?.redact ?? [])
      : input('redact')
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean)
  const options: GatewayOptions = {
    mode,
    env,
    port: reader.read('port', 0, (text, origin) => quantities.parseWhole(text, origin, 0, 65_535)),
    ...optional('cassettes', cassettes),
    upstreams: {
      ...optional('anthropic', upstream('anthropic', env.ANTHROPIC_BASE_URL)),
      ...optional('openai', upstream('openai', env.OPENAI_BASE_URL)),
    },
    keys: {
      ...optional('anthropic', env.ANTHROPIC_API_KEY || undefined),
      ...optional('openai', env.OPENAI_API_KEY || undefined),
    },
    redact,
    ...optional('ignore', configured?.ignore),
    ...optional('normalise', configured?.normalise),
    ...optional('timing', configured?.timing),
    ...optional('strict', configured?.strict),
    budget: optional('usd', budgetUsd),
    rateLimits: {
      ...optional('requestsPerMinute', amount('requests-per-minute', 'requests_per_minute')),
      ...optional('tokensPerMinute', amount('tokens-per-minute', 'tokens_per_minute')),
    },
    prices: reader.read('prices', loadPrices(), (text) => loadPrices(pathFrom('prices')(text)), ['gateway', 'prices']),
  }
  reader.attempt(() => checkOptions(options))
  return options
}

/** What replaces a provider's key where the gateway holds the real one: SDKs refuse to start without any. */
export const PLACEHOLDER_KEY = 'held-by-agent-ci-gateway'

/** The variables that send an agent's model calls through the gateway; the keys stay with it. */
export function agentEnvironment(urls: {
  readonly anthropic: string
  readonly openai: string
}): Record<string, string> {
  return {
    ANTHROPIC_BASE_URL: urls.anthropic,
    OPENAI_BASE_URL: urls.openai,
    ANTHROPIC_API_KEY: PLACEHOLDER_KEY,
    OPENAI_API_KEY: PLACEHOLDER_KEY,
  }
}

/** A refusal for an agent whose model calls we cannot see. */
export function refuseUnseen(agentType: string): never {
  throw new ConfigurationError({
    what: `The agent is of type ${agentType}, and responses, cassettes, budget-usd or set-model are set`,
    why: 'They work on the model calls of an agent that we start; those of a running service do not come by',
    mend: 'Use a command, python or anthropic agent, or start the llm-gateway action before the service and leave these out',
  })
}

import type { AgentConfig } from '@agent-ci/core/config/agents'
import type { LocatedConfig } from '@agent-ci/core/config/parse'
import type { SettingReader } from '@agent-ci/core/config/setting-reader'
import type { GatewayOptions } from '@agent-ci/gateway/options'
import type { GatewayInput, GatewayPlaces } from '@agent-ci/gateway/settings'
import type { InputName } from './interface.ts'

export type TrafficSettings = GatewayOptions

const PROVIDER = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'ANTHROPIC_BASE_URL', 'OPENAI_BASE_URL']

/**
 * How the agent's model traffic is to be handled: through a gateway where something was asked of it, or where a provider is known to
 * the environment, so that usage, cost and tool calls are seen; undefined for an agent that talks to no model we know of.
 */
export async function readTraffic(
  reader: SettingReader<InputName>,
  input: (name: InputName) => string,
  agent: AgentConfig,
  located: LocatedConfig | undefined,
  places: GatewayPlaces,
  needsGateway: boolean,
): Promise<TrafficSettings | undefined> {
  const asked =
    input('responses') !== '' ||
    input('cassettes') !== '' ||
    input('budget-usd') !== '' ||
    needsGateway ||
    located?.config.gateway !== undefined
  if (!asked && (agent.type === 'http' || !PROVIDER.some((name) => places.env[name]))) return undefined
  // Imported only here: a run without model traffic does not pay for it.
  const { readGatewayOptions, refuseUnseen } = await import('@agent-ci/gateway/settings')
  if (agent.type === 'http') return reader.attempt(() => refuseUnseen(agent.type))
  // A name that eval-gate does not have as an input is never given.
  const given = input as (name: GatewayInput) => string
  return readGatewayOptions(reader as unknown as SettingReader<GatewayInput>, 'responses', given, located, places)
}

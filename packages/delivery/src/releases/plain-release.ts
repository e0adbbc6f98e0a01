import { parseDeployedAgentConfig } from '@agent-ci/core/config/deployed-agent'
import { digestOf } from '@agent-ci/core/json'
import { type Release, sealRelease } from '@agent-ci/core/release'
import { tagOf } from './images.ts'
import type { ReleaseInputs } from './inputs.ts'

/** A release without Kubernetes manifests: what a team's own scripts deploy, by image, configuration, prompts and model. */
export async function plainRelease({
  app,
  environment,
  version,
  images,
  agentConfig,
  prompts,
}: Omit<ReleaseInputs, 'manifests' | 'variables' | 'namespace'>): Promise<Release> {
  const config =
    agentConfig && (await parseDeployedAgentConfig(new TextDecoder().decode(agentConfig.bytes), agentConfig.path))
  const named = images.map((image): [string, string] => {
    const [name, value] = image.includes('=') ? image.split('=', 2) : [app, image]
    return [name!, value!]
  })
  const model = config?.value.model
  return sealRelease({
    schema_version: 1,
    app,
    environment,
    namespace: null,
    version: version ?? (named[0] && tagOf(named[0][1])) ?? null,
    images: Object.fromEntries(named.length > 0 ? named : [[app, version ?? 'unknown']]),
    model: model ?? null,
    prompt_version: config?.value.prompts.version ?? null,
    prompts: Object.fromEntries(prompts.map(({ name, version: saved, hash }) => [name, { version: saved, hash }])),
    agent_config: agentConfig && config ? { digest: digestOf(agentConfig.bytes), settings: config.value } : null,
    config_maps: [],
    workloads: [],
  })
}

import { type DeployedAgentConfig, parseDeployedAgentConfig } from '@agent-ci/core/config/deployed-agent'
import type { Located } from '@agent-ci/core/config/located-yaml'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Annotation } from '@agent-ci/core/host'
import { digestOf, type JsonObject } from '@agent-ci/core/json'
import { type Release, sealRelease } from '@agent-ci/core/release'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { appDeployment } from './app-deployment.ts'
import { manifestFindings, referenceFindings } from './checks.ts'
import { configMapObject } from './config-maps.ts'
import { imagesOf, pinImages, tagOf } from './images.ts'
import { ownVariables, type ReleaseInputs } from './inputs.ts'
import { type Manifest, parseManifests } from './manifests.ts'
import { modelAndPrompts, withVersions } from './model-settings.ts'
import { isObjectName } from './names.ts'
import { mainContainer } from './pod-template.ts'
import { type Renamed, renameConfigMaps } from './references.ts'
import { type ReleaseConfig, releaseConfig } from './release-config.ts'
import { stampDeployment } from './stamp.ts'
import { workloadsOf } from './template-digest.ts'
import { declareVariables } from './variables.ts'

/** A release and the objects that bring it about, to be applied in this order: ConfigMaps, others, Deployments. */
export interface BuiltRelease {
  readonly release: Release
  readonly objects: {
    readonly configMaps: readonly KubernetesObject[]
    readonly others: readonly KubernetesObject[]
    readonly deployments: readonly KubernetesObject[]
  }
  /** What the user should know; nothing of it stops the release. */
  readonly findings: readonly Annotation[]
}

function checkApp(app: string): void {
  if (isObjectName(app)) return
  throw new ConfigurationError({
    what: `app is ${JSON.stringify(app)}`,
    why: 'Expected a name as Kubernetes has them: small letters, digits, "-" and "."',
    mend: 'Write for example agent-service',
  })
}

async function readAgentConfig({ agentConfig }: ReleaseInputs): Promise<Located<DeployedAgentConfig> | undefined> {
  if (!agentConfig) return undefined
  return parseDeployedAgentConfig(new TextDecoder().decode(agentConfig.bytes), agentConfig.path)
}

/** `parseManifests` has checked apiVersion, kind and name. */
const asObject = (object: JsonObject): KubernetesObject => object as unknown as KubernetesObject

function objectsOf(
  release: Release,
  { maps, others }: ReleaseConfig,
  manifests: readonly Manifest[],
): BuiltRelease['objects'] {
  const renamed = new Map<string, Renamed>(
    maps.map(({ map, items }) => [map.logicalName, { name: map.name, ...(items && { items }) }]),
  )
  const kept = new Set(others)
  const rewritten = manifests
    .filter((manifest) => kept.has(manifest))
    .map(({ kind, object }) => ({ kind, object: renameConfigMaps(object, renamed) }))
  return {
    configMaps: maps.map(({ map }) => configMapObject({ app: release.app, map })),
    others: rewritten.filter(({ kind }) => kind !== 'Deployment').map(({ object }) => asObject(object)),
    deployments: rewritten
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ object }) => asObject(stampDeployment(object, release))),
  }
}

/**
 * Puts manifests, images, the agent's configuration and prompts together into one release. Nothing is read or written but the inputs.
 *
 * @throws {ConfigurationError} with what cannot be deployed as one unit, by file and line
 */
export async function buildRelease(inputs: ReleaseInputs): Promise<BuiltRelease> {
  checkApp(inputs.app)
  const variables = inputs.variables === 'literal' ? {} : declareVariables(ownVariables(inputs), inputs.variables)
  const agentConfig = await readAgentConfig(inputs)
  const parsed = await parseManifests(inputs.manifests, { variables, namespace: inputs.namespace })
  const written = appDeployment(inputs.app, parsed.manifests)
  const pinned = pinImages(inputs.images, written, parsed.manifests)
  const { images, findings: imageFindings } = imagesOf(pinned)

  const appIndex = parsed.manifests.indexOf(written)
  const manifests = pinned.map((manifest) =>
    agentConfig && manifest.kind === 'Deployment' ? withVersions(manifest, agentConfig.value) : manifest,
  )
  const app = manifests[appIndex]!
  const config = releaseConfig(inputs, manifests)
  const { model, promptVersion, findings: settingFindings } = modelAndPrompts(agentConfig, config.sources, app)

  const release = sealRelease({
    schema_version: 1,
    app: inputs.app,
    environment: inputs.environment,
    namespace: inputs.namespace ?? null,
    version: inputs.version ?? tagOf(String(mainContainer(app.object)?.value.image)) ?? null,
    images,
    model,
    prompt_version: promptVersion,
    prompts: Object.fromEntries(inputs.prompts.map(({ name, version, hash }) => [name, { version, hash }])),
    agent_config:
      inputs.agentConfig && agentConfig
        ? { digest: digestOf(inputs.agentConfig.bytes), settings: agentConfig.value }
        : null,
    config_maps: config.maps.map(({ map, role }) => ({
      logical_name: map.logicalName,
      name: map.name,
      role,
      digest: map.digest,
      keys: map.keys,
    })),
    workloads: workloadsOf(manifests, { model, prompt_version: promptVersion }),
  })
  const kept = new Set(config.others.filter(({ kind }) => kind === 'ConfigMap').map(({ name }) => name))
  const contents = new Map(config.maps.map(({ map }) => [map.logicalName, map]))
  return {
    release,
    objects: objectsOf(release, config, manifests),
    findings: [
      ...parsed.findings,
      ...imageFindings,
      ...config.findings,
      ...settingFindings,
      ...referenceFindings(manifests, contents, kept),
      ...manifestFindings(manifests, new Set(contents.keys())),
    ],
  }
}

import { basename } from 'node:path'
import { ConfigurationError, type Source } from '@agent-ci/core/errors'
import type { Annotation } from '@agent-ci/core/host'
import type { Release } from '@agent-ci/core/release'
import { type ContentNamed, configOfFiles, contentNamed, readConfigMap } from './config-maps.ts'
import { keyOfPath } from './file-keys.ts'
import { notice } from './finding.ts'
import { gather } from './gather.ts'
import type { ReleasedPrompt, ReleaseInputs } from './inputs.ts'
import { objectAt } from './json-path.ts'
import type { Manifest } from './manifests.ts'
import type { ConfigSource } from './model-settings.ts'
import { KEEP_NAME } from './names.ts'
import { configMapReferences, type Renamed } from './references.ts'

/** A ConfigMap of a release. */
export interface ReleaseMap {
  readonly map: ContentNamed
  readonly role: Release['config_maps'][number]['role']
  readonly items?: NonNullable<Renamed['items']>
  readonly source: Source
}

/** The configuration of a release. */
export interface ReleaseConfig {
  /** All ConfigMaps of the manifests, sorted by name. */
  readonly sources: readonly ConfigSource[]
  /** Those that travel under content names, sorted by the manifests' names for them. */
  readonly maps: readonly ReleaseMap[]
  /** The manifests that are no such ConfigMap. */
  readonly others: readonly Manifest[]
  readonly findings: readonly Annotation[]
}

/** The prompts as one ConfigMap that a volume turns back into the files at their paths. */
function promptsMap(logicalName: string, prompts: readonly ReleasedPrompt[]): ReleaseMap {
  const files = new Map<string, Uint8Array>()
  const names = new Set<string>()
  gather(prompts, (prompt) => {
    if (names.has(prompt.name)) {
      const why = 'A release has one version of each prompt'
      throw new ConfigurationError({
        what: `The prompt ${prompt.name} is there twice`,
        why,
        mend: 'Name it once in prompts',
      })
    }
    names.add(prompt.name)
    for (const { path, bytes } of prompt.files) {
      if (path.startsWith('/') || path.split('/').includes('..')) {
        const why = 'Prompts are mounted at their paths below one directory'
        const mend = 'Name it relative to the repository'
        throw new ConfigurationError({ what: `The prompt file ${path} lies outside the repository`, why, mend })
      }
      files.set(path, bytes)
    }
  })
  const paths = [...files.keys()].sort()
  const source = { file: paths[0] ?? logicalName, line: 1 }
  const content = configOfFiles(
    logicalName,
    paths.map((path) => [keyOfPath(path), files.get(path)!]),
  )
  const items = paths.map((path) => ({ key: keyOfPath(path), path }))
  return { map: contentNamed(content, source), role: 'prompts', items, source }
}

/** The ConfigMaps that are made from inputs. */
function generatedMaps({ app, agentConfig, prompts }: ReleaseInputs): ReleaseMap[] {
  const maps: ReleaseMap[] = []
  if (agentConfig) {
    const source = { file: agentConfig.path, line: 1 }
    const file = [keyOfPath(basename(agentConfig.path)), agentConfig.bytes] as const
    maps.push({ map: contentNamed(configOfFiles(`${app}-agent-config`, [file]), source), role: 'agent-config', source })
  }
  if (prompts.length > 0) maps.push(promptsMap(`${app}-prompts`, prompts))
  return maps
}

/**
 * Tells which ConfigMaps travel in a release: those of the manifests that a pod template names, and those made from `agent-config` and
 * `prompts`. A ConfigMap that no pod template names is read by its name by something else (a dashboard, an operator), so it keeps it.
 *
 * @throws {ConfigurationError} for contents that Kubernetes would refuse or that are too large
 */
export function releaseConfig(inputs: ReleaseInputs, manifests: readonly Manifest[]): ReleaseConfig {
  const generated = generatedMaps(inputs)
  const named = new Set(
    manifests.flatMap(({ object }) => configMapReferences(object).map(({ configMap }) => configMap)),
  )
  const isConfigMap = ({ kind, object }: Manifest) => kind === 'ConfigMap' && object.apiVersion === 'v1'
  const sources = gather(manifests.filter(isConfigMap), (manifest): ConfigSource => {
    const { name, sourceOf } = manifest
    const clash = generated.find(({ map }) => map.logicalName === name)
    if (!clash) return { manifest, content: readConfigMap(manifest) }
    throw new ConfigurationError({
      what: `ConfigMap ${name} is among the manifests`,
      why: `agent-ci makes it itself, from ${clash.role}`,
      mend: `Remove it from the manifests, or leave ${clash.role} empty`,
      source: sourceOf([]),
    })
  }).toSorted((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1))

  const keepsName = ({ name, object }: Manifest) =>
    !named.has(name) || objectAt(object, ['metadata', 'annotations'])[KEEP_NAME] === 'true'
  const kept = sources.filter(({ manifest }) => keepsName(manifest))
  const own = gather(
    sources.filter(({ manifest }) => !keepsName(manifest)),
    ({ content, manifest }): ReleaseMap => {
      const source = manifest.sourceOf(['metadata', 'name'])
      return { map: contentNamed(content, source), role: 'config', source }
    },
  )
  const findings = [
    ...kept.map(({ manifest: { name, sourceOf } }) => {
      const because = named.has(name) ? `has ${KEEP_NAME}` : 'is named by no pod template'
      const message = `ConfigMap ${name} ${because}: it is applied under its own name, and a rollback leaves it as it is`
      return notice(message, sourceOf(['metadata', 'name']))
    }),
    ...generated
      .filter(({ map }) => !named.has(map.logicalName))
      .map(({ map, role, source }) => {
        const message = `No pod template names ConfigMap ${map.logicalName}, so pods do not get this release's ${role} from the cluster, only what is in their image. docs/releases.md shows how to mount it`
        return notice(message, source)
      }),
  ]
  return {
    sources,
    maps: [...own, ...generated].toSorted((a, b) => (a.map.logicalName < b.map.logicalName ? -1 : 1)),
    others: manifests.filter((manifest) => !isConfigMap(manifest) || keepsName(manifest)),
    findings,
  }
}

import { digestOfJson, type Json, type JsonObject } from '@agent-ci/core/json'
import type { Cluster } from '../kubernetes/cluster.ts'
import { deploymentProgress } from '../kubernetes/deployment-progress.ts'
import { type ConfigMap, configMapNamed, type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import { buildRelease } from '../releases/build-release.ts'
import type { NewRecord, ReleaseRecord } from '../releases/history/record.ts'
import { configMapReferences } from '../releases/references.ts'
import type { Leader } from './leader.ts'
import { rehearsedTemplates } from './place.ts'

/** Restarts by hand change nothing of a release. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'

function withoutRestart(template: JsonObject): JsonObject {
  const metadata = (template.metadata ?? {}) as { annotations?: Record<string, Json> }
  if (metadata.annotations?.[RESTARTED_AT] === undefined) return template
  const { [RESTARTED_AT]: _, ...annotations } = metadata.annotations
  return { ...template, metadata: { ...metadata, annotations } as JsonObject }
}

const digestOfTemplates = (templates: Readonly<Record<string, JsonObject>>): string =>
  digestOfJson(
    Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, withoutRestart(template)])),
  )

/** Those Deployments of some names that are there. */
export async function presentDeployments(cluster: Cluster, names: Iterable<string>): Promise<Deployment[]> {
  const found: Deployment[] = []
  for (const name of new Set(names)) {
    const deployment = await cluster.get<Deployment>(deploymentNamed(name))
    if (deployment) found.push(deployment)
  }
  return found
}

/** The pod templates of some Deployments by name. */
export const liveTemplates = (deployments: readonly Deployment[]): Record<string, JsonObject> =>
  Object.fromEntries(deployments.map(({ metadata, spec }) => [metadata.name, spec.template as unknown as JsonObject]))

const adoptionOf = (deployments: readonly Deployment[]): string =>
  `adopted-${digestOfTemplates(liveTemplates(deployments)).slice('sha256:'.length, 'sha256:'.length + 16)}`

/** Whether the Deployments are what a record says: as it left them, or as it found them where it was adopted. */
export const isOn = (record: ReleaseRecord, deployments: readonly Deployment[]): boolean =>
  digestOfTemplates(record.templates) === digestOfTemplates(liveTemplates(deployments)) ||
  record.rollout === adoptionOf(deployments)

/**
 * A record of what is in the cluster now, where nobody kept one: an app that was deployed by other means, or changed since. Its ConfigMaps are
 * copied under content-named, immutable ones, so that this state can be brought back whole although its own may be overwritten.
 */
export async function adopt(
  leader: Leader,
  environment: string,
  deployments: readonly Deployment[],
): Promise<NewRecord> {
  const { cluster, tell } = leader.deps
  const names = new Set(
    deployments.flatMap((deployment) =>
      configMapReferences(deployment as unknown as JsonObject).map(({ configMap }) => configMap),
    ),
  )
  const maps: ConfigMap[] = []
  for (const name of names) {
    const map = await cluster.get<ConfigMap>(configMapNamed(name))
    if (map) maps.push(map)
  }
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...deployments, ...maps] })
  const { release, objects } = await buildRelease({
    app: leader.app,
    environment,
    namespace: cluster.namespace,
    version: undefined,
    images: [],
    manifests: [{ path: `namespace ${cluster.namespace}`, text }],
    agentConfig: undefined,
    prompts: [],
    variables: 'literal',
  })
  for (const map of objects.configMaps) await cluster.apply(map, { force: true })
  const whole = deployments.every((deployment) => deploymentProgress(deployment).state === 'complete')
  tell(
    `The present state of ${leader.app} is kept as release ${release.id}${whole ? '' : ', not as verified: its pods are not all available'}`,
  )
  return {
    rollout: adoptionOf(deployments),
    type: 'adopted',
    release,
    templates: await rehearsedTemplates(cluster, objects.deployments),
    objects: [...objects.deployments],
    at: leader.deps.date().toISOString(),
    by: leader.deps.by,
    run_url: leader.deps.runUrl,
    rollback_from: null,
    verified: whole,
    end: whole ? 'succeeded' : 'failed',
    reason: whole ? null : 'its pods were not all available when it was adopted',
    receipt: null,
  }
}

import type { Problem } from '@agent-ci/core/errors'
import { digestOfJson, type Json, type JsonObject, jsonEqual } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'
import { ApiError, isConflict, NoAnswerError } from '../kubernetes/api-error.ts'
import type { Cluster, JsonPatch } from '../kubernetes/cluster.ts'
import { formatReference, type KubernetesObject } from '../kubernetes/object.ts'
import { type ConfigMap, configMapNamed, type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import type { ReleaseRecord } from '../releases/history/record.ts'
import { APP_LABEL, RELEASE } from '../releases/names.ts'
import { isOurs } from '../traffic/canary-workload.ts'
import type { Leader } from './leader.ts'
import { isOn, liveTemplates, presentDeployments } from './present-state.ts'

/** What stands in the way of bringing a record back: its ConfigMaps must be there with the content that they had. */
export async function restoreProblems(cluster: Cluster, record: ReleaseRecord): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const { name, digest, logical_name: logical } of record.release.config_maps) {
    const map = await cluster.get<ConfigMap>(configMapNamed(name))
    if (!map)
      problems.push({
        what: `configmap ${name} is gone`,
        why: `Release ${record.release.id} needs it (${logical} of its manifests), and its pods would not start`,
        mend: `Choose another release with to:, or deploy the manifests of ${record.release.version ?? record.release.id} again`,
      })
    else if (contentDigest(map) !== digest)
      problems.push({
        what: `configmap ${name} does not hold what it held when ${record.release.id} was deployed`,
        why: 'Somebody deleted and made it anew: it is immutable while it is there',
        mend: `Delete it and deploy the manifests of ${record.release.version ?? record.release.id} again, or choose another release with to:`,
      })
  }
  return problems
}

const contentDigest = ({ data = {}, binaryData = {} }: ConfigMap): string => digestOfJson({ data, binaryData })

/** The Deployments of a record of which the cluster holds another pod template, or none. */
export async function differingDeployments(cluster: Cluster, record: ReleaseRecord): Promise<string[]> {
  const present = await presentDeployments(cluster, Object.keys(record.templates))
  if (isOn(record, present)) return []
  const live = liveTemplates(present)
  return Object.entries(record.templates)
    .filter(([name, template]) => live[name] === undefined || !jsonEqual(live[name], template))
    .map(([name]) => name)
}

/** Deployments of the app that carry another release and that the record does not know: the release that is left added them. A canary goes its own way. */
export async function strayDeployments(cluster: Cluster, app: string, record: ReleaseRecord): Promise<Deployment[]> {
  const ours = await cluster.list<Deployment>('apps/v1', 'Deployment', { labels: `${APP_LABEL}=${app}` })
  return ours.filter(
    ({ metadata }) =>
      !(metadata.name in record.templates) &&
      !isOurs(metadata, app) &&
      (metadata.annotations?.[RELEASE] ?? '') !== record.release.id,
  )
}

/**
 * Brings the cluster to a record, whole: other objects, then each Deployment's pod template in one write that names the resourceVersion it
 * follows. Every part can be repeated. ConfigMaps are there already, for they are never changed.
 */
export async function restore(leader: Leader, record: ReleaseRecord): Promise<void> {
  const { cluster, tell } = leader.deps
  const others = record.objects.filter(({ kind }) => kind !== 'Deployment')
  if (others.length > 0)
    await leader.step('objects', async () => {
      for (const object of others) {
        leader.checkLead()
        await cluster.apply(object, { force: true })
      }
    })
  await leader.step(
    'templates',
    async () => {
      for (const name of await differingDeployments(cluster, record)) {
        leader.checkLead()
        await restoreTemplate(leader, name, record.templates[name]!, record)
      }
      for (const { metadata } of await strayDeployments(cluster, leader.app, record)) {
        leader.checkLead()
        tell(`deployment ${metadata.name} is not part of ${record.release.id} and is deleted`)
        await cluster.remove(deploymentNamed(metadata.name), {
          ...(metadata.uid !== undefined && { uid: metadata.uid }),
        })
      }
    },
    record.release.id,
  )
}

const TRIES = 6

async function restoreTemplate({ deps }: Leader, name: string, template: Json, record: ReleaseRecord): Promise<void> {
  const { cluster } = deps
  for (let tries = 1; ; tries++) {
    const found = await cluster.get<Deployment>(deploymentNamed(name))
    try {
      if (!found) {
        await recreate(cluster, name, record)
        return
      }
      if (jsonEqual(found.spec.template as unknown as Json, template)) return
      await cluster.patch(deploymentNamed(name), templatePatch(found, template, record.release.id))
      return
    } catch (error) {
      const unclear = error instanceof NoAnswerError || (error instanceof ApiError && error.status >= 500)
      if (tries >= TRIES || !(unclear || isConflict(error))) throw error
      await deps.sleep(50 * 2 ** tries, deps.signal)
    }
  }
}

/** The one write that moves code, config, prompts and model of a Deployment. */
export function templatePatch(found: Deployment, template: Json, release: string): JsonPatch {
  const annotations = { ...found.metadata.annotations, [RELEASE]: release }
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: found.metadata.resourceVersion! },
    { op: 'replace', path: '/spec/template', value: template },
    { op: 'add', path: '/metadata/annotations', value: annotations },
  ]
}

/** A Deployment that somebody deleted, from what was applied when the release was deployed. */
async function recreate(cluster: Cluster, name: string, record: ReleaseRecord): Promise<void> {
  const applied = record.objects.find((object) => object.kind === 'Deployment' && object.metadata.name === name)
  if (!applied)
    throw new Error(forLog(`deployment ${name} is gone, and the record of ${record.release.id} has no manifest of it`))
  const spec = { ...(applied.spec as JsonObject), template: record.templates[name]! }
  await cluster.apply<KubernetesObject>({ ...applied, spec }, { force: true })
}

/** What differs between the cluster and a record, read back after all was written. */
export async function differencesFrom(cluster: Cluster, record: ReleaseRecord): Promise<string[]> {
  const problems = await restoreProblems(cluster, record)
  const differing = await differingDeployments(cluster, record)
  return [
    ...problems.map(({ what }) => what),
    ...differing.map(
      (name) =>
        `the pod template of ${formatReference({ kind: 'Deployment', name })} is not that of ${record.release.id}`,
    ),
  ]
}

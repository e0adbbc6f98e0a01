import { type Json, jsonEqual } from '@agent-ci/core/json'
import { ApiError, isConflict, NoAnswerError } from '../kubernetes/api-error.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { isByHand, takeOverFields } from '../kubernetes/field-owners.ts'
import { type KubernetesObject, referenceOf } from '../kubernetes/object.ts'
import type { Deployment } from '../kubernetes/workload.ts'
import type { Leader } from './leader.ts'

/** A release as objects, ready to be applied. */
export interface PlacedObjects {
  /** Immutable, named by their content. */
  readonly configMaps: readonly KubernetesObject[]
  readonly deployments: readonly KubernetesObject[]
  /** Services and whatever else the manifests hold. */
  readonly others: readonly KubernetesObject[]
}

const TRIES = 6

/** Makes fields that were set by hand ours, so that those which the release no longer states go away. */
export async function takeOver(leader: Leader, objects: readonly KubernetesObject[]): Promise<void> {
  const { cluster, sleep, signal } = leader.deps
  for (const object of objects) {
    for (let tries = 1; ; tries++) {
      const found = await cluster.get(referenceOf(object))
      const patch = found && takeOverFields(found, isByHand)
      if (!patch) break
      leader.checkLead()
      try {
        await cluster.patch(referenceOf(object), patch)
        break
      } catch (error) {
        const unclear = error instanceof NoAnswerError || (error instanceof ApiError && error.status >= 500)
        if (tries >= TRIES || !(unclear || isConflict(error))) throw error
        await sleep(50 * 2 ** tries, signal)
      }
    }
  }
}

/** Writes the ConfigMaps of a release. Nothing reads them before a pod template names them. */
export async function placeConfigMaps(leader: Leader, { configMaps }: PlacedObjects): Promise<void> {
  if (configMaps.length === 0) return
  await leader.step('config-maps', async () => {
    for (const map of configMaps) {
      leader.checkLead()
      await leader.deps.cluster.apply(map, { force: true })
    }
  })
}

/** Of what the manifests hold beside ConfigMaps and Deployments, writes what is not there yet: the canary may need it, and stable cannot. */
export async function placeMissing(leader: Leader, { others }: PlacedObjects): Promise<void> {
  const { cluster } = leader.deps
  const missing: KubernetesObject[] = []
  for (const object of others) if (!(await cluster.get(referenceOf(object)))) missing.push(object)
  if (missing.length > 0) await placeOthers(leader, { configMaps: [], deployments: [], others: missing })
}

/** Applies what the manifests hold beside ConfigMaps and Deployments. */
export async function placeOthers(leader: Leader, { others }: PlacedObjects): Promise<void> {
  if (others.length === 0) return
  await leader.step('objects', async () => {
    for (const object of others) {
      leader.checkLead()
      await leader.deps.cluster.apply(object, { force: true })
    }
  })
}

/** Applies the Deployments: for each, the one write that moves code, config, prompts and model. */
export async function placeDeployments(leader: Leader, { deployments }: PlacedObjects, release: string): Promise<void> {
  await leader.step(
    'templates',
    async () => {
      for (const deployment of deployments) {
        leader.checkLead()
        await leader.deps.cluster.apply(deployment, { force: true })
      }
    },
    release,
  )
}

/** The pod templates as the API server holds them, or would after a dry run, by Deployment. */
export const templatesOf = (deployments: readonly KubernetesObject[]): Record<string, Record<string, Json>> =>
  Object.fromEntries(
    deployments.map((deployment) => [
      deployment.metadata.name,
      (deployment as unknown as Deployment).spec.template as unknown as Record<string, Json>,
    ]),
  )

/** The pod templates that the API server would make of some Deployments. */
export async function rehearsedTemplates(
  cluster: Cluster,
  deployments: readonly KubernetesObject[],
): Promise<Record<string, Record<string, Json>>> {
  const results: KubernetesObject[] = []
  for (const deployment of deployments) results.push(await cluster.apply(deployment, { dryRun: true, force: true }))
  return templatesOf(results)
}

/** Whether an apply would leave every object as it is: not all of them are part of a release's digest. */
export async function changesNothing(cluster: Cluster, objects: readonly KubernetesObject[]): Promise<boolean> {
  for (const object of objects) {
    const live = await cluster.get<KubernetesObject>(referenceOf(object))
    if (!live || !jsonEqual(stated(live), stated(await cluster.apply(object, { dryRun: true, force: true }))))
      return false
  }
  return true
}

/** What somebody states of an object, without what the API server keeps of it. */
function stated({ metadata, status: _, ...rest }: KubernetesObject): Json {
  const { managedFields, resourceVersion, generation, ...named } = metadata
  return { ...rest, metadata: named } as unknown as Json
}

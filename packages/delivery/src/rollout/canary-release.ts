import type { JsonObject } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { formatTrouble, podTroubles } from '../kubernetes/pod-trouble.ts'
import { podsOf, waitForDeployments } from '../kubernetes/wait-for-deployments.ts'
import { type Deployment, deploymentNamed, type Pod } from '../kubernetes/workload.ts'
import type { ReleaseRecord } from '../releases/history/record.ts'
import { canaryDeployment, canaryName } from '../traffic/canary-workload.ts'
import type { TrafficRouter } from '../traffic/router.ts'
import type { Leader } from './leader.ts'
import type { Trouble } from './observe.ts'
import { placeDeployments } from './place.ts'
import type { VerifyRules } from './verify.ts'

/** The Deployment of the app among those of a release: the one that traffic goes to. */
export function servingDeployment(app: string, record: ReleaseRecord): string {
  const names = Object.keys(record.templates)
  return names.find((name) => name === app) ?? names[0]!
}

/**
 * Writes the canary of a release with so many pods: the app's Deployment under another name, with the labels that the router tells it by. The
 * release's other Deployments have no canary; they follow when it is promoted.
 */
export async function placeCanary(
  leader: Leader,
  record: ReleaseRecord,
  router: TrafficRouter,
  replicas: number,
): Promise<void> {
  const name = servingDeployment(leader.app, record)
  const manifest = record.objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)
  const template = record.templates[name]
  if (!manifest || !template) throw new Error(`the record of ${record.release.id} has no Deployment ${name}`)
  const released = { ...manifest, spec: { ...(manifest.spec as JsonObject), template } } as unknown as Deployment
  const labels = await router.canaryLabels(released.spec.template.metadata?.labels ?? {})
  const canary = canaryDeployment(released, labels, { app: leader.app, replicas })
  await leader.deps.cluster.apply<KubernetesObject>(canary as unknown as KubernetesObject, { force: true })
}

/** Writes the app's own Deployment, where a controller that follows it makes the canary. */
export async function placeFollowed(leader: Leader, record: ReleaseRecord): Promise<void> {
  const name = servingDeployment(leader.app, record)
  const deployments = record.objects.filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)
  await placeDeployments(leader, { configMaps: [], deployments, others: [] }, record.release.id)
}

/** Waits until the canary's pods are available; the reason why they are not, or undefined. */
export async function awaitCanary(
  leader: Leader,
  record: ReleaseRecord,
  rules: VerifyRules,
): Promise<string | undefined> {
  const { cluster, tell } = leader.deps
  const name = canaryName(servingDeployment(leader.app, record))
  const waited = await waitForDeployments(cluster, [name], rules, leader.deps, tell)
  return waited.state === 'failed' ? waited.why : undefined
}

/** How many pods of both sides are available now, and how many the stable side is meant to have. */
export interface Availability {
  readonly stable: number
  readonly wanted: number
  readonly canary: number
}

export async function availability(leader: Leader, record: ReleaseRecord): Promise<Availability> {
  const { cluster } = leader.deps
  const name = servingDeployment(leader.app, record)
  const stable = await cluster.get<Deployment>(deploymentNamed(name))
  const canary = await cluster.get<Deployment>(deploymentNamed(canaryName(name)))
  return {
    stable: stable?.status?.availableReplicas ?? 0,
    wanted: stable?.spec.replicas ?? 1,
    canary: canary?.status?.availableReplicas ?? 0,
  }
}

/** Takes the canary's Deployment away. */
export async function removeCanary(leader: Leader, record: ReleaseRecord): Promise<void> {
  await leader.deps.cluster.remove(deploymentNamed(canaryName(servingDeployment(leader.app, record))))
}

/** What keeps the canary's pods from working, the worst of it. */
export async function canaryTrouble(
  leader: Leader,
  record: ReleaseRecord,
  router: TrafficRouter,
): Promise<Trouble | undefined> {
  const pods = router.canaryPods ? await router.canaryPods() : await deployedCanaryPods(leader, record)
  const [worst] = podTroubles(pods).filter(({ weight }) => weight !== 'waiting')
  return worst && { text: forLog(formatTrouble(worst)), fatal: worst.weight === 'fatal' }
}

async function deployedCanaryPods(leader: Leader, record: ReleaseRecord): Promise<readonly Pod[]> {
  const { cluster } = leader.deps
  const canary = await cluster.get<Deployment>(deploymentNamed(canaryName(servingDeployment(leader.app, record))))
  return canary ? podsOf(cluster, canary) : []
}

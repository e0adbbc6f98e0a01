import { forLog } from '@agent-ci/core/untrusted'
import type { Cluster } from '../kubernetes/cluster.ts'
import { deploymentProgress, replicaFailure } from '../kubernetes/deployment-progress.ts'
import { formatTrouble, podTroubles } from '../kubernetes/pod-trouble.ts'
import { podsOf } from '../kubernetes/wait-for-deployments.ts'
import { type Deployment, deploymentNamed } from '../kubernetes/workload.ts'
import { availablePods } from './available-pods.ts'
import { patchGuarded } from './guarded-write.ts'
import type { ReplicaCounts } from './replica-counts.ts'
import type { Cancellable, TrafficTimes } from './router.ts'

/** One side as it is: how many pods are asked for, and how many are available. */
interface Side {
  /** None where there is no such Deployment, or to calculate with. */
  readonly deployment?: Deployment
  readonly spec: number
  readonly available: number
}

/**
 * How far each side may be scaled now on the way to `wanted`: up at once, down only as far as the pods that stay available are `floor` or more,
 * or as many as there are now. A ReplicaSet ends pods that are not ready first (pkg/controller/controller_utils.go ActivePodsWithRanks).
 */
export function nextCounts(stable: Side, canary: Side, wanted: ReplicaCounts, floor: number): ReplicaCounts {
  const lowest = (side: Side, other: Side, to: number, otherTo: number) => {
    // What goes up on the other side counts once it is available, what goes down there no longer does.
    const stays = Math.min(other.available, Math.max(otherTo, 0))
    return Math.min(side.spec, Math.max(to, Math.min(floor - stays, side.available)))
  }
  return {
    stable: stable.spec <= wanted.stable ? wanted.stable : lowest(stable, canary, wanted.stable, wanted.canary),
    canary: canary.spec <= wanted.canary ? wanted.canary : lowest(canary, stable, wanted.canary, wanted.stable),
  }
}

/** How many pods of a Deployment may be unavailable: a number, or a percentage that is rounded down; 25 % where nothing is said. */
export function maxUnavailable({ spec }: Deployment, replicas: number): number {
  if (spec.strategy?.type === 'Recreate') return 0
  const value = spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%'
  return typeof value === 'number' ? value : Math.floor((replicas * Number.parseInt(value, 10)) / 100)
}

const NO_PODS: Side = { spec: 0, available: 0 }

export interface ScaleOrder {
  readonly stable: string
  readonly canary: string
  readonly wanted: ReplicaCounts
  /** The size of the app, from which the fewest available pods follow. */
  readonly replicas: number
  readonly timeoutMs: number
}

/**
 * Scales two Deployments until both have what is wanted and what went up is available. Safe to repeat at any point: it starts from what is
 * there. @throws Error when pods do not become available; nothing is scaled down then that others need
 */
export async function scaleBoth(
  cluster: Cluster,
  order: ScaleOrder,
  times: TrafficTimes,
  options: Cancellable,
): Promise<void> {
  const { wanted, timeoutMs } = order
  const since = times.now()
  for (;;) {
    const stable = await deploymentOf(cluster, order.stable)
    const canary = await cluster.get<Deployment>(deploymentNamed(order.canary))
    if (!canary && wanted.canary > 0) throw new Error(`deployment ${order.canary} is not there`)
    const floor = order.replicas - maxUnavailable(stable, order.replicas)
    const from = await sideOf(cluster, stable)
    const to = canary ? await sideOf(cluster, canary) : NO_PODS
    let awaited: Side | undefined
    if (from && to) {
      const next = nextCounts(from, to, wanted, floor)
      await scaleTo(cluster, stable, next.stable, times, options)
      if (canary) await scaleTo(cluster, canary, next.canary, times, options)
      // A sick stable keeps nobody from going on, only the canary from leaving.
      if (next.canary > wanted.canary) awaited = from
      else if (next.stable > wanted.stable || to.available < wanted.canary) awaited = to
      else if (from.spec === next.stable && to.spec === next.canary) return
      const why = awaited?.deployment && (await stuck(cluster, awaited, awaited.deployment))
      if (why !== undefined) throw new Error(why)
    }
    if (times.now() - since > timeoutMs) throw new Error(late(awaited, timeoutMs))
    await times.sleep(times.now() - since < 10_000 ? 100 : 1_000, options.signal)
  }
}

async function deploymentOf(cluster: Cluster, name: string): Promise<Deployment> {
  const found = await cluster.get<Deployment>(deploymentNamed(name))
  if (!found) throw new Error(`deployment ${name} is not there`)
  return found
}

/** Undefined while its controllers have not followed its spec. */
async function sideOf(cluster: Cluster, deployment: Deployment): Promise<Side | undefined> {
  const available = await availablePods(cluster, deployment)
  return available === undefined ? undefined : { deployment, spec: deployment.spec.replicas ?? 1, available }
}

function late(awaited: Side | undefined, timeoutMs: number): string {
  const seconds = Math.round(timeoutMs / 1_000)
  if (!awaited?.deployment) return `the Deployment controller did not follow within ${seconds} s`
  const { spec, available, deployment } = awaited
  return `${available} of ${spec} pods of deployment ${deployment.metadata.name} are available after ${seconds} s`
}

/** Why the pods of a Deployment will not come up. */
async function stuck(cluster: Cluster, { spec, available }: Side, deployment: Deployment): Promise<string | undefined> {
  const { name } = deployment.metadata
  if (available >= spec) return undefined
  const progress = deploymentProgress(deployment)
  const fatal = podTroubles(await podsOf(cluster, deployment)).find(({ weight }) => weight === 'fatal')
  const why = fatal
    ? formatTrouble(fatal)
    : progress.state === 'failed'
      ? (replicaFailure(deployment) ?? progress.why)
      : undefined
  return why === undefined ? undefined : forLog(`deployment ${name}: ${why}`)
}

/** Only where the count is still the one that the decision was made for. */
async function scaleTo(
  cluster: Cluster,
  seen: Deployment,
  replicas: number,
  times: TrafficTimes,
  options: Cancellable,
): Promise<void> {
  const before = seen.spec.replicas ?? 1
  if (before === replicas) return
  await patchGuarded<Deployment>(
    cluster,
    deploymentNamed(seen.metadata.name),
    ({ spec }) => (spec.replicas === before ? [{ op: 'replace', path: '/spec/replicas', value: replicas }] : undefined),
    times,
    options,
  )
}

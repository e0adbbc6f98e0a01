import type { Cluster } from '../kubernetes/cluster.ts'
import { labelSelector, replicaSetsOf } from '../kubernetes/wait-for-deployments.ts'
import type { Deployment, Pod, ReplicaSet } from '../kubernetes/workload.ts'
import { isReady } from './endpoints.ts'

/**
 * How many pods of a Deployment are available and stay; undefined while its controllers have not followed its spec. The Deployment's own status
 * does not say: after 3 -> 0 -> 3 replicas it counts the three that are being ended, under the new generation, because it adds up what its
 * ReplicaSets reported before they ended them.
 */
export async function availablePods(cluster: Cluster, deployment: Deployment): Promise<number | undefined> {
  if (!isFollowed(deployment)) return undefined
  const sets = await replicaSetsOf(cluster, deployment)
  // A ReplicaSet ends its pods before it says that it has seen its spec (pkg/controller/replicaset syncReplicaSet).
  if (!sets.every(isFollowed)) return undefined
  const pods = await cluster.list<Pod>('v1', 'Pod', { labels: labelSelector(deployment) })
  const owners = new Set(sets.map(({ metadata }) => metadata.uid))
  const own = pods.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => owners.has(uid)))
  return Math.min(own.filter(isReady).length, deployment.status?.availableReplicas ?? 0)
}

const isFollowed = ({ metadata, status }: Deployment | ReplicaSet): boolean =>
  (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)

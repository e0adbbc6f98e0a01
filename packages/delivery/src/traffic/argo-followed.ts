import type { Cluster } from '../kubernetes/cluster.ts'
import type { KubernetesObject, NamedObject } from '../kubernetes/object.ts'
import { ArgoRolloutsRouter } from './argo-rollouts.ts'
import type { TrafficTimes } from './router.ts'

/** On a Deployment: the Rollout that follows it, by `spec.workloadRef`. */
const FOLLOWED_BY = 'agent-ci.dev/rollout'

/** A Deployment as the template that a Rollout follows: it has no pods of its own. */
export function followed(deployment: KubernetesObject, rollout: string): KubernetesObject {
  const { metadata, spec } = deployment
  const annotations = { ...metadata.annotations, [FOLLOWED_BY]: rollout }
  return { ...deployment, metadata: { ...metadata, annotations }, spec: { ...(spec as object), replicas: 0 } }
}

/** The name of the Rollout that runs a Deployment's pods; undefined where it runs them itself. */
export const followerOf = ({ metadata }: NamedObject): string | undefined => metadata.annotations?.[FOLLOWED_BY]

/** What drives the Rollout that runs a Deployment's pods, where one does. */
export function followerRouter(
  cluster: Cluster,
  app: string,
  deployment: NamedObject,
  times: TrafficTimes,
): ArgoRolloutsRouter | undefined {
  const rollout = followerOf(deployment)
  if (rollout === undefined) return undefined
  return new ArgoRolloutsRouter(cluster, { app, deployment: deployment.metadata.name, rollout }, times)
}

/** Forgets the traffic of rollouts that could not end, of Rollouts that are well again: call it when no rollout is at work. */
export async function forgetEnded(
  cluster: Cluster,
  app: string,
  deployments: readonly NamedObject[],
  times: TrafficTimes,
  signal: AbortSignal,
): Promise<void> {
  for (const deployment of deployments) await followerRouter(cluster, app, deployment, times)?.forgetEnded({ signal })
}

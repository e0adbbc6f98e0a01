import type { Cluster } from '../kubernetes/cluster.ts'
import { isByHand } from '../kubernetes/field-owners.ts'
import type { KubernetesObject, NamedObject } from '../kubernetes/object.ts'
import type { Deployment } from '../kubernetes/workload.ts'

interface Autoscaler extends NamedObject {
  readonly spec: { readonly scaleTargetRef: { readonly kind: string; readonly name: string } }
}

/** The Deployments of the namespace whose number of pods an autoscaler sets, and the autoscaler's name. */
export async function autoscaledDeployments(cluster: Cluster): Promise<Map<string, string>> {
  const scalers = await cluster.list<Autoscaler>('autoscaling/v2', 'HorizontalPodAutoscaler')
  return new Map(
    scalers
      .filter(({ spec }) => spec.scaleTargetRef.kind === 'Deployment')
      .map(({ spec, metadata }) => [spec.scaleTargetRef.name, metadata.name]),
  )
}

/**
 * A Deployment whose number of pods an autoscaler sets. Where one has set it, the Deployment states none; else it states the present one, for a
 * number that we stated before and state no more becomes 1.
 */
export function withPresentReplicas(deployment: KubernetesObject, { metadata, spec }: Deployment): KubernetesObject {
  const { replicas: _, ...stated } = deployment.spec as { replicas?: number }
  const setByOther = (metadata.managedFields ?? []).some(
    ({ manager, subresource, fieldsV1 }) =>
      (subresource === 'scale' || !isByHand(manager)) && Object.hasOwn(Object(fieldsV1['f:spec'] ?? {}), 'f:replicas'),
  )
  return { ...deployment, spec: setByOther ? stated : { ...stated, replicas: spec.replicas ?? 1 } }
}

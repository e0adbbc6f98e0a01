import type { Cluster } from '../kubernetes/cluster.ts'
import type { KubernetesObject, NamedObject } from '../kubernetes/object.ts'

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

/** A Deployment without `spec.replicas`: applied, it leaves the number of pods to who sets it. */
export function withoutReplicas(deployment: KubernetesObject): KubernetesObject {
  const { replicas: _, ...spec } = deployment.spec as { replicas?: number }
  return { ...deployment, spec }
}

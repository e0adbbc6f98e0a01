import type { Cluster } from '../kubernetes/cluster.ts'
import type { NamedObject } from '../kubernetes/object.ts'
import type { Condition, Pod } from '../kubernetes/workload.ts'
import type { Labels } from './router.ts'

interface EndpointSlice extends NamedObject {
  readonly endpoints?:
    | readonly {
        readonly conditions?: { readonly ready?: boolean | null }
        readonly targetRef?: { readonly kind?: string; readonly uid?: string; readonly name?: string }
      }[]
    | null
}

/** The uids of the pods that a Service sends new connections to. */
export async function readyEndpoints(cluster: Cluster, service: string): Promise<ReadonlySet<string>> {
  const slices = await cluster.list<EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', {
    labels: `kubernetes.io/service-name=${service}`,
  })
  return new Set(
    slices
      .flatMap(({ endpoints }) => endpoints ?? [])
      // Unknown counts as ready (discovery/v1 EndpointConditions.ready).
      .filter(({ conditions }) => conditions?.ready !== false)
      .map(({ targetRef }) => targetRef?.uid ?? ''),
  )
}

/** Whether new connections may go to a pod. */
export const isReady = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions?.some(({ type, status }: Condition) => type === 'Ready' && status === 'True') ?? false)

/** The pods with some labels that are ready and stay. */
export async function readyPods(cluster: Cluster, labels: Labels): Promise<readonly Pod[]> {
  const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const pods = await cluster.list<Pod>('v1', 'Pod', { labels: text.join(',') })
  return pods.filter(isReady)
}

/** How the API server names the resources that we read or write: group, version, plural. */
interface Resource {
  readonly plural: string
  readonly namespaced: boolean
}

const known: Readonly<Record<string, Resource>> = Object.fromEntries(
  (
    [
      ['v1', 'ConfigMap', 'configmaps'],
      ['v1', 'Endpoints', 'endpoints'],
      ['v1', 'Event', 'events'],
      ['v1', 'LimitRange', 'limitranges'],
      ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'],
      ['v1', 'Pod', 'pods'],
      ['v1', 'ResourceQuota', 'resourcequotas'],
      ['v1', 'Secret', 'secrets'],
      ['v1', 'Service', 'services'],
      ['v1', 'ServiceAccount', 'serviceaccounts'],
      ['apps/v1', 'DaemonSet', 'daemonsets'],
      ['apps/v1', 'Deployment', 'deployments'],
      ['apps/v1', 'ReplicaSet', 'replicasets'],
      ['apps/v1', 'StatefulSet', 'statefulsets'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'],
      ['batch/v1', 'CronJob', 'cronjobs'],
      ['batch/v1', 'Job', 'jobs'],
      ['coordination.k8s.io/v1', 'Lease', 'leases'],
      ['discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'],
      ['gateway.networking.k8s.io/v1', 'GRPCRoute', 'grpcroutes'],
      ['gateway.networking.k8s.io/v1', 'Gateway', 'gateways'],
      ['gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes'],
      ['networking.istio.io/v1', 'DestinationRule', 'destinationrules'],
      ['networking.istio.io/v1', 'VirtualService', 'virtualservices'],
      ['networking.k8s.io/v1', 'Ingress', 'ingresses'],
      ['networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'],
      ['policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'],
      ['rbac.authorization.k8s.io/v1', 'Role', 'roles'],
      ['rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'],
      ['argoproj.io/v1alpha1', 'Rollout', 'rollouts'],
    ] as const
  ).map(([apiVersion, kind, plural]) => [`${apiVersion}/${kind}`, { plural, namespaced: true }]),
)

/** The resource of a kind that needs no question to the server; undefined for the others. */
export const knownResource = (apiVersion: string, kind: string): Resource | undefined => known[`${apiVersion}/${kind}`]

/** `/api/v1` or `/apis/apps/v1`. */
export const groupPath = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`

/** `apps`, or the empty text for the core group. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''

export type { Resource }

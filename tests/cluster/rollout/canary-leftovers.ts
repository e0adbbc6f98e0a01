import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import type { Deployment } from '@agent-ci/delivery/kubernetes/workload'
import type { GatewayRoute } from '@agent-ci/delivery/traffic/gateway-route'
import type { Service } from '@agent-ci/delivery/traffic/service'
import type { ControlPlane } from '../control-plane.ts'

/** The part of a namespace that a rollout moves traffic by. */
async function traffic({ api }: ControlPlane, namespace: string) {
  const list = async <T>(path: string) => (await api.list(path)) as unknown as (T & KubernetesObject)[]
  const routes = await list<GatewayRoute>(`/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`)
  return {
    refs: routes.flatMap(({ spec }) => spec.rules?.flatMap(({ backendRefs }) => backendRefs ?? []) ?? []),
    services: await list<Service>(`/api/v1/namespaces/${namespace}/services`),
    deployments: await list<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments`),
  }
}

const isOfCanary = (name: string): boolean => /-(canary|preview)$/.test(name)

/** What a rollout left behind beside the release itself: nothing where all is as its owner wrote it. */
export async function leftovers(plane: ControlPlane, namespace: string): Promise<string[]> {
  const { refs, services, deployments } = await traffic(plane, namespace)
  const maps = await plane.api.list(`/api/v1/namespaces/${namespace}/configmaps`)
  const left = [...services, ...deployments].filter(({ metadata }) => isOfCanary(metadata.name))
  const records = maps.filter(({ metadata }) => metadata.name.includes('-traffic-'))
  const selector = services.find(({ metadata }) => metadata.name === 'agent-service')?.spec.selector
  // The app's own size and that of a Deployment that no traffic is moved by are written as the same number.
  const sizes = new Set(deployments.map(({ spec }) => spec.replicas))
  return [
    ...refs.filter(({ name }) => isOfCanary(name)).map(({ name, weight }) => `the route gives ${name} ${weight}`),
    ...[...left, ...records].map(({ kind, metadata }) => `${kind ?? 'object'} ${metadata.name} is there`),
    ...(JSON.stringify(selector) === '{"workload":"agent-service"}'
      ? []
      : [`the Service selects ${JSON.stringify(selector)}`]),
    ...(sizes.size === 1 ? [] : [`the Deployments have ${[...sizes].join(' and ')} pods`]),
  ]
}

/** The canary's share of the traffic in percent: in the route, by the Service's selector, or of the pods that are asked for. */
export async function canaryWeight(plane: ControlPlane, namespace: string): Promise<number> {
  const { refs, services, deployments } = await traffic(plane, namespace)
  if (refs.length > 0)
    return refs.filter(({ name }) => isOfCanary(name)).reduce((sum, { weight = 1 }) => sum + weight, 0)
  const selector = services.find(({ metadata }) => metadata.name === 'agent-service')?.spec.selector ?? {}
  const selected = selector.workload
  const preview = services.some(({ metadata }) => metadata.name === 'agent-service-preview')
  if (preview || selected !== 'agent-service') return selected === 'agent-service' ? 0 : 100
  const size = (wanted: string) => deployments.find(({ metadata }) => metadata.name === wanted)?.spec.replicas ?? 0
  const labels =
    deployments.find(({ metadata }) => metadata.name === 'agent-service-canary')?.spec.template.metadata?.labels ?? {}
  // Before a switch, the canary's pods are behind no Service of users.
  const isReached = Object.entries(selector).every(([name, value]) => labels[name] === value)
  const canary = isReached ? size('agent-service-canary') : 0
  return (canary * 100) / (canary + size('agent-service'))
}

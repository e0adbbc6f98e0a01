import type { GatewayRoute } from '@agent-ci/delivery/traffic/gateway-route'
import type { ControlPlane } from '../control-plane.ts'

/** What a rollout by a route left behind beside the release itself: nothing where the route is as its owner wrote it. */
export async function leftovers({ api }: ControlPlane, namespace: string): Promise<string[]> {
  const names = async (path: string) => (await api.list(path)).map(({ metadata }) => metadata.name)
  const route = await api.get<GatewayRoute>(
    `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/agent`,
  )
  const refs = JSON.stringify(route.spec.rules?.flatMap(({ backendRefs }) => backendRefs ?? []))
  const services = await names(`/api/v1/namespaces/${namespace}/services`)
  const maps = await names(`/api/v1/namespaces/${namespace}/configmaps`)
  const pods = await names(`/apis/apps/v1/namespaces/${namespace}/deployments`)
  return [
    ...(weightOf(route) === 0 && route.spec.rules?.[0]?.backendRefs?.length === 1
      ? []
      : [`the route leads to ${refs}`]),
    ...services.filter((name) => name.endsWith('-canary')).map((name) => `service ${name} is there`),
    ...pods.filter((name) => name.endsWith('-canary')).map((name) => `deployment ${name} is there`),
    ...maps.filter((name) => name.includes('-traffic-')).map((name) => `configmap ${name} is there`),
  ]
}

/** The canary's weight in the route. */
export async function canaryWeight({ api }: ControlPlane, namespace: string): Promise<number> {
  return weightOf(
    await api.get<GatewayRoute>(`/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/agent`),
  )
}

function weightOf({ spec }: GatewayRoute): number {
  const refs = spec.rules?.flatMap(({ backendRefs }) => backendRefs ?? []) ?? []
  return refs.filter(({ name }) => name.endsWith('-canary')).reduce((sum, { weight = 1 }) => sum + weight, 0)
}

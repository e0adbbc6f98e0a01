import * as z from 'zod'
import type { Cluster } from '../kubernetes/cluster.ts'
import { ArgoRolloutsRouter } from './argo-rollouts.ts'
import { gatewayApiRouter } from './gateway-api.ts'
import { istioRouter } from './istio.ts'
import { NginxRouter } from './nginx.ts'
import { ReplicasRouter } from './replicas.ts'
import type { TrafficRouter, TrafficTimes } from './router.ts'
import { ServiceSwitch } from './service-switch.ts'

const place = { app: z.string(), deployment: z.string(), service: z.string() }
const subsets = z.object({ destinationRule: z.string(), stable: z.string(), canary: z.string() })

/** What moves an app's traffic: kept in the journal, so that any later run can take a rollout back. */
export const trafficSettingsSchema = z.discriminatedUnion('provider', [
  z.object({
    provider: z.literal('gateway-api'),
    ...place,
    kind: z.enum(['HTTPRoute', 'GRPCRoute']),
    route: z.string(),
  }),
  z.object({ provider: z.literal('istio'), ...place, virtualService: z.string(), subsets: subsets.nullable() }),
  z.object({ provider: z.literal('nginx'), ...place, ingress: z.string() }),
  z.object({ provider: z.literal('replicas'), ...place }),
  z.object({ provider: z.literal('service-switch'), ...place }),
  z.object({ provider: z.literal('argo-rollouts'), ...place, rollout: z.string() }),
])

export type TrafficSettings = z.infer<typeof trafficSettingsSchema>

export function createRouter(settings: TrafficSettings, cluster: Cluster, times: TrafficTimes): TrafficRouter {
  switch (settings.provider) {
    case 'gateway-api':
      return gatewayApiRouter(cluster, settings, times)
    case 'istio': {
      const { subsets: named, ...rest } = settings
      return istioRouter(cluster, { ...rest, ...(named && { subsets: named }) }, times)
    }
    case 'nginx':
      return new NginxRouter(cluster, settings, times)
    case 'replicas':
      return new ReplicasRouter(cluster, settings, times)
    case 'service-switch':
      return new ServiceSwitch(cluster, settings, times)
    case 'argo-rollouts':
      return new ArgoRolloutsRouter(cluster, settings, times)
  }
}

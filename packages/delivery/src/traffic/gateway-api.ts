import type { Cluster } from '../kubernetes/cluster.ts'
import { formatReference } from '../kubernetes/object.ts'
import { permit } from '../kubernetes/permissions.ts'
import { canaryServiceOf, type TrafficApp } from './canary-service.ts'
import { canaryBackend, type GatewayRoute, gatewayAcceptance, gatewayPairs } from './gateway-route.ts'
import { type RouteForm, RouteRouter, type RouteRules } from './route-router.ts'
import type { TrafficTimes } from './router.ts'

export interface GatewayApiSettings extends TrafficApp {
  readonly kind: 'HTTPRoute' | 'GRPCRoute'
  readonly route: string
  /** Names of the rules that count; all that lead to the Service where not given. */
  readonly rules?: readonly string[]
}

/** Traffic by the weights of an HTTPRoute or a GRPCRoute (gateway.networking.k8s.io/v1). */
export const gatewayApiRouter = (
  cluster: Cluster,
  settings: GatewayApiSettings,
  times: TrafficTimes,
  rules?: RouteRules,
): RouteRouter<GatewayRoute> => new RouteRouter(cluster, settings, gatewayForm(settings), times, rules)

function gatewayForm(settings: GatewayApiSettings): RouteForm<GatewayRoute> {
  const { kind, route: name, service: stable, rules } = settings
  const canary = canaryServiceOf(settings)
  const reference = { apiVersion: 'gateway.networking.k8s.io/v1', kind, name }
  return {
    reference,
    permissions: permit('gateway.networking.k8s.io', `${kind.toLowerCase()}s`, ['get', 'patch']),
    pairs: (route) => gatewayPairs(route, { stable, canary, rules }),
    canaryEntry: (route, pair) => canaryBackend(route, pair, canary),
    acceptance: gatewayAcceptance,
    labelRule: async (_, selector) => ({ keep: [], leave: [selector] }),
    preflight: async (_, route) => {
      const acceptance = gatewayAcceptance(route)
      if (acceptance.state === 'accepted') return { problems: [], warnings: [] }
      const problem = {
        what: `${formatReference(reference)} is not in force: ${acceptance.why}`,
        why: 'Weights written into a route that no Gateway has taken move no traffic',
        mend: 'Bring up the Gateway and its controller, and mend the route until every parent says Accepted and ResolvedRefs',
      }
      return { problems: [problem], warnings: [] }
    },
  }
}

import { canonicalJson, type Json, type JsonObject } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'
import type { NamedObject } from '../kubernetes/object.ts'
import { type WeightedEntry, type WeightedPair, withOwnKeys } from './weighted-route.ts'

/** A VirtualService (networking.istio.io/v1), as far as we read it. */
export interface VirtualService extends NamedObject {
  readonly spec: {
    readonly http?: readonly HttpRoute[]
    readonly tls?: Json
    readonly tcp?: Json
  }
}

interface HttpRoute {
  readonly name?: string
  readonly match?: Json
  readonly route?: readonly Destination[]
}

type Destination = JsonObject & {
  readonly destination: JsonObject & { readonly host: string; readonly subset?: string }
  readonly weight?: number
}

/** One side of a rollout in a VirtualService: a Service, or a subset of one. */
export interface MeshSide {
  readonly service: string
  readonly subset?: string | undefined
}

export interface MeshPart {
  readonly stable: MeshSide
  readonly canary: MeshSide
  /** Names of the HTTP routes that count; all that lead to stable where not given. */
  readonly routes?: readonly string[] | undefined
}

/** Every HTTP route that sends traffic to stable. */
export function virtualServicePairs(
  { metadata, spec }: VirtualService,
  { stable, canary, routes }: MeshPart,
): readonly WeightedPair[] {
  const pairs = (spec.http ?? []).flatMap((http, index): WeightedPair[] => {
    if (routes && !routes.includes(http.name ?? '')) return []
    const destinations = http.route ?? []
    const find = (side: MeshSide) => destinations.findIndex((each) => leadsTo(each, side, metadata.namespace))
    const [at, canaryAt] = [find(stable), find(canary)]
    if (at < 0) return []
    const weightOf = ({ weight }: Destination) => weight ?? (destinations.length === 1 ? 100 : 0)
    const entry = (i: number): WeightedEntry => {
      const { destination, weight } = destinations[i]!
      const { host, subset } = destination
      return {
        index: i,
        written: weight,
        weight: weightOf(destinations[i]!),
        identity: [
          { path: '/destination/host', value: host },
          ...(subset === undefined ? [] : [{ path: '/destination/subset', value: subset }]),
        ],
      }
    }
    return [
      {
        key: canonicalJson([http.name ?? null, http.match ?? null]),
        title: http.name === undefined ? `HTTP route ${index + 1}` : `HTTP route ${forLog(http.name)}`,
        list: `/spec/http/${index}/route`,
        length: destinations.length,
        stable: entry(at),
        canary: canaryAt < 0 ? undefined : entry(canaryAt),
        others: destinations.reduce((sum, each, i) => (i === at || i === canaryAt ? sum : sum + weightOf(each)), 0),
      },
    ]
  })
  return withOwnKeys(pairs)
}

/** The destination with which the canary joins a route: that of stable with another host or subset, all else as it is. */
export function canaryDestination(
  { spec }: VirtualService,
  { list, stable }: WeightedPair,
  canary: MeshSide,
): JsonObject {
  const index = Number(/^\/spec\/http\/(\d+)\//.exec(list)?.[1])
  const beside = spec.http![index]!.route![stable.index]!
  const { host } = beside.destination
  const destination = {
    ...beside.destination,
    host: `${canary.service}${host.includes('.') ? host.slice(host.indexOf('.')) : ''}`,
    ...(canary.subset !== undefined && { subset: canary.subset }),
  }
  return { ...beside, destination }
}

/** Whether a host of a mesh is a Service of this namespace: `agent`, `agent.shop`, `agent.shop.svc.cluster.local`. */
export function isHostOf(host: string, service: string, namespace: string | undefined): boolean {
  const [name, space, ...rest] = host.split('.')
  return name === service && (space === undefined || space === namespace) && (rest.length === 0 || rest[0] === 'svc')
}

const leadsTo = ({ destination }: Destination, { service, subset }: MeshSide, namespace: string | undefined): boolean =>
  isHostOf(destination.host, service, namespace) && (subset === undefined || destination.subset === subset)

import { canonicalJson, type Json, type JsonObject } from '@agent-ci/core/json'
import { forLog } from '@agent-ci/core/untrusted'
import type { NamedObject } from '../kubernetes/object.ts'
import type { Condition } from '../kubernetes/workload.ts'
import type { Acceptance } from './route-router.ts'
import { type WeightedEntry, type WeightedPair, withOwnKeys } from './weighted-route.ts'

/** An HTTPRoute or a GRPCRoute (gateway.networking.k8s.io/v1), as far as we read it. */
export interface GatewayRoute extends NamedObject {
  readonly spec: {
    readonly parentRefs?: readonly ParentReference[]
    readonly rules?: readonly RouteRule[]
  }
  readonly status?: { readonly parents?: readonly ParentStatus[] }
}

interface ParentReference {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
  readonly sectionName?: string
  readonly port?: number
}

interface RouteRule {
  readonly name?: string
  readonly matches?: Json
  readonly backendRefs?: readonly (JsonObject & BackendReference)[]
}

interface BackendReference {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
  readonly port?: number
  readonly weight?: number
}

interface ParentStatus {
  readonly parentRef: ParentReference
  readonly conditions?: readonly (Condition & { readonly observedGeneration?: number })[]
}

/** The two Services of a rollout in a route, and the rules that count: all that hold stable, or those with these names. */
export interface RoutePart {
  readonly stable: string
  readonly canary: string
  readonly rules?: readonly string[] | undefined
}

/** Every rule that sends traffic to stable. */
export function gatewayPairs(route: GatewayRoute, { stable, canary, rules }: RoutePart): readonly WeightedPair[] {
  const pairs = (route.spec.rules ?? []).flatMap((rule, index): WeightedPair[] => {
    if (rules && !rules.includes(rule.name ?? '')) return []
    const refs = rule.backendRefs ?? []
    const find = (name: string) => refs.findIndex((ref) => isService(ref, name, route.metadata.namespace))
    const [at, canaryAt] = [find(stable), find(canary)]
    if (at < 0) return []
    return [
      {
        key: canonicalJson([rule.name ?? null, rule.matches ?? null]),
        title: rule.name === undefined ? `rule ${index + 1}` : `rule ${forLog(rule.name)}`,
        list: `/spec/rules/${index}/backendRefs`,
        length: refs.length,
        stable: entryOf(refs[at]!, at),
        canary: canaryAt < 0 ? undefined : entryOf(refs[canaryAt]!, canaryAt),
        others: refs.reduce((sum, ref, i) => (i === at || i === canaryAt ? sum : sum + weightOf(ref)), 0),
      },
    ]
  })
  return withOwnKeys(pairs)
}

/** The backend with which the canary joins a rule: that of stable with another name, its filters included. */
export function canaryBackend(route: GatewayRoute, pair: WeightedPair, canary: string): JsonObject {
  const index = Number(/^\/spec\/rules\/(\d+)\//.exec(pair.list)?.[1])
  return { ...route.spec.rules![index]!.backendRefs![pair.stable.index]!, name: canary }
}

const isService = ({ group = '', kind = 'Service', name, namespace }: BackendReference, wanted: string, own?: string) =>
  group === '' && kind === 'Service' && name === wanted && (namespace === undefined || namespace === own)

const weightOf = ({ weight = 1 }: BackendReference): number => weight

const entryOf = (ref: BackendReference, index: number): WeightedEntry => ({
  index,
  written: ref.weight,
  weight: weightOf(ref),
  identity: [{ path: '/name', value: ref.name }],
})

/** Whether every parent of a route has taken its present generation: accepted, and all its backends found. */
export function gatewayAcceptance({ metadata, spec, status }: GatewayRoute): Acceptance {
  const parents = status?.parents ?? []
  const wanted = spec.parentRefs ?? []
  if (wanted.length === 0) return { state: 'waiting', why: 'the route names no Gateway (parentRefs)' }
  for (const parent of wanted) {
    const answers = parents.filter(({ parentRef }) => sameParent(parentRef, parent, metadata.namespace))
    const name = forLog(parent.name)
    if (answers.length === 0) return { state: 'waiting', why: `no controller has answered for the parent ${name}` }
    for (const { conditions = [] } of answers) {
      for (const type of ['Accepted', 'ResolvedRefs']) {
        const condition = conditions.find((each) => each.type === type)
        if (!condition) return { state: 'waiting', why: `${name} has not said whether the route is ${type}` }
        if ((condition.observedGeneration ?? 0) < (metadata.generation ?? 0))
          return { state: 'waiting', why: `${name} has not seen the present route yet` }
        if (condition.status !== 'True')
          return {
            state: 'waiting',
            seen: true,
            why: forLog(
              `${parent.name} says ${type}=${condition.status}: ${condition.message || condition.reason || ''}`,
              300,
            ),
          }
      }
    }
  }
  return { state: 'accepted' }
}

const sameParent = (a: ParentReference, b: ParentReference, own?: string): boolean =>
  a.name === b.name &&
  (a.namespace ?? own) === (b.namespace ?? own) &&
  (a.kind ?? 'Gateway') === (b.kind ?? 'Gateway') &&
  a.sectionName === b.sectionName &&
  a.port === b.port

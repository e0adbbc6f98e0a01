import type { Json } from '@agent-ci/core/json'
import type { JsonPatch } from '@agent-ci/delivery/kubernetes/cluster'
import {
  canaryBackend,
  type GatewayRoute,
  gatewayAcceptance,
  gatewayPairs,
} from '@agent-ci/delivery/traffic/gateway-route'
import {
  adoptionPatch,
  recordPairs,
  restorePatch,
  shareOfPair,
  splitWeights,
  weightDrift,
  weightPatch,
} from '@agent-ci/delivery/traffic/weighted-route'
import { describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'

const part = { stable: 'agent', canary: 'agent-canary' }
type Refs = readonly { readonly name: string; readonly weight?: number }[]
const routeOf = (...rules: Refs[]): GatewayRoute => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'agent', namespace: 'shop', generation: 2 },
  spec: {
    parentRefs: [{ name: 'edge' }],
    rules: rules.map((backendRefs, index) => ({
      // Some are equal but for their backends.
      matches: [{ path: { value: `/${index % 2}` } }],
      backendRefs,
    })),
  },
})
const pairs = (route: GatewayRoute) => gatewayPairs(route, part)
const entry = (route: GatewayRoute) => (pair: Parameters<Parameters<typeof adoptionPatch>[1]>[0]) =>
  canaryBackend(route, pair, part.canary)

/** Applies a JSON Patch (RFC 6902) of the kinds that we write; a `test` that does not hold throws. */
function apply(route: GatewayRoute, patch: JsonPatch): GatewayRoute {
  const copy = structuredClone(route) as unknown as Json
  for (const step of patch) {
    const keys = step.path.split('/').slice(1)
    const last = keys.pop()!
    const parent = keys.reduce<Json>((at, key) => (at as Record<string, Json>)[key]!, copy) as Record<string, Json> &
      Json[]
    if (step.op === 'test') expect(parent[last as never]).toEqual(step.value)
    else if (Array.isArray(parent)) {
      if (step.op === 'remove') parent.splice(Number(last), 1)
      else parent.splice(Number(last), step.op === 'add' ? 0 : 1, step.value)
    } else if (step.op === 'remove') delete (parent as Record<string, Json>)[last]
    else (parent as Record<string, Json>)[last] = step.value
  }
  return copy as unknown as GatewayRoute
}

test('the patch tests the names that it was made for, and writes nothing else than weights', () => {
  const route = routeOf([
    { name: 'agent', weight: 100 },
    { name: 'agent-canary', weight: 0 },
  ])
  expect(weightPatch(pairs(route), 10)).toEqual([
    { op: 'test', path: '/spec/rules/0/backendRefs/0/name', value: 'agent' },
    { op: 'test', path: '/spec/rules/0/backendRefs/1/name', value: 'agent-canary' },
    { op: 'add', path: '/spec/rules/0/backendRefs/0/weight', value: 90 },
    { op: 'add', path: '/spec/rules/0/backendRefs/1/weight', value: 10 },
  ])
  expect(weightPatch(pairs(route), 0)).toEqual([])
})

test('backends of other kinds and namespaces are not the Service, though they have its name', () => {
  const route = routeOf([
    { name: 'agent', kind: 'InferencePool', group: 'inference.networking.k8s.io' } as never,
    { name: 'agent', namespace: 'other' } as never,
  ])
  expect(pairs(route)).toEqual([])
})

const weights = fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined })
const foreign = fc.array(
  fc.record({ name: fc.constantFrom('legacy', 'shadow'), weight: fc.integer({ min: 0, max: 500 }) }),
  { maxLength: 3 },
)
const rules = fc.array(
  fc
    .tuple(foreign, weights, foreign)
    .map(([before, weight, after]) => [
      ...before,
      { name: 'agent', ...(weight !== undefined && { weight }) },
      ...after,
    ]),
  { minLength: 1, maxLength: 4 },
)

test('any route, any weights: the sum of a pair is 100 or what it was, others stay, and the end is the beginning', () => {
  fc.assert(
    fc.property(rules, fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 5 }), (lists, steps) => {
      const original = routeOf(...lists)
      const before = recordPairs(pairs(original), [])
      let route = apply(original, adoptionPatch(pairs(original), entry(original)))
      const sums = pairs(route).map(({ stable, canary }) => stable.weight + canary!.weight)
      for (const [index, { others }] of pairs(original).entries()) if (others === 0) expect(sums[index]).toBe(100)
      expect(adoptionPatch(pairs(route), entry(route))).toEqual([])
      for (const percent of steps) {
        const patch = weightPatch(pairs(route), percent)
        route = apply(route, patch)
        expect(weightPatch(pairs(route), percent)).toEqual([])
        expect(weightDrift(pairs(route), percent)).toBeUndefined()
        expect(pairs(route).map(({ stable, canary }) => stable.weight + canary!.weight)).toEqual(sums)
        expect(pairs(route).map(({ others }) => others)).toEqual(pairs(original).map(({ others }) => others))
      }
      expect(recordPairs(pairs(route), before)).toEqual(before)
      expect(apply(route, restorePatch(pairs(route), before))).toEqual(original)
    }),
  )
})

test('between 0 and 100 % both sides have a weight, as near as whole parts allow', () => {
  expect(splitWeights(3, 10)).toEqual({ stable: 2, canary: 1 })
  expect(splitWeights(3, 99)).toEqual({ stable: 1, canary: 2 })
  expect(splitWeights(70, 25)).toEqual({ stable: 52, canary: 18 })
})

test('drift: another weight, and a rule without the canary', () => {
  const [pair] = pairs(
    routeOf([
      { name: 'agent', weight: 60 },
      { name: 'agent-canary', weight: 40 },
    ]),
  )
  expect(shareOfPair(pair!)).toBe(40)
  expect(weightDrift([pair!], 10)).toBe('rule 1 has the weights 60 and 40, not 90 and 10')
  expect(weightDrift(pairs(routeOf([{ name: 'agent' }])), 10)).toBe('rule 1 no longer holds the canary')
  expect(weightDrift([], 10)).toBe('the stable side is not in the route')
})

describe('a route is in force when every parent says so of its present generation', () => {
  const condition = (type: string, status = 'True', observedGeneration = 2) => ({
    type,
    status,
    observedGeneration,
    message: 'why not',
  })
  const answered = (...conditions: object[]) =>
    ({ ...routeOf(), status: { parents: [{ parentRef: { name: 'edge' }, conditions }] } }) as unknown as GatewayRoute

  test.each<[string, GatewayRoute, string]>([
    ['nobody answered', routeOf(), 'no controller has answered for the parent edge'],
    ['accepted alone', answered(condition('Accepted')), 'edge has not said whether the route is ResolvedRefs'],
    ['an older generation', answered(condition('Accepted', 'True', 1)), 'edge has not seen the present route yet'],
    ['refused', answered(condition('Accepted', 'False')), 'edge says Accepted=False: why not'],
    [
      'a lost backend',
      answered(condition('Accepted'), condition('ResolvedRefs', 'False')),
      'edge says ResolvedRefs=False: why not',
    ],
  ])('%s: waiting', (_, route, why) => {
    expect(gatewayAcceptance(route)).toMatchObject({ state: 'waiting', why })
  })

  test('accepted', () => {
    expect(gatewayAcceptance(answered(condition('Accepted'), condition('ResolvedRefs')))).toEqual({ state: 'accepted' })
  })

  test('one parent of two is not enough', () => {
    const good = answered(condition('Accepted'), condition('ResolvedRefs'))
    const route = { ...good, spec: { ...good.spec, parentRefs: [{ name: 'edge' }, { name: 'inner' }] } }
    expect(gatewayAcceptance(route)).toMatchObject({ why: 'no controller has answered for the parent inner' })
  })
})

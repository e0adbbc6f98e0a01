import { gatewayApiRouter } from '@agent-ci/delivery/traffic/gateway-api'
import type { GatewayRoute } from '@agent-ci/delivery/traffic/gateway-route'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Fault } from '../api-fault.ts'
import type { ApiRequest } from '../api-request.ts'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { GatewayController } from './gateway-controller.ts'
import { backend, httpRoute } from './route.ts'
import { asWritten, openSite, type Site, signal, times } from './site.ts'

const plane = sharedControlPlane()
beforeAll(() => installCrds(plane, 'gateway-api'))
afterAll(() => plane.api.close())

let site: Site
let controller: GatewayController
beforeEach(async () => {
  site = await openSite(plane)
  controller = new GatewayController(plane, site.namespace)
})
afterEach(async () => {
  await controller.stop()
  await site.close()
})

const settings = { app: 'agent', deployment: 'agent', service: 'agent', kind: 'HTTPRoute', route: 'agent' } as const
const routerOf = ({ cluster }: Site, acceptanceMs = 5_000) =>
  gatewayApiRouter(cluster, settings, times, { acceptanceMs })
const route = () => site.get<GatewayRoute>('httproutes', 'agent')
const weights = async () =>
  (await route()).spec.rules!.map(({ backendRefs }) =>
    backendRefs!.map(({ name, weight }) => `${name}=${weight}`).join(' '),
  )

async function adopted(rules: readonly object[] = [{ backendRefs: [backend('agent')] }]) {
  await site.app()
  await site.create('httproutes', httpRoute(rules))
  const router = routerOf(site)
  await site.canary(router, 1)
  return router
}

test('a rollout from adoption to restoration: weights, acceptance, and the route byte for byte as before', async () => {
  const router = await adopted()
  const before = await route()
  const services = await site.names('services')

  await router.prepare({ signal })
  expect(await weights()).toEqual(['agent=100 agent-canary=0'])
  expect(await router.read()).toBe(0)
  for (const weight of [10, 25, 50, 100]) {
    await router.set(weight, { signal })
    await site.verified(router, weight)
    expect(await weights()).toEqual([`agent=${100 - weight} agent-canary=${weight}`])
    expect(await router.read()).toBe(weight)
  }
  await router.restore({ signal })

  expect(asWritten(await route())).toEqual(asWritten(before))
  expect(await site.names('services')).toEqual(services)
  expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
  expect(controller.missing).toEqual([])
  expect(await router.read()).toBeUndefined()
})

test('neither the pods nor the Service of the stable side are touched, and the two sides share no pod', async () => {
  const router = await adopted()
  const service = await site.get('services', 'agent')
  const before = (await site.pods({ app: 'agent' })).map(({ metadata }) => metadata.uid)
  await router.prepare({ signal })

  expect(await site.get('services', 'agent')).toEqual(service)
  expect((await site.pods({ app: 'agent' })).map(({ metadata }) => metadata.uid)).toEqual(before)
  const own = await site.get<{ spec: { selector: Record<string, string> } }>('services', 'agent-canary')
  expect(own.spec.selector).toEqual({ app: 'agent-canary', 'agent-ci.dev/track': 'canary' })
  expect(await site.pods(own.spec.selector)).toHaveLength(1)
})

test("foreign backends, rules and filters stay untouched, and the foreign backends' share as well", async () => {
  const header = { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-side', value: 'a' }] } }
  const rules = [
    { matches: [{ headers: [{ name: 'x-debug', value: '1' }] }], backendRefs: [backend('debug')] },
    { filters: [header], backendRefs: [backend('legacy', 30), { ...backend('agent', 70), filters: [header] }] },
    { matches: [{ path: { type: 'PathPrefix', value: '/v2' } }], backendRefs: [backend('agent', 3)] },
  ]
  for (const name of ['debug', 'legacy'])
    await site.create('services', { metadata: { name }, spec: { ports: [{ port: 80 }] } })
  const router = await adopted(rules)
  const before = await route()
  await router.prepare({ signal })
  await router.set(25, { signal })

  const expected = structuredClone(before.spec.rules!) as { backendRefs: object[] }[]
  const [, second, third] = expected
  const [legacy, agent] = second!.backendRefs as [object, object]
  second!.backendRefs = [legacy, { ...agent, weight: 52 }, { ...agent, name: 'agent-canary', weight: 18 }]
  const [only] = third!.backendRefs as [object]
  third!.backendRefs = [
    { ...only, weight: 75 },
    { ...only, name: 'agent-canary', weight: 25 },
  ]
  expect((await route()).spec.rules).toEqual(expected)

  await router.restore({ signal })
  expect(asWritten(await route())).toEqual(asWritten(before))
})

test('a pair of Services that the route has already is used as it is and left as it was', async () => {
  await site.app()
  const selector = { app: 'agent-canary', 'agent-ci.dev/track': 'canary' }
  await site.create('services', {
    metadata: { name: 'agent-canary' },
    spec: { selector, ports: [{ port: 80, targetPort: 8080 }] },
  })
  await site.create('httproutes', httpRoute([{ backendRefs: [backend('agent-canary', 0), backend('agent', 1)] }]))
  const router = routerOf(site)
  await site.canary(router, 1)
  const [before, service] = [await route(), await site.get('services', 'agent-canary')]
  await router.prepare({ signal })
  await router.set(50, { signal })
  expect(await weights()).toEqual(['agent-canary=50 agent=50'])

  await router.restore({ signal })
  expect(asWritten(await route())).toEqual(asWritten(before))
  expect(await site.get('services', 'agent-canary')).toEqual(service)
})

test('somebody who writes our weights back is found, and named, as drift', async () => {
  const router = await adopted()
  await router.prepare({ signal })
  await router.set(25, { signal })
  const manifest = JSON.stringify(httpRoute([{ backendRefs: [backend('agent', 1)] }]))
  const apply = [
    'apply',
    '--server-side',
    '--force-conflicts',
    '--field-manager=argocd-controller',
    '-f',
    '-',
    '-n',
    site.namespace,
  ]
  expect(await plane.kubectl(apply, manifest)).toMatchObject({ code: 0 })

  expect(await router.verify(25)).toEqual({
    state: 'lost',
    why: 'rule 1 no longer holds the canary: argocd-controller changed it after us',
  })
  await expect(router.set(50, { signal })).rejects.toThrow(/does not hold agent-canary/)
  await router.set(0, { signal })
  await router.restore({ signal })
  expect(await site.names('services')).toEqual(['agent'])
})

test('a weight is not in force before every parent has taken the generation that holds it', async () => {
  const router = await adopted()
  await router.prepare({ signal })
  controller.awake = false
  await router.set(10, { signal })
  expect(await router.verify(10)).toEqual({ state: 'waiting', why: 'edge has not seen the present route yet' })
})

test('the canary gets no weight while none of its pods is ready', async () => {
  await site.app()
  await site.create('httproutes', httpRoute([{ backendRefs: [backend('agent')] }]))
  const router = gatewayApiRouter(site.cluster, settings, { ...times, now: hurriedClock() })
  await router.prepare({ signal })
  await expect(router.set(10, { signal })).rejects.toThrow('service agent-canary leads to no ready pod')
  expect(await weights()).toEqual(['agent=100 agent-canary=0'])
})

/** Ten seconds pass with every look at it. */
function hurriedClock(): () => number {
  let now = 0
  return () => (now += 10_001)
}

test('preparing ends with the reason when the route is not taken', async () => {
  const router = routerOf(site, 100)
  await site.app()
  await site.create('httproutes', httpRoute([{ backendRefs: [backend('agent'), backend('gone', 0)] }]))
  await site.canary(router, 1)
  await expect(router.prepare({ signal })).rejects.toThrow(
    'httproute agent did not take the change in time: edge says ResolvedRefs=False: service gone not found',
  )
  // The way back needs only that the controller has seen it.
  await router.restore({ signal })
  expect(await weights()).toEqual(['agent=1 gone=0'])
})

test('preflight finds everything at once and changes nothing', async () => {
  controller.awake = false
  await site.app()
  await site.create('httproutes', httpRoute([{ backendRefs: [backend('agent', 1), backend('other', 1)] }]))
  await site.create('services', {
    metadata: { name: 'agent-canary' },
    spec: { selector: { app: 'agent' }, ports: [{ port: 80 }] },
  })
  await site.create('networkpolicies', {
    metadata: { name: 'database' },
    spec: { podSelector: { matchLabels: { app: 'agent' } } },
  })
  const found = await routerOf(site).preflight()

  expect(found.problems.map(({ what }) => what)).toEqual([
    'httproute agent is not in force: no controller has answered for the parent edge',
    'rule 1 of httproute agent gives service agent the weight 1 beside other backends',
    'service agent-canary is not ours and does not select canary pods alone',
  ])
  expect(found.warnings).toEqual([
    'networkpolicy database will not apply to canary pods: what it allows, they may not do',
    'rule 1 of httproute agent also leads to other backends: their share stays as it is',
  ])
  expect(site.proxy.writes).toEqual([])
})

test.each([
  ['no route', async () => {}, 'There is no httproute agent in namespace'],
  [
    'a route that leads elsewhere',
    () => site.create('httproutes', httpRoute([{ backendRefs: [backend('x')] }])),
    'httproute agent does not lead to service agent',
  ],
])('preflight: %s', async (_, make, problem) => {
  await site.app()
  await make()
  const { problems } = await routerOf(site).preflight()
  expect(problems.map(({ what }) => what).join('\n')).toContain(problem)
})

test('preflight: no Service', async () => {
  await site.create('httproutes', httpRoute([{ backendRefs: [backend('agent')] }]))
  const { problems } = await routerOf(site).preflight()
  expect(problems.map(({ what }) => what)).toContain('There is no service agent')
})

test('preflight of a good route has no problem', async () => {
  const router = await adopted()
  expect(await routerOf(site).preflight()).toEqual({ problems: [], warnings: [] })
  expect(await router.achievable([10, 100])).toEqual([
    { asked: 10, real: 10, how: '', repeats: false },
    { asked: 100, real: 100, how: '', repeats: false },
  ])
})

async function expectNothingLeft(before: GatewayRoute): Promise<void> {
  expect(asWritten(await route())).toEqual(asWritten(before))
  expect(await site.names('services')).toEqual(['agent'])
  expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
}

/** One whole use of a router; what it leaves behind is what the test looks at. */
async function wholeUse(): Promise<void> {
  const router = routerOf(site)
  await router.prepare({ signal })
  await router.set(10, { signal })
  await router.set(50, { signal })
  await router.restore({ signal })
}

test.each<Fault>(['conflict', 'too-many-requests', 'server-error', 'reset-before', 'reset-after'])(
  '%s on every single write, one at a time: the weights are always 100 in sum and all is put back',
  async (fault) => {
    await adopted()
    const before = await route()
    site.proxy.reset()
    await wholeUse()
    // Record, Service, adoption, two weights, weight 0, restoration, and the two removals.
    const writes = site.proxy.writes.length
    expect(writes).toBeGreaterThanOrEqual(9)
    for (let k = 1; k <= writes; k++) {
      site.proxy.reset()
      site.proxy.fail({ write: k }, fault)
      await wholeUse()
      await expectNothingLeft(before)
    }
    expect(controller.missing).toEqual([])
  },
)

test('a process that dies at any write leaves what the next one can finish', async () => {
  await adopted()
  const before = await route()
  const deaths = await site.dieAtEveryWrite(wholeUse, async () => {
    const next = routerOf(site)
    await next.set(0, { signal })
    expect((await next.read()) ?? 0).toBe(0)
    await next.restore({ signal })
    await expectNothingLeft(before)
  })
  expect(deaths).toBeGreaterThanOrEqual(18)
  expect(controller.missing).toEqual([])
}, 120_000)

test('a second writer between our read and our write loses nothing of what it wrote', async () => {
  await adopted([{ backendRefs: [backend('agent', 1)] }, { backendRefs: [backend('agent', 2)] }])
  const disturbed = new Set<string>()
  const ours = ({ verb, resource }: ApiRequest) => verb === 'patch' && resource === 'httproutes'
  site.proxy.at({ where: ours }, 'before', async ({ body }) => {
    const [{ value: version }, ...rest] = body as [{ value: string }, ...object[]]
    const change = JSON.stringify(rest)
    if (disturbed.has(change) || (await route()).metadata.resourceVersion !== version) return undefined
    disturbed.add(change)
    const annotations = { [`note-${disturbed.size}`]: 'theirs' }
    await plane.api.patch(site.path('httproutes', 'agent'), 'merge', { metadata: { annotations } })
    return undefined
  })
  await wholeUse()
  // Adoption, two weights, weight 0, restoration.
  expect(disturbed.size).toBe(5)
  const { metadata } = await route()
  expect(Object.keys(metadata.annotations!)).toHaveLength(5)
  expect(await weights()).toEqual(['agent=1', 'agent=2'])
})

test('a GRPCRoute is moved in the same way', async () => {
  await controller.stop()
  controller = new GatewayController(plane, site.namespace, 'grpcroutes')
  await site.app()
  await site.create('grpcroutes', { ...httpRoute([{ backendRefs: [backend('agent')] }]), kind: 'GRPCRoute' })
  const router = gatewayApiRouter(site.cluster, { ...settings, kind: 'GRPCRoute' }, times)
  await site.canary(router, 1)
  await router.prepare({ signal })
  await router.set(30, { signal })
  await site.verified(router, 30)
  expect(await router.read()).toBe(30)
  await router.restore({ signal })
})

import { type IstioSettings, istioRouter } from '@agent-ci/delivery/traffic/istio'
import type { VirtualService } from '@agent-ci/delivery/traffic/virtual-service'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Fault } from '../api-fault.ts'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { asWritten, openSite, type Site, signal, times } from './site.ts'

const plane = sharedControlPlane()
beforeAll(() => installCrds(plane, 'istio'))
afterAll(() => plane.api.close())

let site: Site
beforeEach(async () => {
  site = await openSite(plane)
})
afterEach(() => site.close())

const hosts = { app: 'agent', deployment: 'agent', service: 'agent', virtualService: 'agent' } as const
const subsets: IstioSettings = {
  ...hosts,
  subsets: { destinationRule: 'agent', stable: 'stable', canary: 'canary' },
}
const to = (host: string, weight?: number, subset?: string) => ({
  destination: { host, port: { number: 80 }, ...(subset && { subset }) },
  ...(weight !== undefined && { weight }),
})
const virtualService = (http: readonly object[]) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'agent' },
  spec: { hosts: ['agent'], http },
})
const destinationRule = (labels: object, host = 'agent') => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'agent' },
  spec: { host, trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } }, subsets: [{ name: 'stable', labels }] },
})
const read = () => site.get<VirtualService>('virtualservices', 'agent')
const weights = async () =>
  (await read()).spec.http!.map(({ route }) =>
    route!.map(({ destination: { host, subset = '' }, weight }) => [host, subset, weight].join(' ')),
  )

// argo-rollouts test/e2e/istio_test.go HostSplit
test('two hosts: weights move in every HTTP route that leads to stable, the others and the object afterwards are as before', async () => {
  await site.app(1)
  const debug = { name: 'debug', match: [{ headers: { 'x-debug': { exact: '1' } } }], route: [to('debug')] }
  const retries = { attempts: 3, perTryTimeout: '2s' }
  const main = {
    name: 'main',
    retries,
    route: [{ ...to(`agent.${site.namespace}.svc.cluster.local`), headers: { request: { set: { a: 'b' } } } }],
  }
  const shared = { match: [{ uri: { prefix: '/v2' } }], route: [to('legacy', 20), to('agent', 80)] }
  await site.create('virtualservices', virtualService([debug, main, shared]))
  const router = istioRouter(site.cluster, hosts, times)
  await site.canary(router, 1)
  const before = await read()
  await router.prepare({ signal })
  expect(await router.read()).toBe(0)
  await router.set(10, { signal })
  await site.verified(router, 10)
  const stable = `agent.${site.namespace}.svc.cluster.local`
  const canary = `agent-canary.${site.namespace}.svc.cluster.local`
  expect(await weights()).toEqual([
    ['debug  '],
    [`${stable}  90`, `${canary}  10`],
    ['legacy  20', 'agent  72', 'agent-canary  8'],
  ])
  expect((await read()).spec.http![1]).toMatchObject({
    retries,
    route: [{}, { headers: { request: { set: { a: 'b' } } } }],
  })
  await router.set(100, { signal })
  expect(await router.read()).toBe(100)
  await router.restore({ signal })
  expect(asWritten(await read())).toEqual(asWritten(before))
  expect(await site.names('services')).toEqual(['agent'])
})

test('only the HTTP routes that are named', async () => {
  await site.app(1)
  await site.create(
    'virtualservices',
    virtualService([
      { name: 'a', match: [{ uri: { prefix: '/a' } }], route: [to('agent')] },
      { name: 'b', route: [to('agent')] },
    ]),
  )
  const router = istioRouter(site.cluster, { ...hosts, routes: ['b'] }, times)
  await site.canary(router, 1)
  await router.prepare({ signal })
  await router.set(50, { signal })
  expect(await weights()).toEqual([['agent  '], ['agent  50', 'agent-canary  50']])
})

test('two subsets of one host: the canary is in the Service and in its own subset, not in that of stable', async () => {
  await site.app(1, { labels: { version: 'v1' } })
  await site.create('destinationrules', destinationRule({ version: 'v1' }))
  await site.create('virtualservices', virtualService([{ route: [to('agent', 100, 'stable')] }]))
  const router = istioRouter(site.cluster, subsets, times)
  expect(await router.preflight()).toEqual({ problems: [], warnings: [] })
  const canary = await site.canary(router, 1)
  expect(canary.spec.template.metadata?.labels).toEqual({
    app: 'agent',
    version: 'v1-canary',
    'agent-ci.dev/track': 'canary',
  })
  const before = [await read(), await site.get('destinationrules', 'agent')] as const
  await router.prepare({ signal })
  await router.set(25, { signal })
  expect(await weights()).toEqual([['agent stable 75', 'agent canary 25']])
  const rule = await site.get<{ spec: { subsets: object[] } }>('destinationrules', 'agent')
  expect(rule.spec.subsets).toEqual([
    { name: 'stable', labels: { version: 'v1' } },
    { name: 'canary', labels: { 'agent-ci.dev/track': 'canary' } },
  ])
  await router.restore({ signal })
  expect(asWritten(await read())).toEqual(asWritten(before[0]))
  expect(asWritten(await site.get('destinationrules', 'agent'))).toEqual(asWritten(before[1]))
})

test('preflight: subsets that cannot be told apart, and rules that apply to one host only', async () => {
  await site.app(1)
  await site.create('virtualservices', virtualService([{ route: [to('agent', 100, 'stable')] }]))
  const problems = async () =>
    (await istioRouter(site.cluster, subsets, times).preflight()).problems.map(({ what }) => what)
  expect(await problems()).toEqual(['There is no destinationrule agent'])
  await site.create('destinationrules', destinationRule({ app: 'agent' }))
  expect(await problems()).toEqual(['The selector app=agent has no label that may differ'])
  await plane.api.patch(site.path('destinationrules', 'agent'), 'merge', {
    spec: { subsets: [{ name: 'stable', labels: { version: 'v9' } }] },
  })
  expect(await problems()).toEqual([
    'Subset stable of destinationrule agent does not hold the pods of deployment agent',
  ])
  expect((await istioRouter(site.cluster, hosts, times).preflight()).warnings).toEqual([
    'destinationrule agent applies to host agent and not to agent-canary: the canary has other limits',
  ])
})

async function wholeUse(): Promise<void> {
  const router = istioRouter(site.cluster, subsets, times)
  await router.prepare({ signal })
  await router.set(25, { signal })
  await router.restore({ signal })
}

test.each<Fault>(['conflict', 'server-error', 'reset-after'])(
  '%s on every single write: all is put back',
  async (fault) => {
    await site.app(1, { labels: { version: 'v1' } })
    await site.create('destinationrules', destinationRule({ version: 'v1' }))
    await site.create('virtualservices', virtualService([{ route: [to('agent', 100, 'stable')] }]))
    await site.canary(istioRouter(site.cluster, subsets, times), 1)
    const before = [await read(), await site.get('destinationrules', 'agent')] as const
    site.proxy.reset()
    await wholeUse()
    const writes = site.proxy.writes.length
    expect(writes).toBe(10)
    for (let k = 1; k <= writes; k++) {
      site.proxy.reset()
      site.proxy.fail({ write: k }, fault)
      await wholeUse()
      expect(asWritten(await read())).toEqual(asWritten(before[0]))
      expect(asWritten(await site.get('destinationrules', 'agent'))).toEqual(asWritten(before[1]))
      expect(await site.names('services')).toEqual(['agent'])
      expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
    }
  },
)

test('a process that dies at any write leaves what the next one can finish', async () => {
  await site.app(1, { labels: { version: 'v1' } })
  await site.create('destinationrules', destinationRule({ version: 'v1' }))
  await site.create('virtualservices', virtualService([{ route: [to('agent', 100, 'stable')] }]))
  await site.canary(istioRouter(site.cluster, subsets, times), 1)
  const before = [await read(), await site.get('destinationrules', 'agent')] as const
  const deaths = await site.dieAtEveryWrite(wholeUse, async () => {
    await istioRouter(site.cluster, subsets, times).restore({ signal })
    expect(asWritten(await read())).toEqual(asWritten(before[0]))
    expect(asWritten(await site.get('destinationrules', 'agent'))).toEqual(asWritten(before[1]))
    expect(await site.names('services')).toEqual(['agent'])
  })
  expect(deaths).toBe(20)
})

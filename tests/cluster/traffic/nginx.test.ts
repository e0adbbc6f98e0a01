import { NginxRouter } from '@agent-ci/delivery/traffic/nginx'
import type { Ingress } from '@agent-ci/delivery/traffic/nginx-ingress'
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Fault } from '../api-fault.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { openSite, type Site, signal, times } from './site.ts'

const plane = sharedControlPlane()
afterAll(() => plane.api.close())

let site: Site
beforeEach(async () => {
  site = await openSite(plane)
})
afterEach(() => site.close())

const routerOf = () =>
  new NginxRouter(site.cluster, { app: 'agent', deployment: 'agent', service: 'agent', ingress: 'web' }, times)
const path = (path: string, name: string) => ({
  path,
  pathType: 'Prefix',
  backend: { service: { name, port: { name: 'http' } } },
})
const ingress = {
  metadata: { name: 'web', annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '8m' } },
  spec: {
    ingressClassName: 'nginx',
    tls: [{ hosts: ['agent.example.com'], secretName: 'tls' }],
    rules: [
      { host: 'agent.example.com', http: { paths: [path('/', 'agent'), path('/static', 'files')] } },
      { host: 'files.example.com', http: { paths: [path('/', 'files')] } },
    ],
  },
}

test("the canary has an Ingress of its own with the paths of stable; the app's is never written", async () => {
  await site.app(1)
  const before = await site.create('ingresses', ingress)
  const router = routerOf()
  await site.canary(router, 1)
  await router.prepare({ signal })
  const made = await site.get<Ingress>('ingresses', 'web-canary')
  expect(made.metadata.annotations).toEqual({
    'nginx.ingress.kubernetes.io/canary': 'true',
    'nginx.ingress.kubernetes.io/canary-weight': '0',
    'nginx.ingress.kubernetes.io/canary-weight-total': '100',
  })
  expect(made.spec).toEqual({
    ingressClassName: 'nginx',
    rules: [{ host: 'agent.example.com', http: { paths: [path('/', 'agent-canary')] } }],
  })
  for (const weight of [10, 50]) {
    await router.set(weight, { signal })
    expect(await router.read()).toBe(weight)
    expect(await router.verify(weight)).toEqual({ state: 'accepted' })
  }
  await plane.api.patch(site.path('ingresses', 'web-canary'), 'merge', {
    metadata: { annotations: { 'nginx.ingress.kubernetes.io/canary-weight': '90' } },
  })
  expect(await router.verify(50)).toEqual({
    state: 'lost',
    why: 'ingress web-canary has the weight 90: somebody changed it after us',
  })
  await router.restore({ signal })
  expect(await site.names('ingresses')).toEqual(['web'])
  expect(await site.names('services')).toEqual(['agent'])
  expect(await site.get('ingresses', 'web')).toEqual(before)
})

test('preflight says that ingress-nginx is retired, and what stands in the way', async () => {
  await site.app(1)
  await site.create('ingresses', { ...ingress, metadata: { name: 'web-canary' } })
  const { problems, warnings } = await routerOf().preflight()
  expect(problems.map(({ what }) => what)).toEqual([
    `There is no ingress web in namespace ${site.namespace}`,
    'ingress web-canary is there and is not ours',
  ])
  expect(warnings[0]).toContain('retired in March 2026')
})

async function wholeUse(): Promise<void> {
  const router = routerOf()
  await router.prepare({ signal })
  await router.set(50, { signal })
  await router.restore({ signal })
}

test('a process that dies at any write leaves what the next one can finish', async () => {
  await site.app(1)
  await site.create('ingresses', ingress)
  await site.canary(routerOf(), 1)
  const deaths = await site.dieAtEveryWrite(wholeUse, async () => {
    await routerOf().restore({ signal })
    expect(await site.names('ingresses')).toEqual(['web'])
    expect(await site.names('services')).toEqual(['agent'])
  })
  expect(deaths).toBe(12)
})

test.each<Fault>(['conflict', 'too-many-requests', 'server-error', 'reset-before', 'reset-after'])(
  '%s on every single write: all is put back',
  async (fault) => {
    await site.app(1)
    await site.create('ingresses', ingress)
    await site.canary(routerOf(), 1)
    site.proxy.reset()
    await wholeUse()
    const writes = site.proxy.writes.length
    expect(writes).toBe(6)
    for (let k = 1; k <= writes; k++) {
      site.proxy.reset()
      site.proxy.fail({ write: k }, fault)
      await wholeUse()
      expect(await site.names('ingresses')).toEqual(['web'])
      expect(await site.names('services')).toEqual(['agent'])
    }
  },
)

import type { Service } from '@agent-ci/delivery/traffic/service'
import { ServiceSwitch } from '@agent-ci/delivery/traffic/service-switch'
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Fault } from '../api-fault.ts'
import { observe, readyPods } from '../observer.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { asWritten, openSite, type Site, signal, times } from './site.ts'

const plane = sharedControlPlane()
afterAll(() => plane.api.close())

let site: Site
beforeEach(async () => {
  site = await openSite(plane)
})
afterEach(() => site.close())

const routerOf = () => new ServiceSwitch(site.cluster, { app: 'agent', deployment: 'agent', service: 'agent' }, times)
const service = () => site.get<Service>('services', 'agent')
const GREEN = { app: 'agent-preview', 'agent-ci.dev/track': 'preview' }

// Azure/k8s-deploy run-integration-tests-bluegreen-service.yml
test('preview, promote, reject: the Service leads to one side whole, then to the other, and is what it was', async () => {
  await site.app(3)
  const before = await service()
  const router = routerOf()
  const green = await site.canary(router, 3)
  expect(green.spec.template.metadata?.labels).toEqual(GREEN)

  await router.prepare({ signal })
  const preview = await site.get<Service>('services', 'agent-preview')
  expect(preview.spec.selector).toEqual(GREEN)
  expect(await router.read()).toBe(0)
  expect(await router.verify(0)).toEqual({ state: 'accepted' })

  await router.set(100, { signal })
  await site.verified(router, 100)
  expect((await service()).spec.selector).toEqual({ app: 'agent-preview' })
  expect(await router.read()).toBe(100)
  // A later process, after the switch, means the same sides.
  expect(await routerOf().canaryLabels({ app: 'agent' })).toEqual(GREEN)

  await router.restore({ signal })
  expect(asWritten(await service())).toEqual(asWritten(before))
  expect(await site.names('services')).toEqual(['agent'])
  expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
})

test('a switch is not in force while the Service leads to another pod, or not yet to all', async () => {
  await site.app(3)
  const router = routerOf()
  await site.canary(router, 2)
  await router.prepare({ signal })
  const observer = await observe(plane.api, site.namespace)
  await router.set(100, { signal })
  const states: string[] = []
  for (;;) {
    const { state } = await router.verify(100)
    states.push(state)
    if (state === 'accepted') break
  }
  await observer.stop()
  expect(states.slice(0, -1).every((state) => state === 'waiting')).toBe(true)
  const green = readyPods(observer.latest, { app: 'agent-preview' }).map(({ metadata }) => metadata.uid)
  const slices = await plane.api.list(`/apis/discovery.k8s.io/v1/namespaces/${site.namespace}/endpointslices`)
  const endpoints = slices
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'agent')
    .flatMap((slice) => (slice as unknown as { endpoints: { targetRef: { uid: string } }[] }).endpoints)
  expect(endpoints.map(({ targetRef }) => targetRef.uid).sort()).toEqual(green.sort())
})

test('no switch to a side without a ready pod', async () => {
  await site.app(1)
  const router = new ServiceSwitch(
    site.cluster,
    { app: 'agent', deployment: 'agent', service: 'agent' },
    { ...times, now: hurriedClock() },
  )
  await router.prepare({ signal })
  await expect(router.set(100, { signal })).rejects.toThrow('service agent-preview leads to no ready pod')
  expect((await service()).spec.selector).toEqual({ app: 'agent' })
})

/** Ten seconds pass with every look at it. */
function hurriedClock(): () => number {
  let now = 0
  return () => (now += 10_001)
}

test('somebody who writes the selector back is found as drift', async () => {
  await site.app(1)
  const router = routerOf()
  await site.canary(router, 1)
  await router.prepare({ signal })
  await router.set(100, { signal })
  const manifest = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'agent' },
    spec: { selector: { app: 'agent' } },
  })
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
  expect(await router.verify(100)).toEqual({
    state: 'lost',
    why: 'the selector of service agent was changed after us, by argocd-controller',
  })
})

test('a Service that selects the track keeps all other labels of the pods', async () => {
  await site.app(1)
  await plane.api.patch(site.path('services', 'agent'), 'merge', {
    spec: { selector: { 'agent-ci.dev/track': 'stable' } },
  })
  expect(await routerOf().canaryLabels({ app: 'agent', 'agent-ci.dev/track': 'stable' })).toEqual({
    app: 'agent',
    'agent-ci.dev/track': 'preview',
  })
})

async function wholeUse(): Promise<void> {
  const router = routerOf()
  await router.prepare({ signal })
  await router.set(100, { signal })
  await router.restore({ signal })
}

test.each<Fault>(['conflict', 'too-many-requests', 'server-error', 'reset-before', 'reset-after'])(
  '%s on every single write: all is put back',
  async (fault) => {
    await site.app(1)
    await site.canary(routerOf(), 1)
    const before = await service()
    site.proxy.reset()
    await wholeUse()
    const writes = site.proxy.writes.length
    expect(writes).toBe(6)
    for (let k = 1; k <= writes; k++) {
      site.proxy.reset()
      site.proxy.fail({ write: k }, fault)
      await wholeUse()
      expect(asWritten(await service())).toEqual(asWritten(before))
      expect(await site.names('services')).toEqual(['agent'])
      expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
    }
  },
)

test('a process that dies at any write leaves what the next one can finish', async () => {
  await site.app(1)
  await site.canary(routerOf(), 1)
  const before = await service()
  const deaths = await site.dieAtEveryWrite(wholeUse, async () => {
    await routerOf().restore({ signal })
    expect(asWritten(await service())).toEqual(asWritten(before))
    expect(await site.names('services')).toEqual(['agent'])
    expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
  })
  expect(deaths).toBe(12)
})

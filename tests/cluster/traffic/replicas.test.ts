import type { Deployment } from '@agent-ci/delivery/kubernetes/workload'
import { ReplicasRouter, type ReplicasSettings } from '@agent-ci/delivery/traffic/replicas'
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Fault } from '../api-fault.ts'
import { observe, readyPods } from '../observer.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { openSite, type Site, signal, times } from './site.ts'

const plane = sharedControlPlane()
afterAll(() => plane.api.close())

let site: Site
beforeEach(async () => {
  site = await openSite(plane)
})
afterEach(() => site.close())

const routerOf = (more: Partial<ReplicasSettings> = {}) =>
  new ReplicasRouter(
    site.cluster,
    { app: 'agent', deployment: 'agent', service: 'agent', availableMs: 20_000, ...more },
    times,
  )

/** Pods asked for, `[canary, stable]`. */
async function counts() {
  const [canary, stable] = await Promise.all(
    ['agent-canary', 'agent'].map((name) => site.get<Deployment>('deployments', name)),
  )
  return [canary!.spec.replicas, stable!.spec.replicas]
}

/** Fewer pods of the app than this were ready at no time; both sides have `app: agent`. */
async function observed(fewest: number, work: () => Promise<void>): Promise<void> {
  const observer = await observe(plane.api, site.namespace)
  await work()
  await observer.stop()
  const violations = observer.violations((snapshot) => {
    const ready = readyPods(snapshot, { app: 'agent' }).length
    return ready < fewest ? `${ready} of ${fewest} pods are ready` : undefined
  })
  expect(violations).toEqual([])
}

test('weights are pods: up first, down when the others are available, never fewer than the app has', async () => {
  await site.app(4)
  const router = routerOf()
  await site.canary(router, 0)
  await observed(4, async () => {
    await router.prepare({ signal })
    for (const [weight, pods] of [
      [10, [1, 4]],
      [25, [1, 3]],
      [50, [2, 2]],
      [75, [3, 1]],
      [100, [4, 0]],
    ] as const) {
      await router.set(weight, { signal })
      await site.verified(router, weight)
      expect(await counts()).toEqual(pods)
    }
    expect(await router.read()).toBe(100)
    await router.set(0, { signal })
    await site.verified(router, 0)
  })
  expect(await counts()).toEqual([0, 4])
})

test('both sides are behind the Service, and the canary alone behind its own', async () => {
  await site.app(3)
  const router = routerOf()
  await site.canary(router, 0)
  await router.prepare({ signal })
  await router.set(25, { signal })
  await site.verified(router, 25)
  expect(await site.pods({ app: 'agent' })).toHaveLength(4)
  const { spec } = await site.get<{ spec: { selector: Record<string, string> } }>('services', 'agent-canary')
  expect(await site.pods(spec.selector)).toHaveLength(1)
  await router.restore({ signal })
  expect(await counts()).toEqual([0, 3])
  expect(await site.names('services')).toEqual(['agent'])
  expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
})

// argo-rollouts test/e2e/canary_test.go TestRolloutScalingWhenPaused
test('a new size of the app in the middle of a step keeps the share: 1, 8, 4 replicas at 25 %', async () => {
  await site.app(1)
  const router = routerOf()
  await site.canary(router, 0)
  await router.prepare({ signal })
  await router.set(25, { signal })
  expect(await counts()).toEqual([1, 1])
  await routerOf({ replicas: 8 }).set(25, { signal })
  expect(await counts()).toEqual([2, 6])
  await routerOf({ replicas: 4 }).set(25, { signal })
  expect(await counts()).toEqual([1, 3])
})

// argo-rollouts test/e2e/canary_test.go TestReduceWeightAndHonorMaxUnavailable
test('the way back waits for stable pods before a canary pod goes', async () => {
  await site.app(3, { stage: 'slow-start', delay: '400ms' })
  const router = routerOf()
  await site.canary(router, 0)
  await router.prepare({ signal })
  await observed(3, async () => {
    // At once one after the other: what a Deployment says of its pods then is of those that are being ended.
    for (const weight of [100, 0, 100, 0, 100, 0]) await router.set(weight, { signal })
  })
  expect(await counts()).toEqual([0, 3])
})

test('a stable side that does not come up keeps the canary at work, and says why', async () => {
  await site.app(3)
  const router = routerOf({ availableMs: 1_500 })
  await site.canary(router, 0)
  await router.prepare({ signal })
  await router.set(100, { signal })
  await plane.api.patch(site.path('deployments', 'agent'), 'merge', {
    spec: { template: { metadata: { labels: { 'cluster-test/stage': 'never-ready' } } } },
  })
  await observed(3, async () => {
    await expect(router.set(0, { signal })).rejects.toThrow('0 of 3 pods of deployment agent are available')
  })
  expect(await counts()).toEqual([3, 3])
})

test('a sick stable does not keep a release from going on', async () => {
  await site.create('services', {
    metadata: { name: 'agent' },
    spec: { selector: { app: 'agent' }, ports: [{ port: 80 }] },
  })
  await plane.api.create(site.path('deployments'), {
    ...(await import('../deployment.ts')).deployment({ replicas: 3, stage: 'never-ready' }),
  })
  const router = routerOf({ availableMs: 5_000 })
  const stable = await site.get<Deployment>('deployments', 'agent')
  const labels = await router.canaryLabels({ app: 'agent' })
  await site.create('deployments', {
    ...stable,
    metadata: { name: 'agent-canary' },
    spec: {
      ...stable.spec,
      replicas: 0,
      selector: { matchLabels: labels },
      template: { ...stable.spec.template, metadata: { labels } },
    },
  })
  await router.prepare({ signal })
  for (const weight of [25, 50, 100]) {
    await router.set(weight, { signal })
    await site.verified(router, weight)
  }
  expect(await counts()).toEqual([3, 0])
})

test('pods that can never start end the wait at once, with the reason', async () => {
  await site.app(2)
  const router = routerOf()
  await site.canary(router, 0, 'agent:invalid-image-name')
  await router.prepare({ signal })
  await expect(router.set(50, { signal })).rejects.toThrow(/deployment agent-canary: .*InvalidImageName/)
  expect(await counts()).toEqual([1, 2])
  await router.restore({ signal })
  expect(await counts()).toEqual([0, 2])
})

test('somebody who scales a side is found as drift', async () => {
  await site.app(3)
  const router = routerOf()
  await site.canary(router, 0)
  await router.prepare({ signal })
  await router.set(25, { signal })
  await site.scale('agent', 5)
  expect(await router.verify(25)).toEqual({
    state: 'lost',
    why: '5 stable and 1 canary pods are asked for, not 3 and 1: somebody scaled them after us',
  })
})

test('preflight: an autoscaler of the Deployment is a problem, a budget and other pods behind the Service are worth a word', async () => {
  await site.app(2)
  await site.create('horizontalpodautoscalers', {
    metadata: { name: 'agent' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'agent' },
      minReplicas: 2,
      maxReplicas: 5,
    },
  })
  await site.create('poddisruptionbudgets', {
    metadata: { name: 'agent' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'agent' } } },
  })
  const other = (await site.get<Deployment>('deployments', 'agent')).spec
  await site.create('deployments', {
    metadata: { name: 'batch' },
    spec: {
      ...other,
      selector: { matchLabels: { job: 'batch' } },
      template: { ...other.template, metadata: { labels: { app: 'agent', job: 'batch' } } },
    },
  })
  const { problems, warnings } = await routerOf().preflight()
  expect(problems.map(({ what }) => what)).toEqual(['horizontalpodautoscaler agent scales deployment agent'])
  expect(warnings.slice(1)).toEqual([
    'poddisruptionbudget agent counts canary pods as it counts stable ones',
    'service agent also leads to deployment batch, so that the shares are lower than stated',
  ])
  expect(site.proxy.writes).toEqual([])
})

async function wholeUse(): Promise<void> {
  const router = routerOf()
  await router.prepare({ signal })
  await router.set(50, { signal })
  await router.restore({ signal })
}

test.each<Fault>(['conflict', 'too-many-requests', 'server-error', 'reset-before', 'reset-after'])(
  '%s on every single write: all is put back, and no pod too few was ready meanwhile',
  async (fault) => {
    await site.app(2)
    await site.canary(routerOf(), 0)
    await observed(2, async () => {
      site.proxy.reset()
      await wholeUse()
      const writes = site.proxy.writes.length
      for (let k = 1; k <= writes; k++) {
        site.proxy.reset()
        site.proxy.fail({ write: k }, fault)
        await wholeUse()
        expect(await counts()).toEqual([0, 2])
        expect(await site.names('services')).toEqual(['agent'])
        expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
      }
    })
  },
)

test('a process that dies at any write leaves what the next one can finish, and no pod too few is ready meanwhile', async () => {
  await site.app(2)
  await site.canary(routerOf(), 0)
  await observed(2, async () => {
    const deaths = await site.dieAtEveryWrite(wholeUse, async () => {
      await routerOf().restore({ signal })
      expect(await counts()).toEqual([0, 2])
      expect(await site.names('services')).toEqual(['agent'])
      expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
    })
    expect(deaths).toBeGreaterThanOrEqual(16)
  })
})

import type { JsonObject } from '@agent-ci/core/json'
import { ArgoRolloutsRouter } from '@agent-ci/delivery/traffic/argo-rollouts'
import { type ArgoRollout, argoPhase } from '@agent-ci/delivery/traffic/argo-status'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Fault } from '../api-fault.ts'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
import { ArgoController } from './argo-controller.ts'
import { openSite, type Site, signal, times } from './site.ts'

const plane = sharedControlPlane()
beforeAll(() => installCrds(plane, 'argo-rollouts'))
afterAll(() => plane.api.close())

let site: Site
let controller: ArgoController
beforeEach(async () => {
  site = await openSite(plane)
  controller = await ArgoController.start(plane, site.path('rollouts'))
})
afterEach(async () => {
  await controller.stop()
  await site.close()
})

const STEPS = [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }, { pause: {} }, { setWeight: 75 }, { pause: {} }]
const container = (image: string) => ({ name: 'agent', image })
const rollout = (steps: readonly object[] = STEPS) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'agent' },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: 'agent' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: { containers: [container('agent:1'), { name: 'proxy', image: 'proxy:7' }] },
    },
    strategy: { canary: { steps } },
  },
})
const change = (template: JsonObject): JsonObject => {
  const spec = template.spec as { containers: JsonObject[] }
  const containers = spec.containers.map((each) => (each.name === 'agent' ? { ...each, image: 'agent:2' } : each))
  return { ...template, spec: { ...spec, containers } }
}
const routerOf = () =>
  new ArgoRolloutsRouter(site.cluster, { app: 'agent', rollout: 'agent', change, stepMs: 10_000 }, times)
const read = () => site.get<ArgoRollout>('rollouts', 'agent')
const images = async () =>
  ((await read()).spec.template!.spec as { containers: { image: string }[] }).containers.map(({ image }) => image)

async function started(): Promise<ArgoRolloutsRouter> {
  await site.create('rollouts', rollout())
  await until(async () => argoPhase(await read()) === 'Healthy', { what: 'the Rollout to be healthy' })
  return routerOf()
}

test('from pause to pause, and promoted at the end', async () => {
  const router = await started()
  expect(await router.preflight()).toEqual({ problems: [], warnings: [] })
  await router.prepare({ signal })
  expect(await router.read()).toBe(0)
  for (const weight of [10, 50]) {
    await router.set(weight, { signal })
    expect(await router.verify(weight)).toEqual({ state: 'accepted' })
    expect(await router.read()).toBe(weight)
    // Again is no step further.
    await router.set(weight, { signal })
    expect(await router.read()).toBe(weight)
  }
  await router.set(100, { signal })
  await site.verified(router, 100)
  expect(await router.read()).toBe(100)
  await router.restore({ signal })
  expect(await images()).toEqual(['agent:2', 'proxy:7'])
  expect(controller.weights).toEqual([0, 10, 50, 0])
})

test('the way back: aborted, and with its former template, so that no sync starts the bad release again', async () => {
  const router = await started()
  const before = (await read()).spec
  await router.set(10, { signal })
  await router.set(0, { signal })
  await site.verified(router, 0)
  const { spec, status } = await read()
  expect(spec).toEqual(before)
  expect(status).toMatchObject({ phase: 'Healthy' })
  expect(site.proxy.writes.some(({ body }) => JSON.stringify(body).includes('/status/abort'))).toBe(true)
  await router.restore({ signal })
  expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
})

test('a promoted release goes back whole, without stopping at the steps', async () => {
  const router = await started()
  await router.set(100, { signal })
  await site.verified(router, 100)
  await router.set(0, { signal })
  await router.set(0, { signal })
  await site.verified(router, 0)
  expect(await images()).toEqual(['agent:1', 'proxy:7'])
})

test('abort, retry: from the first step again', async () => {
  const router = await started()
  await router.set(50, { signal })
  await router.abort({ signal })
  await until(async () => argoPhase(await read()) === 'Degraded', { what: 'the abort' })
  expect(await router.verify(50)).toEqual({
    state: 'lost',
    why: 'rollout agent is Degraded: RolloutAborted: Rollout aborted update',
  })
  await expect(router.set(75, { signal })).rejects.toThrow('RolloutAborted')
  await router.retry({ signal })
  await until(async () => (await router.read()) === 10, { what: 'the first step' })
})

test('somebody who promotes past our step is found', async () => {
  const router = await started()
  await router.set(10, { signal })
  await routerOf().promoteFull({ signal })
  await until(async () => (await router.verify(10)).state === 'lost', { what: 'the promotion' })
  expect(await router.verify(10)).toMatchObject({ why: 'rollout agent is past 10 %: somebody promoted it' })
})

test('weights are those of the steps', async () => {
  const router = await started()
  expect(await router.achievable([10, 25, 50, 90])).toEqual([
    { asked: 10, real: 10, how: '', repeats: false },
    { asked: 25, real: 50, how: 'asked 25 %, the steps of rollout agent give 50 %', repeats: false },
    { asked: 50, real: 50, how: '', repeats: true },
    { asked: 90, real: 100, how: 'asked 90 %, the steps of rollout agent give 100 %', repeats: false },
  ])
})

test('preflight: a controller that would go on by itself, or is not there', async () => {
  await controller.stop()
  await site.create('rollouts', rollout([{ setWeight: 10 }, { pause: { duration: '5m' } }, { setWeight: 100 }]))
  expect((await routerOf().preflight()).problems.map(({ what }) => what)).toEqual([
    'Step 1 of rollout agent has no pause without end after it',
    'rollout agent is Progressing: its controller has said nothing',
  ])
})

test.each<Fault>(['conflict', 'too-many-requests', 'server-error', 'reset-before', 'reset-after'])(
  '%s on every single write: no pause is skipped and all is put back',
  async (fault) => {
    await started()
    const before = (await read()).spec
    const wholeUse = async () => {
      const router = routerOf()
      for (const weight of [10, 50, 0]) {
        await router.set(weight, { signal })
        await site.verified(router, weight)
      }
      await router.restore({ signal })
    }
    site.proxy.reset()
    await wholeUse()
    const writes = site.proxy.writes.length
    expect(writes).toBeGreaterThanOrEqual(6)
    for (let k = 1; k <= writes; k++) {
      site.proxy.reset()
      site.proxy.fail({ write: k }, fault)
      controller.weights.length = 0
      await wholeUse()
      expect(controller.weights.filter((weight) => weight > 0)).toEqual([10, 50])
      expect((await read()).spec).toEqual(before)
    }
  },
)

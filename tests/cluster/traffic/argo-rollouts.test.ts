import type { Deployment } from '@agent-ci/delivery/kubernetes/workload'
import { argoPhase } from '@agent-ci/delivery/traffic/argo-status'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Fault } from '../api-fault.ts'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
import { ArgoApp } from './argo-app.ts'
import { ArgoController } from './argo-controller.ts'
import { openSite, type Site, signal } from './site.ts'

const plane = sharedControlPlane()
beforeAll(() => installCrds(plane, 'argo-rollouts'))
afterAll(() => plane.api.close())

let site: Site
let app: ArgoApp
let controller: ArgoController
beforeEach(async () => {
  site = await openSite(plane)
  app = new ArgoApp(site)
  controller = await ArgoController.start(plane, site.path('rollouts'), site.path('deployments'))
})
afterEach(async () => {
  await controller.stop()
  await site.close()
})

const STEPS = [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }, { pause: {} }, { setWeight: 75 }, { pause: {} }]

async function started(): Promise<void> {
  await app.create(STEPS)
  await app.healthy()
}

test('from pause to pause, and promoted at the end', async () => {
  await started()
  expect(await app.router().preflight()).toEqual({ problems: [], warnings: [] })
  const router = app.router()
  await router.prepare({ signal })
  expect(await router.read()).toBe(0)
  await app.release([])
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
  expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
  expect(controller.weights).toEqual([0, 10, 50, 0])
})

test('the way back is an abort first, and then the former template, so that no sync starts the bad release again', async () => {
  await started()
  const router = await app.release([10])
  await router.set(0, { signal })
  expect(await app.read()).toMatchObject({ status: { abort: true, phase: 'Degraded' } })
  expect(await router.read()).toBe(0)
  await app.goBack()
  await site.verified(router, 0)
  expect(argoPhase(await app.read())).toBe('Healthy')
  await router.restore({ signal })
  expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
})

test('a promoted release goes back whole, without stopping at the steps', async () => {
  await started()
  const router = await app.release([100])
  await app.goBack()
  // Of a run after one that was killed right there.
  await router.set(0, { signal })
  await site.verified(router, 0)
  expect(controller.weights).not.toContain(50)
})

test('an aborted release is started again by the run that goes on with it', async () => {
  await started()
  const router = await app.release([50])
  await router.control.abort({ signal })
  await until(async () => argoPhase(await app.read()) === 'Degraded', { what: 'the abort' })
  expect(await router.verify(50)).toEqual({
    state: 'lost',
    why: 'rollout agent is Degraded: RolloutAborted: Rollout aborted update',
  })
  await expect(router.set(75, { signal })).rejects.toThrow('RolloutAborted')
  await router.prepare({ signal })
  await until(async () => (await router.read()) === 10, { what: 'the first step' })
  await router.set(75, { signal })
  await site.verified(router, 75)
})

test('somebody who promotes past our step is found', async () => {
  await started()
  const router = await app.release([10])
  await app.router().control.promoteFull({ signal })
  await until(async () => (await router.verify(10)).state === 'lost', { what: 'the promotion' })
  expect(await router.verify(10)).toMatchObject({ why: 'rollout agent is past 10 %: somebody promoted it' })
})

test('weights are those of the steps', async () => {
  await started()
  expect(await app.router().achievable([10, 25, 50, 90])).toEqual([
    { asked: 10, real: 10, how: '', repeats: false },
    { asked: 25, real: 50, how: 'asked 25 %, the steps of rollout agent give 50 %', repeats: false },
    { asked: 50, real: 50, how: '', repeats: true },
    { asked: 90, real: 100, how: 'asked 90 %, the steps of rollout agent give 100 %', repeats: false },
  ])
})

test('preflight: a controller that would go on by itself, or is not there, and a Rollout or a Deployment with pods of its own', async () => {
  await controller.stop()
  await app.create([{ setWeight: 10 }, { pause: { duration: '5m' } }, { setWeight: 100 }])
  await site.plane.api.patch(site.path('deployments', 'agent'), 'merge', { spec: { replicas: 3 } })
  const problems = async () => (await app.router().preflight()).problems.map(({ what }) => what)
  expect(await problems()).toEqual([
    'Step 1 of rollout agent has no pause without end after it',
    'deployment agent runs 3 pods of its own beside those of rollout agent',
    'rollout agent is Progressing: its controller has said nothing',
  ])
  const { template } = (await site.get<Deployment>('deployments', 'agent')).spec
  await site.plane.api.patch(site.path('rollouts', 'agent'), 'merge', { spec: { workloadRef: null, template } })
  expect(await problems()).toContain('rollout agent has a pod template of its own')
})

test.each<Fault>(['conflict', 'too-many-requests', 'server-error', 'reset-before', 'reset-after'])(
  '%s on every single write: no pause is skipped and all is put back',
  async (fault) => {
    await started()
    const before = (await app.read()).spec
    const wholeUse = async () => {
      const router = await app.release([])
      for (const weight of [10, 50]) {
        await router.set(weight, { signal })
        await site.verified(router, weight)
      }
      await app.goBack()
      await site.verified(router, 0)
      await router.restore({ signal })
    }
    site.proxy.reset()
    await wholeUse()
    const writes = site.proxy.writes.length
    expect(writes).toBeGreaterThanOrEqual(4)
    for (let k = 1; k <= writes; k++) {
      site.proxy.reset()
      site.proxy.fail({ write: k }, fault)
      controller.weights.length = 0
      await wholeUse()
      expect(controller.weights.filter((weight) => weight > 0)).toEqual([10, 50])
      expect((await app.read()).spec).toEqual(before)
    }
  },
)

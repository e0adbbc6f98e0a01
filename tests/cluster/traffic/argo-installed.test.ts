import { argoPhase } from '@agent-ci/delivery/traffic/argo-status'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
import { ArgoApp } from './argo-app.ts'
import { InstalledArgo } from './argo-installed.ts'
import { openSite, type Site, signal } from './site.ts'

const plane = sharedControlPlane()
beforeAll(() => installCrds(plane, 'argo-rollouts'), 60_000)
afterAll(() => plane.api.close())

let site: Site
let app: ArgoApp
let argo: InstalledArgo
beforeEach(async () => {
  site = await openSite(plane)
  app = new ArgoApp(site)
  argo = await InstalledArgo.start(plane, site.namespace)
}, 600_000)
afterEach(async () => {
  await argo.stop()
  await site.close()
})

const STEPS = [{ setWeight: 25 }, { pause: {} }, { setWeight: 50 }, { pause: {} }]

/** Ready pods by image. */
async function pods(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { spec } of await site.pods({ app: 'agent' })) {
    const { image } = (spec as unknown as { containers: { image: string }[] }).containers[0]!
    counts[image] = (counts[image] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(counts).toSorted())
}
const havePods = (wanted: Record<string, number>) =>
  until(async () => JSON.stringify(await pods()) === JSON.stringify(wanted), {
    what: `the pods ${JSON.stringify(wanted)}`,
    timeoutMs: 60_000,
  }).catch(async (error: unknown) => {
    throw new Error(`${(error as Error).message}, there are ${JSON.stringify(await pods())}\n${argo.log.slice(-1_500)}`)
  })

async function started(): Promise<void> {
  await app.create(STEPS)
  await app.healthy()
  expect((await app.router().preflight()).problems).toEqual([])
}

test('the controller goes from pause to pause as it is told, and promotes at the end', async () => {
  await started()
  const router = await app.release([25])
  await site.verified(router, 25)
  await havePods({ 'agent:1': 3, 'agent:2': 1 })
  // Again is no step further.
  await router.set(25, { signal })
  expect(await router.read()).toBe(25)
  await router.set(50, { signal })
  await site.verified(router, 50)
  await havePods({ 'agent:1': 2, 'agent:2': 2 })
  await router.set(100, { signal })
  await site.verified(router, 100)
  await havePods({ 'agent:2': 4 })
  await router.restore({ signal })
  expect(await site.names('configmaps')).toEqual(['kube-root-ca.crt'])
}, 180_000)

test('on the way back all pods are of the former template again, and the Rollout is healthy', async () => {
  await started()
  const router = await app.release([50])
  await router.set(0, { signal })
  await havePods({ 'agent:1': 4 })
  await app.goBack()
  await site.verified(router, 0)
  await havePods({ 'agent:1': 4 })
}, 180_000)

test('what was promoted goes back without stopping at the steps', async () => {
  await started()
  const router = await app.release([100])
  await site.verified(router, 100)
  await app.goBack()
  await site.verified(router, 0)
  await havePods({ 'agent:1': 4 })
}, 180_000)

test('an abort is told as Degraded, and started again from the first step', async () => {
  await started()
  const router = await app.release([50])
  await havePods({ 'agent:1': 2, 'agent:2': 2 })
  await router.control.abort({ signal })
  await until(async () => argoPhase(await app.read()) === 'Degraded', { what: 'the abort', timeoutMs: 60_000 })
  expect(await router.verify(50)).toMatchObject({ state: 'lost', why: expect.stringContaining('RolloutAborted') })
  await havePods({ 'agent:1': 4 })
  await router.prepare({ signal })
  await until(async () => (await router.read()) === 25, { what: 'the first step', timeoutMs: 60_000 })
}, 180_000)

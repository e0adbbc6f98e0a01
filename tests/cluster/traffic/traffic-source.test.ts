import { gatewayApiRouter } from '@agent-ci/delivery/traffic/gateway-api'
import { ReplicasRouter } from '@agent-ci/delivery/traffic/replicas'
import { ServiceSwitch } from '@agent-ci/delivery/traffic/service-switch'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { PodServers } from '../pod-servers.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { type Answer, type Entry, TrafficSource } from '../traffic-source.ts'
import { until } from '../until.ts'
import { GatewayController } from './gateway-controller.ts'
import { backend, httpRoute } from './route.ts'
import { openSite, type Site, signal, times } from './site.ts'

const plane = sharedControlPlane()
beforeAll(() => installCrds(plane, 'gateway-api'))
afterAll(() => plane.api.close())

let site: Site
let controller: GatewayController
let pods: PodServers
beforeEach(async () => {
  site = await openSite(plane)
  controller = new GatewayController(plane, site.namespace)
  pods = await PodServers.start(plane, site.namespace, ({ spec }) => (_, response) => {
    // The image says which release answers: 200 for the first, 201 for the second.
    const [{ image }] = (spec as unknown as { containers: [{ image: string }] }).containers
    response.writeHead(image === 'agent:1' ? 200 : 201).end()
  })
})
afterEach(async () => {
  await pods.stop()
  await controller.stop()
  await site.close()
})

const settings = { app: 'agent', deployment: 'agent', service: 'agent' } as const
const start = (entry: Entry) => TrafficSource.start(plane, site.namespace, entry, pods, { perSecond: 400 })
const shareOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 201).length / answers.length
const failed = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 200 && status !== 201)

/** The next answers to requests that are sent from now on. */
async function next(source: TrafficSource, count: number): Promise<readonly Answer[]> {
  const from = performance.now()
  const fresh = () => source.answers.filter(({ at }) => at > from)
  return until(() => fresh().length >= count && fresh(), { what: `${count} answers` })
}

/** Five standard deviations of a share of that many requests. */
const around = (share: number, count: number) => 5 * Math.sqrt((share * (1 - share)) / count)

test('requests follow the weights of a route at every step, none is lost, and back', async () => {
  await site.app(3)
  await site.create('httproutes', httpRoute([{ backendRefs: [backend('agent')] }]))
  const router = gatewayApiRouter(site.cluster, { ...settings, kind: 'HTTPRoute', route: 'agent' }, times)
  await site.canary(router, 1)
  const source = await start({ httpRoute: 'agent' })
  await router.prepare({ signal })
  for (const weight of [0, 10, 50, 100, 0]) {
    await router.set(weight, { signal })
    await site.verified(router, weight)
    const answers = await next(source, 600)
    expect(Math.abs(shareOf(answers) - weight / 100)).toBeLessThanOrEqual(around(weight / 100, 600))
  }
  await router.restore({ signal })
  await next(source, 100)
  await source.stop()
  expect(failed(source.answers)).toEqual([])
})

test('a route whose patch is wrong fails: a backend that is not there gets 500, one without pods 503', async () => {
  await site.app(1)
  await site.create('services', {
    metadata: { name: 'empty' },
    spec: { selector: { app: 'none' }, ports: [{ port: 80 }] },
  })
  await site.create(
    'httproutes',
    httpRoute([{ backendRefs: [backend('agent', 1), backend('gone', 1), backend('empty', 1)] }]),
  )
  const source = await start({ httpRoute: 'agent' })
  await next(source, 100)
  await source.stop()
  expect(new Set(source.answers.map(({ service, status }) => `${service} ${status}`))).toEqual(
    new Set(['agent 200', 'gone 500', 'empty 503']),
  )
})

test('requests follow the pods behind a Service, and none is lost while they change', async () => {
  await site.app(4)
  const router = new ReplicasRouter(site.cluster, settings, times)
  await site.canary(router, 0)
  await router.prepare({ signal })
  const source = await start({ service: 'agent' })
  for (const weight of [25, 50, 0]) {
    await router.set(weight, { signal })
    await site.verified(router, weight)
    const answers = await next(source, 600)
    expect(Math.abs(shareOf(answers) - weight / 100)).toBeLessThanOrEqual(around(weight / 100, 600))
  }
  await source.stop()
  expect(failed(source.answers)).toEqual([])
})

test('a switch moves all requests at once, none is lost, and back', async () => {
  await site.app(2)
  const router = new ServiceSwitch(site.cluster, settings, times)
  await site.canary(router, 2)
  await router.prepare({ signal })
  const source = await start({ service: 'agent' })
  for (const weight of [0, 100, 0]) {
    await router.set(weight, { signal })
    await site.verified(router, weight)
    // Our view of the EndpointSlices follows that of the router by a moment.
    await until(async () => shareOf(await next(source, 5)) === weight / 100, { what: 'the first requests to follow' })
    expect(shareOf(await next(source, 200))).toBe(weight / 100)
  }
  await source.stop()
  expect(failed(source.answers)).toEqual([])
})

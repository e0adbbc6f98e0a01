import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ConfigurationError } from '@agent-ci/core/errors'
import { afterAll, expect, test } from '@jest/globals'
import { answers, StubPrometheus, vector } from '../../integration/delivery/stub-prometheus.ts'
import { startApiProxy } from '../api-proxy.ts'
import { installCrds } from '../crds.ts'
import { freePorts } from '../ports.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
import { appVersion } from './agent-app.ts'
import { holding } from './canary-invariants.ts'
import { leftovers } from './canary-leftovers.ts'
import { CanarySite, type DeployMore, type Ran } from './canary-site.ts'
import { FaultyPrometheus, type PrometheusFault } from './faulty-prometheus.ts'
import { together } from './together.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
const CRDS = installCrds(cluster, 'gateway-api')
afterAll(() => cluster.api.close())
const VERSIONS = [1, 2, 3, 4, 5, 6].map(appVersion)

async function opened<T>(perSecond: number, work: (site: CanarySite) => Promise<T>): Promise<T> {
  await CRDS
  const site = await CanarySite.open(cluster, { entry: 'route', perSecond, replicas: 2 })
  try {
    return await work(site)
  } finally {
    await site.close()
  }
}

const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })

/** Deploys, and does something as soon as the canary has traffic. */
async function deployAnd(
  site: CanarySite,
  index: number,
  inputs: Readonly<Record<string, string>>,
  then: () => unknown,
): Promise<Ran> {
  const before = site.load?.answers.length ?? 0
  const running = site.deploy(index, { steps: '50,100', ...inputs })
  const hasTraffic = () => site.load?.answers.slice(before).some(({ service }) => service === 'agent-service-canary')
  await Promise.race([running, until(hasTraffic, { what: 'the canary to get traffic', timeoutMs: 60_000 })])
  await then()
  return running
}

/** What is made of a fault that begins in the middle of a canary. */
function faulty(faults: readonly PrometheusFault[], perSecond = 60): () => Promise<void> {
  return () =>
    opened(perSecond, async (site) => {
      const prometheus = await FaultyPrometheus.start(site.prometheus.url)
      try {
        for (const [index, fault] of faults.entries()) {
          prometheus.fault = undefined
          const spoil = () => {
            prometheus.fault = fault
          }
          const inputs = { 'prometheus-url': prometheus.url, 'step-duration': '20s' }
          const { result, problems } = await holding(site, () => deployAnd(site, index + 2, inputs, spoil))
          expect({ fault, ...told(result) }).toMatchObject({
            outputs: { outcome: 'rolled-back', weight: 0, reason: expect.stringMatching(/5 errors in a row/) },
          })
          expect(problems).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(0)
        }
      } finally {
        await prometheus.stop()
      }
    })
}

/** Nothing may be written where a canary cannot be watched from the start. */
async function refused(
  site: CanarySite,
  inputs: Readonly<Record<string, string>>,
  more: DeployMore = {},
): Promise<string> {
  const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
  try {
    await site.deploy(2, inputs, { ...more, kubeconfig: proxy.kubeconfig })
    return 'It was not refused'
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    expect(proxy.writes.map(({ method, url }) => `${method} ${url}`)).toEqual([])
    return error.message
  } finally {
    await proxy.stop()
  }
}

test(
  'a canary that cannot be watched is never promoted',
  () =>
    together({
      'answers that are no numbers': faulty(['nan', 'infinite']),
      'answers that may not be whole, or are none': faulty(['warnings', 'html', 'unavailable']),

      'a server that hangs pauses the step at its time': () =>
        opened(60, async (site) => {
          const prometheus = await FaultyPrometheus.start(site.prometheus.url)
          const hang = () => {
            prometheus.fault = 'hang'
          }
          const inputs = { 'prometheus-url': prometheus.url, 'step-duration': '4s', 'step-timeout': '4s' }
          const ran = await deployAnd(site, 2, inputs, hang)
          expect(told(ran)).toMatchObject({ outputs: { outcome: 'paused', verdict: 'inconclusive', weight: 50 } })
          await prometheus.stop()
        }),

      'a server that is gone for good': () =>
        opened(60, async (site) => {
          const { result, problems } = await holding(site, () => deployAnd(site, 2, {}, () => site.prometheus.kill()))
          expect(told(result)).toMatchObject({
            outputs: { outcome: 'rolled-back', weight: 0, reason: expect.stringMatching(/5 errors in a row/) },
          })
          expect(problems).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(0)
          expect(await leftovers(cluster, site.namespace)).toEqual([])
        }),

      'a server that is back after some seconds is no reason to go back': () =>
        opened(100, async (site) => {
          const ran = await deployAnd(site, 2, { 'step-duration': '6s' }, async () => {
            await site.prometheus.kill()
            await setTimeout(3_000)
            await site.prometheus.restart()
          })
          expect(told(ran)).toMatchObject({ outputs: { outcome: 'promoted' } })
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)
        }),

      'no traffic at all shows nothing: it pauses, or does what on-inconclusive says': () =>
        opened(0, async (site) => {
          const times = { 'step-duration': '2s', 'step-timeout': '4s', interval: '1s' }
          const paused = await site.deploy(2, times)
          expect(told(paused)).toMatchObject({
            outputs: {
              outcome: 'paused',
              verdict: 'inconclusive',
              weight: 25,
              reason: expect.stringContaining('the canary has had no request yet'),
            },
          })
          const failed = await site.deploy(3, { ...times, 'on-inconclusive': 'fail' })
          expect(told(failed)).toMatchObject({ outputs: { outcome: 'rolled-back', weight: 0 } })
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(0)
          const passed = await site.deploy(4, { ...times, 'on-inconclusive': 'pass' })
          expect(told(passed)).toMatchObject({ outputs: { outcome: 'promoted' } })
        }),

      'what cannot be watched from the start is refused before anything is touched': () =>
        opened(20, async (site) => {
          const [port] = await freePorts(1)
          expect(await refused(site, { 'prometheus-url': `http://127.0.0.1:${port}` })).toContain(
            `Prometheus cannot be asked: http://127.0.0.1:${port} cannot be reached`,
          )
          const empty = await StubPrometheus.start((request, response) => {
            const body = request.url?.includes('/label/') ? { status: 'success', data: [] } : vector()
            answers(request.url?.includes('time%28%29') ? vector('1700000000') : body)(request, response)
          })
          expect(await refused(site, { 'prometheus-url': empty.url })).toMatch(/agent_requests_total/)
          await empty.stop()
          const twoSeries = (directory: string) =>
            writeFileSync(
              join(directory, 'metrics.json'),
              JSON.stringify({
                packs: ['http'],
                metrics: [
                  { kind: 'value', name: 'pods', query: 'agent_request_duration_seconds_sum{selector}', max: 1e9 },
                ],
              }),
            )
          expect(await refused(site, { metrics: 'metrics.json' }, { files: twoSeries })).toMatch(
            /The query answers 2 series .*; expected one/,
          )
          expect(await refused(site, { 'prometheus-url': '' })).toContain('There is no prometheus-url')
        }),
    }),
  300_000,
)

import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import type { GatewayRoute } from '@agent-ci/delivery/traffic/gateway-route'
import { afterAll, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { LiveObjects } from '../live-objects.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
import { appVersion } from './agent-app.ts'
import { holding } from './canary-invariants.ts'
import { canaryWeight, leftovers } from './canary-leftovers.ts'
import { CanarySite, type Ran } from './canary-site.ts'
import { together } from './together.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
const CRDS = installCrds(cluster, 'gateway-api')
afterAll(() => cluster.api.close())
const VERSIONS = [1, 2, 3].map(appVersion)

async function opened<T>(work: (site: CanarySite) => Promise<T>): Promise<T> {
  await CRDS
  const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 0, replicas: 2, measured: false })
  try {
    return await work(site)
  } finally {
    await site.close()
  }
}

const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })
const routes = (site: CanarySite) => `/apis/gateway.networking.k8s.io/v1/namespaces/${site.namespace}/httproutes`

/** Somebody who writes 100 and 0 into the route whenever the canary has traffic, so often. */
async function reverting(site: CanarySite, times: number): Promise<{ readonly count: number; stop(): Promise<void> }> {
  const state = { count: 0 }
  const writes: Promise<unknown>[] = []
  let live: LiveObjects<GatewayRoute & KubernetesObject> | undefined
  const look = () => {
    const refs = live?.byName.get('agent')?.spec.rules?.[0]?.backendRefs ?? []
    if (state.count >= times || !refs.some(({ name, weight = 0 }) => name.endsWith('-canary') && weight > 0)) return
    state.count++
    const value = refs.map((ref) => ({ ...ref, weight: ref.name.endsWith('-canary') ? 0 : 100 }))
    const patch = [{ op: 'replace', path: '/spec/rules/0/backendRefs', value }]
    writes.push(cluster.api.patch(`${routes(site)}/agent`, 'json', patch))
  }
  live = await LiveObjects.of<GatewayRoute & KubernetesObject>(cluster.api, routes(site), look)
  return {
    get count() {
      return state.count
    },
    stop: async () => {
      await live?.stop()
      await Promise.all(writes)
    },
  }
}

const STEPS = { steps: '50,100', 'step-duration': '2s', interval: '400ms' }

test(
  'somebody else writes the weight back',
  () =>
    together({
      'once: it is seen as that, written again, and not held against the canary': () =>
        opened(async (site) => {
          const other = await reverting(site, 1)
          const { result, problems } = await holding(site, () => site.deploy(2, STEPS))
          await other.stop()
          expect(told(result)).toMatchObject({ outputs: { outcome: 'promoted' } })
          expect(result.said.log.join('\n')).toMatch(
            /rule 1 has the weights 100 and 0, not 50 and 50: .* changed it after us; the weight is written again/,
          )
          expect(other.count).toBe(1)
          expect(problems).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)
        }),

      'again and again: a person is asked, and can take it back': () =>
        opened(async (site) => {
          const other = await reverting(site, Number.POSITIVE_INFINITY)
          const { result, problems } = await holding(site, () => site.deploy(2, { ...STEPS, 'step-duration': '20s' }))
          expect(told(result)).toMatchObject({
            outputs: {
              outcome: 'paused',
              verdict: 'inconclusive',
              reason: expect.stringMatching(
                /^somebody else keeps changing the weight: rule 1 has the weights 100 and 0/,
              ),
            },
          })
          expect(problems).toEqual([])
          await other.stop()
          await until(async () => (await canaryWeight(cluster, site.namespace)) === 0, { what: 'the last word' })
          const aborted = await site.deploy(2, { ...STEPS, operation: 'abort' })
          expect(told(aborted)).toMatchObject({ outputs: { outcome: 'rolled-back', verdict: 'passed' } })
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(0)
          expect(await leftovers(cluster, site.namespace)).toEqual([])
        }),
    }),
  180_000,
)

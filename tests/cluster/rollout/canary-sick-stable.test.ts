import { afterAll, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { LiveObjects } from '../live-objects.ts'
import type { Pod } from '../pod.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { stageLabel } from '../stages.ts'
import { until } from '../until.ts'
import { appVersion } from './agent-app.ts'
import { canaryWeights, holding } from './canary-invariants.ts'
import { canaryWeight, leftovers } from './canary-leftovers.ts'
import { CanarySite, GOOD, type Ran } from './canary-site.ts'
import { together } from './together.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
const CRDS = installCrds(cluster, 'gateway-api')
afterAll(() => cluster.api.close())
const VERSIONS = [1, 2, 3, 4].map(appVersion)

async function opened<T>(work: (site: CanarySite) => Promise<T>): Promise<T> {
  await CRDS
  const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 80, replicas: 2 })
  try {
    return await work(site)
  } finally {
    await site.close()
  }
}

const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })

/** From now on the stable side's pods with these images fail their readiness probe, those that are still to come too. */
async function sicken(site: CanarySite, images: readonly string[]): Promise<() => Promise<void>> {
  const path = `/api/v1/namespaces/${site.namespace}/pods`
  const done = new Set<string>()
  const patches: Promise<unknown>[] = []
  const look = () => {
    for (const { metadata, spec } of pods?.byName.values() ?? []) {
      const { containers } = spec as { readonly containers: readonly { readonly image: string }[] }
      const isMeant = metadata.labels?.workload === 'agent-service' && images.includes(containers[0]?.image ?? '')
      if (!isMeant || done.has(metadata.name)) continue
      done.add(metadata.name)
      const failing = { labels: stageLabel('ready-then-failing'), annotations: { 'cluster-test/delay': '0s' } }
      patches.push(cluster.api.patch(`${path}/${metadata.name}`, 'merge', { metadata: failing }).catch(() => undefined))
    }
  }
  let pods: LiveObjects<Pod> | undefined
  pods = await LiveObjects.of<Pod>(cluster.api, path, look)
  look()
  return async () => {
    await pods?.stop()
    await Promise.all(patches)
  }
}

const weightIs = (site: CanarySite, weight: number) =>
  until(async () => (await canaryWeight(cluster, site.namespace)) === weight, {
    what: `the canary to have ${weight} %`,
    timeoutMs: 60_000,
  })

const SHORT = { steps: '50,100', timeout: '8s', 'step-duration': '3s' }

test(
  'where the stable side is sick, traffic goes where it is answered',
  () =>
    together({
      'a bad canary beside a stable side without a ready pod keeps all traffic, and a release after it gets stable back':
        () =>
          opened(async (site) => {
            const running = site.deploy(2, { ...SHORT, 'step-duration': '60s' })
            await weightIs(site, 50)
            const heal = await sicken(site, ['agent-service:1.0.1'])
            site.behaviours.set('agent-service:1.0.2', { ...GOOD, errorRate: 1 })
            const ran = await running
            await heal()
            expect(told(ran)).toMatchObject({
              outputs: {
                outcome: 'rollback-failed',
                verdict: 'errored',
                reason: expect.stringMatching(/does not come up: .*The traffic is on the canary, which is available$/),
              },
            })
            expect(await canaryWeight(cluster, site.namespace)).toBe(100)

            // Pods that were made anew are well again.
            await site.plane.kubectl([
              'delete',
              'pods',
              '-n',
              site.namespace,
              '-l',
              'workload=agent-service',
              '--wait=false',
            ])
            await until(async () => (await readyStable(site)) === 2, { what: 'stable to be well again' })
            const next = await holding(site, () => site.deploy(3, { ...SHORT, 'step-timeout': '40s' }))
            expect(told(next.result)).toMatchObject({ outputs: { outcome: 'promoted' } })
            expect(canaryWeights(next.observer)).toEqual([100, 0, 50, 100, 0])
            expect(next.problems).toEqual([])
            expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(2)
            expect(await leftovers(cluster, site.namespace)).toEqual([])
          }),

      'a promotion whose pods do not come up is taken back, and nobody notices': () =>
        opened(async (site) => {
          const heal = await sicken(site, ['agent-service:1.0.2'])
          const { result, observer, problems } = await holding(site, () => site.deploy(2, SHORT))
          await heal()
          expect(told(result)).toMatchObject({
            outputs: { outcome: 'rolled-back', reason: expect.stringMatching(/after \d+ s agent-service/) },
          })
          expect(canaryWeights(observer)).toEqual([0, 50, 100, 0])
          expect(problems).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(0)
          expect(await leftovers(cluster, site.namespace)).toEqual([])
        }),

      'where the old pods do not come up again either, the canary goes on serving': () =>
        opened(async (site) => {
          // Long enough for the pods to be sick before the promotion makes new ones.
          const running = holding(site, () => site.deploy(2, { ...SHORT, 'step-duration': '10s' }), 1)
          await weightIs(site, 100)
          const heal = await sicken(site, ['agent-service:1.0.1', 'agent-service:1.0.2'])
          const { result, problems } = await running
          await heal()
          expect(told(result)).toMatchObject({
            outputs: { outcome: 'rollback-failed', reason: expect.stringMatching(/The traffic is on the canary/) },
          })
          expect(await canaryWeight(cluster, site.namespace)).toBe(100)
          expect(problems).toEqual([])
        }),
    }),
  300_000,
)

async function readyStable(site: CanarySite): Promise<number> {
  const path = `/apis/apps/v1/namespaces/${site.namespace}/deployments/agent-service`
  const { status } = (await cluster.api.get(path)) as unknown as { status?: { availableReplicas?: number } }
  return status?.availableReplicas ?? 0
}

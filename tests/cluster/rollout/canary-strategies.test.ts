import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@agent-ci/action-canary-deploy/main'
import { afterAll, expect, test } from '@jest/globals'
import { installCrds } from '../crds.ts'
import { readyPods, type Snapshot } from '../observer.ts'
import { isReady, type Pod } from '../pod.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
import { appVersion, deployInputs, writeApp } from './agent-app.ts'
import { canaryWeights, holding } from './canary-invariants.ts'
import { CanarySite, type Ran, type SiteChoice } from './canary-site.ts'
import { testHost } from './in-process.ts'
import { together } from './together.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
const CRDS = installCrds(cluster, 'gateway-api')
afterAll(() => cluster.api.close())
const VERSIONS = [1, 2, 3, 4].map(appVersion)

async function opened<T>(choice: Partial<SiteChoice>, work: (site: CanarySite) => Promise<T>): Promise<T> {
  await CRDS
  const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 100, replicas: 3, ...choice })
  try {
    return await work(site)
  } finally {
    await site.close()
  }
}

const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })
const BAD = { errorRate: 0.3, seconds: 0.3 }

test(
  'a release of every strategy goes up, or comes back',
  () =>
    together({
      'canary by a route: the weight goes up step by step, and back to none once the app itself is new': () =>
        opened({}, async (site) => {
          const { result, observer, problems } = await holding(site, () => site.deploy(2))
          expect(told(result)).toMatchObject({ outputs: { outcome: 'promoted', weight: 100, 'failed-metric': null } })
          expect(canaryWeights(observer)).toEqual([0, 25, 50, 100, 0])
          expect(problems).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)
        }),

      'canary by the number of pods, where there is no route': () =>
        opened({ entry: 'service', replicas: 4 }, async (site) => {
          const { result, observer, problems } = await holding(site, () => site.deploy(2, { steps: '25,50,100' }))
          expect(told(result)).toMatchObject({
            outputs: { outcome: 'promoted', weight: 100, reason: expect.stringContaining('runs at 100 %') },
          })
          const counts = observer.snapshots.map((each) => [
            sizeOf(each, 'agent-service'),
            sizeOf(each, 'agent-service-canary'),
          ])
          for (const [stable, canary] of [
            [3, 1],
            [2, 2],
            [0, 4],
          ])
            expect(counts).toContainEqual([stable, canary])
          expect(problems).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)

          site.behaviours.set('agent-service:1.0.3', BAD)
          const bad = await holding(site, () => site.deploy(3))
          expect(told(bad.result)).toMatchObject({ outputs: { outcome: 'rolled-back', weight: 0 } })
          expect(bad.problems).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)
        }),

      'blue-green: all traffic at once to new pods; a bad release is taken back to the old ones, which never left':
        () =>
          opened({ entry: 'service' }, async (site) => {
            const blueGreen = { strategy: 'blue-green' }
            const good = await holding(site, () => site.deploy(2, blueGreen))
            expect(told(good.result)).toMatchObject({
              outputs: { outcome: 'promoted', weight: 100, reason: expect.stringContaining('runs at 100 %') },
            })
            expect(good.problems).toEqual([])
            expect(selectors(good.observer.snapshots)).toEqual([
              'agent-service',
              'agent-service-preview',
              'agent-service',
            ])
            expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)

            site.behaviours.set('agent-service:1.0.3', BAD)
            const bad = await holding(site, () => site.deploy(3, blueGreen))
            expect(told(bad.result)).toMatchObject({ outputs: { outcome: 'rolled-back', weight: 0 } })
            expect(bad.problems).toEqual([])
            expect(selectors(bad.observer.snapshots)).toEqual([
              'agent-service',
              'agent-service-preview',
              'agent-service',
            ])
            const names = bad.observer.snapshots.map((each) => readyNames(each))
            expect(new Set(names.map((each) => each.join())).size).toBe(1)
            expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(1)
          }),

      'a release that turns bad once it is promoted is taken back while it is watched': () =>
        opened({}, async (site) => {
          const { result, problems } = await holding(site, async () => {
            const running = site.deploy(2, { steps: '50,100', bake: '40s' })
            await until(() => site.said?.log.some((line) => line.includes('watching the promoted release')), {
              what: 'the promotion',
              timeoutMs: 60_000,
            })
            site.behaviours.set('agent-service:1.0.2', BAD)
            return running
          })
          expect(told(result)).toMatchObject({
            outputs: { outcome: 'rolled-back', reason: expect.stringMatching(/^after the promotion: error rate/) },
          })
          expect(problems).toEqual([])
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(0)
        }),

      'the first release of an app is deployed at once: there is nothing to compare it with': async () => {
        const namespace = await cluster.namespace()
        const directory = mkdtempSync(join(tmpdir(), 'agent-ci-first-'))
        writeApp(directory, appVersion(1), { replicas: 2 })
        const host = testHost(directory, {
          ...deployInputs(appVersion(1)),
          namespace,
          kubeconfig: cluster.kubeconfig,
          'prometheus-url': 'http://127.0.0.1:1',
        })
        const outcome = await main(host, 'first')
        rmSync(directory, { recursive: true, force: true })
        expect({ ...told({ outcome, said: host.said, directory }) }).toMatchObject({
          outputs: { outcome: 'promoted', verdict: 'passed', weight: 100, 'previous-release': null },
          log: expect.stringContaining(
            'agent-service is not in the cluster yet: its first release is deployed at once',
          ),
        })
        expect(await wholeRelease(cluster, namespace, VERSIONS)).toBe(0)
      },

      'a release pushed while another is a canary waits for it, and is then tried in its turn': () =>
        opened({}, async (site) => {
          const first = site.deploy(2, { 'step-duration': '6s' })
          await until(() => site.load?.answers.some(({ service }) => service === 'agent-service-canary'), {
            what: 'the canary to get traffic',
            timeoutMs: 60_000,
          })
          const second = site.deploy(3)
          expect(told(await first)).toMatchObject({ outputs: { outcome: 'promoted' } })
          const after = await second
          expect(told(after)).toMatchObject({ outputs: { outcome: 'promoted' } })
          expect(after.said.log.join('\n')).toContain(
            'Another rollout of agent-service holds the lock: org/agent/2/1/test',
          )
          expect(await wholeRelease(cluster, site.namespace, VERSIONS)).toBe(2)
        }),
    }),
  300_000,
)

const sizeOf = ({ objects }: Snapshot, name: string): number | undefined =>
  (objects.get('deployments')?.get(name) as { spec?: { replicas?: number } } | undefined)?.spec?.replicas

/** The pods of the side that runs already. */
const readyNames = (snapshot: Snapshot): string[] =>
  readyPods(snapshot, { workload: 'agent-service' })
    .filter((pod: Pod) => isReady(pod))
    .map(({ metadata }) => metadata.name)
    .sort()

function selectors(snapshots: readonly Snapshot[]): string[] {
  const all = snapshots.map(({ objects }) => {
    const service = objects.get('services')?.get('agent-service') as
      | { spec?: { selector?: { workload: string } } }
      | undefined
    return service?.spec?.selector?.workload ?? ''
  })
  return all.filter((each, index) => each !== all[index - 1])
}

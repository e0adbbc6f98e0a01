import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { main as rollback } from '@agent-ci/action-rollback/main'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { type Permission, permit, ROLLOUT_PERMISSIONS } from '@agent-ci/delivery/kubernetes/permissions'
import type { Deployment } from '@agent-ci/delivery/kubernetes/workload'
import { ARGO_PERMISSIONS } from '@agent-ci/delivery/traffic/argo-rollouts'
import { type ArgoRollout, argoPhase } from '@agent-ci/delivery/traffic/argo-status'
import { afterAll, expect, test } from '@jest/globals'
import { startApiProxy } from '../api-proxy.ts'
import { installCrds } from '../crds.ts'
import { isReady, type Pod } from '../pod.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { stageLabel } from '../stages.ts'
import { InstalledArgo } from '../traffic/argo-installed.ts'
import { until } from '../until.ts'
import { appVersion } from './agent-app.ts'
import { leftovers } from './canary-leftovers.ts'
import { CanarySite, type DeployMore, type Ran } from './canary-site.ts'
import { testHost } from './in-process.ts'
import { together } from './together.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
// What a rollout leaves behind is looked for in routes too.
const CRDS = Promise.all([installCrds(cluster, 'argo-rollouts'), installCrds(cluster, 'gateway-api')])
afterAll(() => cluster.api.close())
const VERSIONS = [1, 2, 3, 4].map(appVersion)
const QUICK = { steps: '50,100', 'step-duration': '300ms', interval: '300ms' }
/** Without traffic nothing is ever shown: the first step pauses. */
const PAUSES = { steps: '50,100', 'step-duration': '1s', 'step-timeout': '1s', interval: '500ms' }

const STEPS = [{ setWeight: 25 }, { pause: {} }, { setWeight: 50 }, { pause: {} }]
const ROLLOUT = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'agent-service' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { workload: 'agent-service' } },
    workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'agent-service', scaleDown: 'onsuccess' },
    strategy: { canary: { steps: STEPS } },
  },
}

/** An app whose Deployment a Rollout follows, in the hands of the real controller. */
class ArgoSite {
  readonly site: CanarySite
  #argo: InstalledArgo

  private constructor(site: CanarySite, argo: InstalledArgo) {
    this.site = site
    this.#argo = argo
  }

  static async open(perSecond?: number): Promise<ArgoSite> {
    await CRDS
    const measured = perSecond !== undefined
    const site = await CanarySite.open(cluster, {
      entry: 'service',
      perSecond: perSecond ?? 0,
      replicas: 2,
      ...(!measured && { measured: false }),
    })
    const argo = await InstalledArgo.start(cluster, site.namespace)
    const opened = new ArgoSite(site, argo)
    await cluster.api.create(opened.#rollouts, ROLLOUT)
    await until(
      async () => argoPhase(await opened.rollout()) === 'Healthy' && (await opened.deployment()).spec.replicas === 0,
      { what: 'the Rollout to have taken the Deployment over', timeoutMs: 60_000 },
    )
    return opened
  }

  get #rollouts(): string {
    return `/apis/argoproj.io/v1alpha1/namespaces/${this.site.namespace}/rollouts`
  }

  rollout(): Promise<ArgoRollout> {
    return cluster.api.get<ArgoRollout>(`${this.#rollouts}/agent-service`)
  }

  deployment(): Promise<Deployment> {
    return cluster.api.get<Deployment>(`/apis/apps/v1/namespaces/${this.site.namespace}/deployments/agent-service`)
  }

  patchRollout(patch: object): Promise<unknown> {
    return cluster.api.patch(`${this.#rollouts}/agent-service`, 'merge', patch)
  }

  deploy(index: number, inputs: Readonly<Record<string, string>> = {}, more: DeployMore = {}): Promise<Ran> {
    return this.site.deploy(index, { traffic: 'argo-rollouts', ...QUICK, ...inputs }, more)
  }

  /** How many pods that get traffic are of which image. */
  async pods(): Promise<Record<string, number>> {
    const all = (await cluster.api.list(`/api/v1/namespaces/${this.site.namespace}/pods`)) as unknown as Pod[]
    const counts: Record<string, number> = {}
    for (const pod of all) {
      if (pod.metadata.labels?.workload !== 'agent-service' || !isReady(pod) || pod.metadata.deletionTimestamp) continue
      const { image } = (pod.spec as unknown as { containers: { image: string }[] }).containers[0]!
      counts[image] = (counts[image] ?? 0) + 1
    }
    return counts
  }

  /** The app is on a release, whole: Deployments, ConfigMaps and the Service read as one, the Rollout healthy, and only its pods there. */
  async isOn(index: number): Promise<void> {
    expect(await wholeRelease(cluster, this.site.namespace, VERSIONS)).toBe(index - 1)
    expect(argoPhase(await this.rollout())).toBe('Healthy')
    const wanted = JSON.stringify({ [`agent-service:1.0.${index}`]: 2 })
    await until(async () => JSON.stringify(await this.pods()) === wanted, { what: `the pods of release ${index}` })
    const left = await leftovers(cluster, this.site.namespace)
    expect(left.filter((each) => !/^the Deployments have/.test(each))).toEqual([])
  }

  stopController(): Promise<void> {
    return this.#argo.stop()
  }

  async startController(): Promise<void> {
    this.#argo = await InstalledArgo.start(cluster, this.site.namespace)
  }

  async close(): Promise<void> {
    await this.#argo.stop()
    await this.site.close()
  }
}

async function opened(work: (site: ArgoSite) => Promise<void>, perSecond?: number): Promise<void> {
  const site = await ArgoSite.open(perSecond)
  try {
    await work(site)
  } finally {
    await site.close()
  }
}

const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })
const again = (attempt: number) => ({ env: { GITHUB_RUN_ID: '2', GITHUB_RUN_ATTEMPT: String(attempt) } })

async function rolledBack({ site }: ArgoSite, inputs: Readonly<Record<string, string>> = {}): Promise<void> {
  const host = testHost('/tmp', { namespace: site.namespace, kubeconfig: cluster.kubeconfig, ...inputs })
  const outcome = await rollback(host)
  expect({ outcome, log: host.said.log.join('\n') }).toMatchObject({ outcome: { exitStatus: 0 } })
}

/** A user that may do what the documentation names, and more. */
function allowed({ site }: ArgoSite, name: string, more: readonly Permission[]): Promise<string> {
  const all = [...ROLLOUT_PERMISSIONS, ...permit('', 'services', ['get', 'create', 'patch']), ...more]
  const rules = all.map(({ group, resource, verb }) => ({ apiGroups: [group], resources: [resource], verbs: [verb] }))
  return cluster.serviceAccountKubeconfig(site.namespace, name, rules)
}

/** A run that is cut off in its first step: its lock stays, and a later attempt of the same run takes it. */
async function cutOff(site: ArgoSite): Promise<void> {
  const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
  const cancel = new AbortController()
  const running = site.deploy(
    2,
    { 'step-duration': '60s', 'api-timeout': '500ms' },
    { ...again(1), kubeconfig: proxy.kubeconfig, signal: cancel.signal },
  )
  await until(async () => (await site.pods())['agent-service:1.0.2'] === 1, { what: 'the canary', timeoutMs: 60_000 })
  await proxy.stop()
  cancel.abort()
  await expect(running).rejects.toThrow()
}

test(
  'a Rollout that follows the Deployment',
  () =>
    together({
      'is led from pause to pause, and what is promoted goes back at once by a rollback': () =>
        opened(async (site) => {
          const planned = await site.deploy(2, { operation: 'plan' })
          expect(told(planned)).toMatchObject({ outputs: { outcome: 'planned' } })
          const kubeconfig = await allowed(site, 'allowed', ARGO_PERMISSIONS)
          expect(told(await site.deploy(2, {}, { kubeconfig }))).toMatchObject({
            outputs: { outcome: 'promoted', weight: 100 },
          })
          await site.isOn(2)
          expect((await site.deploy(2)).said.outputs.reason).toContain('runs already, whole')
          expect(told(await site.deploy(3))).toMatchObject({ outputs: { outcome: 'promoted', weight: 100 } })
          await site.isOn(3)
          await rolledBack(site, { kubeconfig })
          await site.isOn(2)
          await rolledBack(site, { 'steps-back': '2' })
          await site.isOn(1)
        }),

      'is taken back from a release whose pods crash, and from one whose health check fails': () =>
        opened(async (site) => {
          const crashing = await site.deploy(2, {}, { shape: { podLabels: stageLabel('crash-loop-back-off') } })
          expect(told(crashing)).toMatchObject({
            outputs: { outcome: 'rolled-back', weight: 0, reason: expect.stringMatching(/CrashLoopBackOff/) },
          })
          await site.isOn(1)
          const sick = await site.deploy(3, { 'health-url': 'http://127.0.0.1:9/health' })
          expect(told(sick)).toMatchObject({
            outputs: { outcome: 'rolled-back', weight: 0, reason: expect.stringMatching(/^health/) },
          })
          await site.isOn(1)
          expect(told(await site.deploy(4))).toMatchObject({ outputs: { outcome: 'promoted' } })
          await site.isOn(4)
        }),

      'is taken back by the next run where the first was cut off': () =>
        opened(async (site) => {
          await cutOff(site)
          const third = await site.deploy(3, {}, again(2))
          expect(told(third)).toMatchObject({ outputs: { outcome: 'promoted' } })
          expect(told(third).log).toMatch(/Recovered: the run that led it was cut off/)
          await site.isOn(3)
        }),

      'has its traffic back when the job is cancelled, and goes on when it is resumed': () =>
        opened(async (site) => {
          const cancel = new AbortController()
          const running = site.deploy(2, { 'step-duration': '60s' }, { ...again(1), signal: cancel.signal })
          await until(async () => (await site.pods())['agent-service:1.0.2'] === 1, { what: 'the canary' })
          await until(async () => argoPhase(await site.rollout()) === 'Paused', { what: 'the pause' })
          cancel.abort()
          await expect(running).rejects.toThrow()
          await until(async () => JSON.stringify(await site.pods()) === '{"agent-service:1.0.1":2}', {
            what: 'only pods of stable',
          })
          const resumed = await site.deploy(2, { operation: 'resume' }, again(2))
          expect(told(resumed)).toMatchObject({ outputs: { outcome: 'promoted' } })
          await site.isOn(2)
        }),

      'that could not be taken back without its controller is swept once it is well, or is where the next release starts':
        () =>
          opened(async (site) => {
            const stuck = async (index: number) => {
              const cancel = new AbortController()
              const running = site.deploy(
                index,
                { 'step-duration': '60s' },
                { ...again(2 * index), signal: cancel.signal },
              )
              await until(async () => (await site.pods())[`agent-service:1.0.${index}`] === 1, { what: 'the canary' })
              await site.stopController()
              cancel.abort()
              await expect(running).rejects.toThrow()
              const aborted = await site.deploy(index, { operation: 'abort', timeout: '5s' }, again(2 * index + 1))
              expect(told(aborted)).toMatchObject({ outputs: { outcome: 'rollback-failed' } })
              await site.startController()
            }
            await stuck(2)
            await until(async () => argoPhase(await site.rollout()) === 'Healthy', { what: 'the Rollout to be well' })
            expect((await site.deploy(2, { operation: 'sweep' })).outcome.headline).toMatch(/no rollout was left/)
            await site.isOn(1)
            await stuck(3)
            expect(told(await site.deploy(4))).toMatchObject({ outputs: { outcome: 'promoted' } })
            await site.isOn(4)
          }),

      'is refused before anything is written where it cannot be led': () =>
        opened(async (site) => {
          const refusal = async (inputs: Readonly<Record<string, string>> = {}, more: DeployMore = {}) => {
            const error = await site.deploy(2, inputs, more).catch((thrown: unknown) => thrown)
            expect(error).toBeInstanceOf(ConfigurationError)
            return (error as Error).message
          }
          const kubeconfig = await allowed(site, 'denied', [])
          expect(await refusal({}, { kubeconfig })).toContain('We may not patch rollouts/status.argoproj.io')
          expect(await refusal({ strategy: 'rolling' })).toContain('strategy is rolling')
          expect(await refusal({ route: 'other' })).toContain('There is no rollout other in namespace')
          await site.patchRollout({
            spec: { strategy: { canary: { steps: [{ setWeight: 50 }, { pause: { duration: 5 } }] } } },
          })
          expect(await refusal()).toContain('has no pause without end after it')
          await site.patchRollout({
            spec: { strategy: { canary: { steps: STEPS } }, workloadRef: { name: 'agent-worker' } },
          })
          expect(await refusal()).toContain('rollout agent-service does not follow deployment agent-service')
        }),
    }),
  300_000,
)

// One after the other: an address of a pod that ended is given to the next pod, of whatever namespace.
test(
  'what the metrics of its pods show good is promoted, and what they show bad is taken back',
  () =>
    opened(async (site) => {
      const watched = { 'step-duration': '4s', 'step-timeout': '60s', interval: '2s' }
      site.site.behaviours.set('agent-service:1.0.2', { errorRate: 0.4, seconds: 0.3 })
      const bad = await site.deploy(2, watched)
      expect(told(bad)).toMatchObject({
        outputs: { verdict: 'failed', outcome: 'rolled-back', 'failed-metric': expect.stringMatching(/error/) },
      })
      await site.isOn(1)
      const good = await site.deploy(3, { ...watched, bake: '4s' })
      expect(told(good)).toMatchObject({ outputs: { outcome: 'promoted', verdict: 'passed' } })
      await site.isOn(3)
      const { status } = await site.rollout()
      const cancel = new AbortController()
      const running = site.deploy(4, { ...watched, bake: '60s' }, { ...again(1), signal: cancel.signal })
      await until(() => site.site.said?.log.some((line) => /watching the promoted release/.test(line)) === true, {
        what: 'the bake',
        timeoutMs: 120_000,
      })
      cancel.abort()
      await expect(running).rejects.toThrow()
      // The pods that it replaced are gone, and are not waited for.
      await site.site.prometheus.gone(`agent_requests_total{pod=~"agent-service-${status?.stableRS}-.*"}`)
      const resumed = await site.deploy(4, { ...watched, bake: '8s', operation: 'resume' }, again(2))
      expect(told(resumed)).toMatchObject({ outputs: { outcome: 'promoted', verdict: 'passed' } })
      expect(told(resumed).log).toContain('what it promoted is watched again')
      expect(told(resumed).log).not.toContain('showed nothing either way')
      const { checks } = JSON.parse(
        readFileSync(join(resumed.directory, 'agent-ci-results/timeline.json'), 'utf8'),
      ) as RolloutTimeline
      expect(checks.at(-1)!.canary.requests).toBeGreaterThan(0)
      await site.isOn(4)
    }, 100),
  300_000,
)

test(
  'where they show nothing it pauses, for status, abort, a rollback and promote to find',
  () =>
    opened(async (site) => {
      const paused = async (index: number, attempt: number) =>
        expect(told(await site.deploy(index, PAUSES, again(attempt)))).toMatchObject({
          outputs: { outcome: 'paused', weight: 50, reason: expect.stringContaining('showed nothing either way') },
        })
      await paused(2, 1)
      expect((await site.deploy(2, { ...PAUSES, operation: 'status' })).outcome.headline).toMatch(/is paused at 50 %/)
      expect((await site.deploy(2, { ...PAUSES, operation: 'sweep' })).outcome.headline).toMatch(/waits for a decision/)
      expect(told(await site.deploy(2, { ...PAUSES, operation: 'abort' }))).toMatchObject({
        outputs: { outcome: 'rolled-back' },
      })
      await site.isOn(1)
      await paused(3, 2)
      await rolledBack(site)
      await site.isOn(1)
      await paused(4, 3)
      const promoted = await site.deploy(4, { ...PAUSES, operation: 'promote', 'on-inconclusive': 'pass' }, again(4))
      expect(told(promoted)).toMatchObject({ outputs: { outcome: 'promoted', weight: 100 } })
      await site.isOn(4)
    }, 0),
  180_000,
)

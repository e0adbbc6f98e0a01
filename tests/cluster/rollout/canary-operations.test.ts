import { main as rollback } from '@agent-ci/action-rollback/main'
import { ConfigurationError } from '@agent-ci/core/errors'
import { afterAll, expect, test } from '@jest/globals'
import { startApiProxy } from '../api-proxy.ts'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
import { appVersion } from './agent-app.ts'
import { holding } from './canary-invariants.ts'
import { canaryWeight, leftovers } from './canary-leftovers.ts'
import { CanarySite, type Ran } from './canary-site.ts'
import { testHost } from './in-process.ts'
import { together } from './together.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
const CRDS = installCrds(cluster, 'gateway-api')
afterAll(() => cluster.api.close())
const VERSIONS = [1, 2, 3, 4].map(appVersion)
const QUICK = { steps: '50,100', 'step-duration': '300ms', interval: '300ms' }
/** Without traffic nothing is ever shown: the first step pauses. */
const PAUSES = { steps: '50,100', 'step-duration': '1s', 'step-timeout': '1s', interval: '500ms' }

async function opened<T>(work: (site: CanarySite) => Promise<T>, measured = false): Promise<T> {
  await CRDS
  const site = await CanarySite.open(cluster, {
    entry: 'route',
    perSecond: 0,
    replicas: 2,
    ...(!measured && { measured: false }),
  })
  try {
    return await work(site)
  } finally {
    await site.close()
  }
}

const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })
const whole = (site: CanarySite) => wholeRelease(cluster, site.namespace, VERSIONS)
const again = (attempt: number) => ({ env: { GITHUB_RUN_ID: '2', GITHUB_RUN_ATTEMPT: String(attempt) } })

async function paused(site: CanarySite): Promise<void> {
  expect(told(await site.deploy(2, PAUSES))).toMatchObject({ outputs: { outcome: 'paused', weight: 50 } })
  expect(await canaryWeight(cluster, site.namespace)).toBe(50)
}

/** A run that is cut off in its first step: its lock stays, and a later attempt of the same run takes it. */
async function cutOff(site: CanarySite): Promise<void> {
  const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
  const cancel = new AbortController()
  const running = site.deploy(
    2,
    { ...QUICK, 'step-duration': '60s', 'api-timeout': '500ms' },
    { ...again(1), kubeconfig: proxy.kubeconfig, signal: cancel.signal },
  )
  await until(async () => (await canaryWeight(cluster, site.namespace)) === 50, { what: 'the canary to get half' })
  // As if the machine had gone: not even the traffic is taken back.
  await proxy.stop()
  cancel.abort()
  await expect(running).rejects.toThrow()
  expect(await canaryWeight(cluster, site.namespace)).toBe(50)
}

test(
  'operations on a canary',
  () =>
    together({
      'promote lets a paused step pass, and the rollout goes on': () =>
        opened(async (site) => {
          await paused(site)
          const { result, problems } = await holding(site, () =>
            site.deploy(2, { ...PAUSES, operation: 'promote', 'on-inconclusive': 'pass' }, again(2)),
          )
          expect(told(result)).toMatchObject({ outputs: { outcome: 'promoted', verdict: 'passed', weight: 100 } })
          expect(problems).toEqual([])
          expect(await whole(site)).toBe(1)
          expect(await leftovers(cluster, site.namespace)).toEqual([])
        }, true),

      'abort takes a paused canary back': () =>
        opened(async (site) => {
          await paused(site)
          const { result, problems } = await holding(site, () => site.deploy(2, { ...PAUSES, operation: 'abort' }))
          expect(told(result)).toMatchObject({
            outputs: {
              outcome: 'rolled-back',
              verdict: 'passed',
              reason: expect.stringContaining('showed nothing either way'),
            },
          })
          expect(result.outcome.exitStatus).toBe(0)
          expect(problems).toEqual([])
          expect(await whole(site)).toBe(0)
          expect(await leftovers(cluster, site.namespace)).toEqual([])
        }, true),

      'resume watches the paused step anew; status, sweep and post leave it alone': () =>
        opened(async (site) => {
          await paused(site)
          const status = await site.deploy(2, { ...PAUSES, operation: 'status' })
          expect(status.outcome).toMatchObject({
            exitStatus: 0,
            headline: expect.stringMatching(/is paused at 50 %: step 1/),
          })
          const swept = await site.deploy(2, { ...PAUSES, operation: 'sweep' })
          expect(swept.outcome.headline).toMatch(/waits for a decision .*: promote or abort it$/)
          expect(await canaryWeight(cluster, site.namespace)).toBe(50)
          const resumed = await site.deploy(2, { ...PAUSES, operation: 'resume' })
          expect(told(resumed)).toMatchObject({ outputs: { outcome: 'paused', weight: 50 } })
          expect(await canaryWeight(cluster, site.namespace)).toBe(50)
        }, true),

      'a rollback takes a paused canary back': () =>
        opened(async (site) => {
          await paused(site)
          const host = testHost('/tmp', { namespace: site.namespace, kubeconfig: cluster.kubeconfig })
          const outcome = await rollback(host)
          expect({ outcome, log: host.said.log }).toMatchObject({ outcome: { exitStatus: 0 } })
          expect(await whole(site)).toBe(0)
          expect(await leftovers(cluster, site.namespace)).toEqual([])
        }, true),

      'a deploy over a canary that was cut off takes that back first': () =>
        opened(async (site) => {
          await cutOff(site)
          const { result, problems } = await holding(site, () => site.deploy(3, QUICK, again(2)))
          expect(told(result)).toMatchObject({ outputs: { outcome: 'promoted' } })
          expect(result.said.log.join('\n')).toMatch(/Recovered: the run that led it was cut off/)
          expect(problems).toEqual([])
          expect(await whole(site)).toBe(2)
          expect(await leftovers(cluster, site.namespace)).toEqual([])
        }),

      'or with on-interrupted: resume leads it to its end first': () =>
        opened(async (site) => {
          await cutOff(site)
          const { result, problems } = await holding(site, () =>
            site.deploy(3, { ...QUICK, 'on-interrupted': 'resume' }, again(2)),
          )
          expect(told(result)).toMatchObject({ outputs: { outcome: 'promoted' } })
          expect(result.said.log.join('\n')).toMatch(/Recovered: r-\w+ runs at 100 %/)
          expect(result.said.log.join('\n')).toMatch(/release r-\w+ \(1\.0\.3\), .*\n +2 of 2 steps, 2 checks/)
          expect(problems).toEqual([])
          expect(await whole(site)).toBe(2)
        }),

      'a canary that pauses again when it is resumed is not overwritten by the release after it': () =>
        opened(async (site) => {
          await paused(site)
          const third = await site.deploy(3, { ...PAUSES, 'on-interrupted': 'resume' }, again(2))
          expect(told(third)).toMatchObject({ outputs: { outcome: 'paused', verdict: 'inconclusive' } })
          const aborted = await site.deploy(3, { ...PAUSES, operation: 'abort' }, again(3))
          expect(told(aborted)).toMatchObject({ outputs: { outcome: 'rolled-back' } })
          expect(await whole(site)).toBe(0)
          expect(await leftovers(cluster, site.namespace)).toEqual([])
        }, true),

      'status and plan change nothing, and plan says what would happen': () =>
        opened(async (site) => {
          const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
          try {
            const through = { kubeconfig: proxy.kubeconfig }
            const status = await site.deploy(2, { ...QUICK, operation: 'status' }, through)
            expect(status.outcome).toMatchObject({
              exitStatus: 0,
              headline: expect.stringMatching(/no rollout is under way$/),
            })
            const planned = await site.deploy(2, { ...QUICK, steps: '10,50,100', operation: 'plan' }, through)
            expect(told(planned)).toMatchObject({ outputs: { outcome: 'planned', verdict: 'passed' } })
            const log = planned.said.log.join('\n')
            for (const shown of [/10 %/, /50 %/, /agent-service/, /configmap|ConfigMap/]) expect(log).toMatch(shown)
            expect(planned.said.summary).toContain('50 %')
            expect(proxy.writes.map(({ method, url }) => `${method} ${url}`)).toEqual([])
          } finally {
            await proxy.stop()
          }
          expect(await whole(site)).toBe(0)
        }),

      'with nothing left unfinished there is nothing to promote, abort, resume or sweep': () =>
        opened(async (site) => {
          for (const operation of ['promote', 'abort', 'resume', 'sweep']) {
            const { outcome } = await site.deploy(2, { ...QUICK, operation })
            expect(outcome).toMatchObject({ exitStatus: 0, headline: 'promoted: no rollout was left unfinished' })
          }
          expect(await whole(site)).toBe(0)
        }),

      'a route that is not there is named before anything is touched': () =>
        opened(async (site) => {
          await expect(site.deploy(2, { ...QUICK, route: 'other' })).rejects.toThrow(ConfigurationError)
          await expect(site.deploy(2, { ...QUICK, route: 'other' })).rejects.toThrow(
            `There is no httproute other in namespace ${site.namespace}`,
          )
          expect(await whole(site)).toBe(0)
        }),
    }),
  300_000,
)

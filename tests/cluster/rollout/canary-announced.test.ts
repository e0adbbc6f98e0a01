import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import type { ConfigMap } from '@agent-ci/delivery/kubernetes/workload'
import type { Rollout } from '@agent-ci/delivery/rollout/journal'
import { afterAll, expect, test } from '@jest/globals'
import { GithubStub } from '../../integration/github/github-stub.ts'
import { GithubRepository } from '../../integration/github/repository.ts'
import { startApiProxy } from '../api-proxy.ts'
import type { ApiRequest } from '../api-request.ts'
import { installCrds } from '../crds.ts'
import { routeWeights } from '../observer.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
import { holding } from './canary-invariants.ts'
import { CanarySite, GOOD, type Ran } from './canary-site.ts'

const cluster = sharedControlPlane()
const CRDS = installCrds(cluster, 'gateway-api')
afterAll(() => cluster.api.close())

/** The goal for the time from the last evidence to no traffic, with room for a machine that does much else. */
const BACK_WITHIN_MS = 2_000

const told = ({ said }: Ran) => ({ outputs: said.outputs, log: said.log.join('\n') })

async function slack() {
  const messages: string[] = []
  const server = createServer(async (request, response) => {
    const { text: fallback } = JSON.parse(await text(request)) as { text: string }
    messages.push(fallback.split('\n')[0] ?? '')
    response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { messages, url: `http://127.0.0.1:${port}/services/T/B/x`, stop: () => server.close() }
}

test('GitHub and the alert targets are told of a canary that is taken back within two seconds, and of the good one after it', async () => {
  await CRDS
  const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 100, replicas: 2 })
  const stub = await GithubStub.start()
  const repository = new GithubRepository(stub)
  const chat = await slack()
  try {
    const env = { GITHUB_API_URL: stub.url, GITHUB_SHA: 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d' }
    const inputs = { steps: '50,100', 'github-token': 't0ken', 'slack-webhook-url': chat.url }
    const states = (at: number) =>
      repository.deployments[at]?.statuses.map(({ request }) => `${request.state}: ${request.description}`).toReversed()

    site.behaviours.set('agent-service:1.0.2', { ...GOOD, errorRate: 0.4 })
    const bad = await holding(site, () => site.deploy(2, inputs, { env }))
    expect(told(bad.result)).toMatchObject({ outputs: { outcome: 'rolled-back' } })
    expect(states(0)?.[0]).toMatch(/^in_progress: preparing/)
    expect(states(0)).toContainEqual('in_progress: canary 50 % (step 1/2)')
    expect(states(0)?.at(-1)).toMatch(/^failure: rolled back/)
    expect(chat.messages).toEqual(['🔴 agent-service in production: rolled back'])

    const timeline = JSON.parse(
      readFileSync(join(bad.result.directory, 'agent-ci-results/timeline.json'), 'utf8'),
    ) as RolloutTimeline
    const evidence = Date.parse(timeline.checks.at(-1)!.at)
    const back = bad.observer.snapshots.findLast(
      (each, index, all) =>
        (routeWeights(each, 'agent').get('agent-service-canary') ?? 0) === 0 &&
        (routeWeights(all[index - 1] ?? each, 'agent').get('agent-service-canary') ?? 0) > 0,
    )
    const tookMs = back!.change!.at.getTime() - evidence
    expect(tookMs).toBeLessThan(BACK_WITHIN_MS)

    const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
    const good = await site.deploy(3, inputs, { env, kubeconfig: proxy.kubeconfig })
    await proxy.stop()
    expect(told(good)).toMatchObject({ outputs: { outcome: 'promoted' } })
    expect(states(0)?.at(-1)).toMatch(/^success: promoted/)
    expect(chat.messages.slice(1)).toEqual(['✅ Resolved: agent-service in production: promoted'])
    const phases = callsByStep(proxy.requests)
    console.info(
      `weight 0 after ${tookMs} ms; API calls: ${proxy.requests.length} in all, ${proxy.writes.length} of them writes; by step: ${phases.join(', ')}`,
    )
  } finally {
    chat.stop()
    await site.close()
    await stub.stop()
  }
}, 180_000)

test('a deploy that first takes back what another run left ends its GitHub deployment too', async () => {
  await CRDS
  const site = await CanarySite.open(cluster, { entry: 'route', perSecond: 0, replicas: 2, measured: false })
  const stub = await GithubStub.start()
  const repository = new GithubRepository(stub)
  try {
    const env = { GITHUB_API_URL: stub.url, GITHUB_SHA: 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d' }
    const inputs = { steps: '50,100', 'step-duration': '300ms', interval: '300ms', 'github-token': 't0ken' }
    /** Of each deployment the last one, newest first. */
    const states = () =>
      repository.deployments.map(({ statuses }) => {
        const said = statuses[0]?.request
        return `${said?.state}: ${said?.description}`
      })
    const run = (attempt: string) => ({ env: { ...env, GITHUB_RUN_ID: '2', GITHUB_RUN_ATTEMPT: attempt } })

    const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
    const cancel = new AbortController()
    const running = site.deploy(
      2,
      { ...inputs, 'step-duration': '60s', 'api-timeout': '500ms' },
      { ...run('1'), kubeconfig: proxy.kubeconfig, signal: cancel.signal },
    )
    const cutOff = expect(running).rejects.toThrow()
    await until(() => states()[0] === 'in_progress: canary 50 % (step 1/2)', { what: 'the canary to get half' })
    // As if the machine had gone.
    await proxy.stop()
    cancel.abort()
    await cutOff
    const journal = await cluster.api.get<ConfigMap>(
      `/api/v1/namespaces/${site.namespace}/configmaps/agent-ci-agent-service-journal`,
    )
    const { announced } = JSON.parse(journal.data!.rollout!) as Rollout
    expect(announced).toEqual({ repository: 'org/agent', deployments: [repository.deployments[0]!.id] })
    const ran = await site.deploy(3, inputs, run('2'))
    expect(told(ran)).toMatchObject({ outputs: { outcome: 'promoted' } })
    expect(states()).toEqual([
      expect.stringMatching(/^success: promoted/),
      'failure: rolled back: the run that led it was cut off',
    ])
  } finally {
    await site.close()
    await stub.stop()
  }
}, 120_000)

/** How many calls there were before, between and after the writes of a weight. */
function callsByStep(requests: readonly ApiRequest[]): number[] {
  const weights = requests.flatMap(({ resource, verb, number, write }) =>
    resource === 'httproutes' && verb === 'patch' && write !== undefined ? [number] : [],
  )
  const edges = [0, ...weights, requests.length]
  return edges.slice(1).map((edge, index) => edge - edges[index]!)
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startApiProxy } from '../api-proxy.ts'
import type { ApiRequest } from '../api-request.ts'
import { installCrds } from '../crds.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { type ActionEnd, type ActionRun, runAction, startAction } from './action-process.ts'
import { appVersion, deployInputs, writeApp } from './agent-app.ts'
import { canaryWeight, leftovers } from './canary-leftovers.ts'
import { CanarySite } from './canary-site.ts'
import { inParallel } from './in-parallel.ts'
import { wholeRelease } from './whole-release.ts'

// A canary is ended at every write of its journal: by the runner's signals, after which the post step cleans up, and at every write of any kind by SIGKILL, after
// which a later job does. Whatever happens, the app is wholly on one release and the route is as its owner wrote it.
const cluster = sharedControlPlane()
const VERSIONS = [1, 2].map(appVersion)
const AT_ONCE = 5
/** The runner gives a cancelled step that long before it kills it. */
const RUNNER_PATIENCE_MS = 7_500
const directory = mkdtempSync(join(tmpdir(), 'agent-ci-cut-off-'))
beforeAll(async () => {
  writeApp(directory, VERSIONS[1]!, { replicas: 2 })
  await installCrds(cluster, 'gateway-api')
}, 120_000)
afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
  cluster.api.close()
})

const QUICK = { metrics: 'none', steps: '50,100', 'step-duration': '300ms', interval: '300ms' }

/** The ways by which traffic is moved. */
const WAYS = {
  'a route': { entry: 'route', inputs: { ...QUICK, route: 'agent' } },
  'the number of pods': { entry: 'service', inputs: QUICK },
  'the selector of a Service': { entry: 'service', inputs: { ...QUICK, strategy: 'blue-green' } },
} as const
type Way = (typeof WAYS)[keyof typeof WAYS]
/** One write in so many is tried, for the time that it takes; all of them with AGENT_CI_CHAOS=all. */
const ALL = process.env.AGENT_CI_CHAOS === 'all'
const ONE_IN = ALL
  ? { 'a route': 1, 'the number of pods': 1, 'the selector of a Service': 1 }
  : { 'a route': 2, 'the number of pods': 4, 'the selector of a Service': 4 }

const run = (site: CanarySite, { inputs }: Way, more: Partial<ActionRun> = {}): ActionRun => ({
  action: 'canary-deploy',
  directory,
  kubeconfig: cluster.kubeconfig,
  namespace: site.namespace,
  attempt: 2,
  ...more,
  inputs: { ...deployInputs(VERSIONS[1]!), ...inputs, ...more.inputs },
})

const isJournalWrite = ({ verb, name }: ApiRequest): boolean =>
  verb === 'update' && name === 'agent-ci-agent-service-journal'

const isWrite = ({ write }: ApiRequest): boolean => write !== undefined

interface CutOff {
  /** Of all writes that count, the one after which the signal comes. */
  readonly write: number
  readonly counts: (request: ApiRequest) => boolean
  readonly signal: NodeJS.Signals | undefined
}

interface FirstEnd extends ActionEnd {
  readonly writes: number
  /** From the signal to the end of the process. */
  readonly tookMs: number
  readonly nonce: string
}

async function cutOff(site: CanarySite, way: Way, { write, counts, signal }: CutOff): Promise<FirstEnd> {
  const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
  const state = join(directory, `state-${site.namespace}`)
  writeFileSync(state, '')
  try {
    const { process, ended } = startAction(
      run(site, way, { kubeconfig: proxy.kubeconfig, env: { GITHUB_STATE: state } }),
    )
    let writes = 0
    let at = performance.now()
    proxy.at({ where: counts }, 'applied', () => {
      if (++writes !== write || !signal) return undefined
      at = performance.now()
      process.kill(signal)
      return signal === 'SIGKILL' ? 'drop' : undefined
    })
    const end = await ended
    const nonce = /^rollout<<(.+)\n(.*)\n\1$/m.exec(readFileSync(state, 'utf8'))?.[2] ?? ''
    return { ...end, writes, tookMs: performance.now() - at, nonce }
  } finally {
    await proxy.stop()
  }
}

const opened = async <T>({ entry }: Way, work: (site: CanarySite) => Promise<T>): Promise<T> => {
  const site = await CanarySite.open(cluster, { entry, perSecond: 0, replicas: 2, measured: false })
  try {
    return await work(site)
  } finally {
    await site.close()
  }
}

/** How many such writes there are when nothing goes wrong. */
const counted = (way: Way, counts: CutOff['counts']): Promise<number> =>
  opened(way, async (site) => {
    const { status, log, writes } = await cutOff(site, way, { write: 0, counts, signal: undefined })
    if (status !== 0) throw new Error(log)
    return writes
  })

const each = (count: number, oneIn: number) =>
  Array.from({ length: count }, (_, index) => index + 1).filter((write) => write % oneIn === 0 || write === count)

const NAMES = Object.keys(WAYS) as (keyof typeof WAYS)[]

test.each(NAMES)(
  'cancelled at any write of its journal, by %s the traffic goes back at once, and the post step brings back the old release',
  async (name) => {
    const way = WAYS[name]
    const count = await counted(way, isJournalWrite)
    let slowest = 0
    const problems = await inParallel(each(count, ONE_IN[name]), AT_ONCE, (write) =>
      opened(way, async (site) => {
        const first = await cutOff(site, way, {
          write,
          counts: isJournalWrite,
          signal: write % 2 === 0 ? 'SIGTERM' : 'SIGINT',
        })
        slowest = Math.max(slowest, first.tookMs)
        const weight = await canaryWeight(cluster, site.namespace)
        const post = await runAction(run(site, way, { env: { STATE_rollout: first.nonce } }))
        const state = await wholeRelease(cluster, site.namespace, VERSIONS)
        const left = await leftovers(cluster, site.namespace)
        // With its last write the rollout has ended, and nothing is left to be cancelled.
        const wanted = write === count ? 1 : 0
        const right = state === wanted && left.length === 0 && weight === 0 && first.tookMs < RUNNER_PATIENCE_MS
        if (right && first.status !== null) return undefined
        return `write ${write}: ${state}, weight ${weight}, ${left.join('; ')}; ended after ${first.tookMs.toFixed(0)} ms (${first.status ?? first.signal})\n${first.log}\n--- post (${post.status})\n${post.log}`
      }),
    )
    console.info(
      `${name}: cancelled at ${each(count, ONE_IN[name]).length} of ${count} journal writes; the slowest ended after ${slowest.toFixed(0)} ms`,
    )
    expect(problems).toEqual([])
  },
  600_000,
)

test.each(NAMES)(
  'killed at any write while traffic moves by %s, a sweep or a resume leaves one whole release',
  async (name) => {
    const way = WAYS[name]
    const count = await counted(way, isWrite)
    const ends = { old: 0, new: 0 }
    const problems = await inParallel(each(count, ONE_IN[name]), AT_ONCE, (write) =>
      opened(way, async (site) => {
        const operation = write % 2 === 0 ? 'sweep' : 'resume'
        const first = await cutOff(site, way, { write, counts: isWrite, signal: 'SIGKILL' })
        const env = { GITHUB_RUN_ID: '1', GITHUB_RUN_ATTEMPT: '3' }
        const second = await site.deploy(2, { ...way.inputs, operation }, { env })
        const state = await wholeRelease(cluster, site.namespace, VERSIONS)
        const left = await leftovers(cluster, site.namespace)
        if (state === 0) ends.old++
        if (state === 1) ends.new++
        if (typeof state === 'number' && left.length === 0 && second.outcome.verdict !== 'errored') return undefined
        return `write ${write}, then ${operation}: ${state}; ${left.join('; ')}\n${first.log}\n--- then\n${second.said.log.join('\n')}`
      }),
    )
    console.info(
      `${name}: killed at ${each(count, ONE_IN[name]).length} of ${count} writes: ${ends.old} times on the old release, ${ends.new} times on the new`,
    )
    expect(problems).toEqual([])
  },
  600_000,
)

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '@agent-ci/action-canary-deploy/main'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Fault } from '../api-fault.ts'
import { type ApiProxy, startApiProxy } from '../api-proxy.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { type ActionEnd, runAction, startAction } from './action-process.ts'
import { appVersion, deployInputs, writeApp } from './agent-app.ts'
import { inParallel } from './in-parallel.ts'
import { succeed, testHost } from './in-process.ts'
import { wholeRelease } from './whole-release.ts'

// Any call of a deploy and of a rollback is once the last one that the process makes, and any write goes wrong in every way; afterwards a
// re-run finds an app that is wholly on one release. Scenarios wait most of their time, so several run at once.
const cluster = sharedControlPlane()
const VERSIONS = [appVersion(1), appVersion(2)]
const AT_ONCE = 6
/** Of all the places where something can go wrong, each run takes every eighth; all of them with AGENT_CI_CHAOS=all, for half an hour. */
const EVERY = process.env.AGENT_CI_CHAOS === 'all' ? 1 : 8
const FAULTS: readonly Fault[] = [
  'conflict',
  'too-many-requests',
  'server-error',
  'reset-before',
  'reset-after',
  'hang-before',
  'hang-after',
]

type Operation = 'deploy' | 'rollback'
const directories = VERSIONS.map(() => mkdtempSync(join(tmpdir(), 'agent-ci-chaos-')))
beforeAll(() => {
  for (const [index, version] of VERSIONS.entries()) writeApp(directories[index]!, version)
})
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
  cluster.api.close()
})

const rolling = (index: number) => ({ ...deployInputs(VERSIONS[index]!), strategy: 'rolling' })

const deploying = (index: number, namespace: string, attempt = 1) => ({
  action: 'canary-deploy' as const,
  directory: directories[index]!,
  kubeconfig: cluster.kubeconfig,
  namespace,
  attempt,
  inputs: rolling(index),
})

const rollingBack = (namespace: string, attempt = 1) => ({
  action: 'rollback' as const,
  directory: directories[0]!,
  kubeconfig: cluster.kubeconfig,
  namespace,
  attempt,
})

/** A namespace in which the operation is the next thing to happen: the first release runs, or both were deployed. */
async function prepared(operation: Operation): Promise<string> {
  const namespace = await cluster.namespace()
  for (const index of operation === 'deploy' ? [0] : [0, 1]) {
    const { directory, kubeconfig, inputs } = deploying(index, namespace)
    const host = testHost(directory, { ...inputs, kubeconfig, namespace })
    await succeed(host, (each) => main(each, `preparation-${index}`))
  }
  return namespace
}

const command = (operation: Operation, namespace: string, attempt: number) =>
  operation === 'deploy' ? deploying(1, namespace, attempt) : rollingBack(namespace, attempt)

interface Scenario {
  readonly name: string
  readonly arrange: (proxy: ApiProxy, kill: () => void) => void
  /** What is run afterwards. */
  readonly again: 'same' | 'sweep' | 'resume'
}

/** Runs an operation with something going wrong, then what mends it; the problem that remains, or undefined. */
async function suffer(operation: Operation, { name, arrange, again }: Scenario): Promise<string | undefined> {
  const namespace = await prepared(operation)
  const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
  let first: ActionEnd
  try {
    const { process, ended } = startAction({ ...command(operation, namespace, 2), kubeconfig: proxy.kubeconfig })
    arrange(proxy, () => process.kill('SIGKILL'))
    first = await ended
  } finally {
    await proxy.stop()
  }
  const mending = { ...deploying(1, namespace, 3), inputs: { ...rolling(1), operation: again } }
  const second = await runAction(again === 'same' ? command(operation, namespace, 3) : mending)
  const state = await wholeRelease(cluster, namespace, VERSIONS)
  const wanted = again === 'same' ? (operation === 'deploy' ? 1 : 0) : undefined
  const right = typeof state === 'number' && (wanted === undefined || state === wanted)
  // A resume that cannot go on takes back, which is red and whole.
  if (right && (again !== 'same' || second.status === 0)) return undefined
  return `${operation}, ${name}, then ${again}: ${state}\n--- first (${first.status ?? first.signal})\n${first.log}\n--- then (${second.status})\n${second.log}`
}

/** How many calls and writes an operation makes when nothing goes wrong. */
async function counted(operation: Operation): Promise<{ calls: number; writes: number }> {
  const namespace = await prepared(operation)
  const proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
  try {
    const { status, log } = await runAction({ ...command(operation, namespace, 2), kubeconfig: proxy.kubeconfig })
    if (status !== 0) throw new Error(log)
    return { calls: proxy.requests.length, writes: proxy.writes.length }
  } finally {
    await proxy.stop()
  }
}

const sample = <T>(all: readonly T[]): T[] => all.filter((_, index) => index % EVERY === 0)

const AGAIN = { deploy: ['same', 'sweep', 'resume'], rollback: ['same', 'sweep'] } as const

for (const operation of ['deploy', 'rollback'] as const) {
  test(`${operation}: killed after any of its API calls, a re-run leaves one whole release`, async () => {
    const { calls } = await counted(operation)
    const scenarios = Array.from({ length: calls }, (_, index): Scenario => {
      const call = index + 1
      const again = AGAIN[operation][index % AGAIN[operation].length]!
      const arrange: Scenario['arrange'] = (proxy, kill) =>
        proxy.at({ request: call }, 'applied', () => {
          kill()
          return 'drop'
        })
      return { name: `killed after call ${call}`, again, arrange }
    })
    const problems = await inParallel(sample(scenarios), AT_ONCE, (scenario) => suffer(operation, scenario))
    console.info(`${operation}: killed after ${sample(scenarios).length} of ${calls} calls`)
    expect(problems).toEqual([])
  }, 900_000)

  test(`${operation}: with any of its writes going wrong in any way, a re-run leaves one whole release`, async () => {
    const { writes } = await counted(operation)
    const scenarios = FAULTS.flatMap((fault) =>
      Array.from({ length: writes }, (_, index): Scenario => {
        const arrange: Scenario['arrange'] = (proxy) => proxy.fail({ write: index + 1 }, fault)
        return { name: `write ${index + 1} ${fault}`, again: 'same', arrange }
      }),
    )
    const problems = await inParallel(sample(scenarios), AT_ONCE, (scenario) => suffer(operation, scenario))
    console.info(
      `${operation}: ${writes} writes failed in ${FAULTS.length} ways, ${sample(scenarios).length} of ${scenarios.length} runs`,
    )
    expect(problems).toEqual([])
  }, 900_000)
}

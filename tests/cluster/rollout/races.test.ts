import { setTimeout } from 'node:timers/promises'
import { Cluster } from '@agent-ci/delivery/kubernetes/cluster'
import { connect } from '@agent-ci/delivery/kubernetes/connection'
import { type Holder, type LeaseRules, RolloutLease } from '@agent-ci/delivery/rollout/lease'
import { afterAll, describe, expect, test } from '@jest/globals'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { until } from '../until.ts'
import { appDeployment, Scene } from './scene.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

test('of two rollbacks at the same time exactly one goes back, and the other finds nothing to do', async () => {
  await using scene = await Scene.open(cluster)
  for (const image of ['agent:1', 'agent:2', 'agent:3']) {
    scene.manifests(appDeployment({ image }))
    await scene.deploy()
  }
  const ends = await Promise.all(['11', '12'].map((run) => scene.rollback({}, { env: { GITHUB_RUN_ID: run } })))
  expect(ends.map(({ status }) => status)).toEqual([0, 0])
  expect(ends.map(({ outputs }) => outputs.outcome).sort()).toEqual(['nothing-to-do', 'rolled-back'])
  expect((await scene.deployment()).spec.template.spec.containers[0]!.image).toBe('agent:2')
  expect((await scene.records()).filter(({ type }) => type === 'rollback')).toHaveLength(1)
})

describe('the lock', () => {
  const RULES: LeaseRules = { durationMs: 1_000, renewEveryMs: 250, waitMs: 5_000 }
  const times = {
    date: () => new Date(),
    now: () => performance.now(),
    sleep: (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal }),
    signal: new AbortController().signal,
  }
  const holder = (run: string, attempt = 1): Holder => ({ run: `org/agent/${run}`, attempt, process: 'p' })

  async function lock() {
    const namespace = await cluster.namespace()
    const connection = connect({ kubeconfig: cluster.kubeconfig, cwd: '/', env: {}, now: times.now })
    const client = new Cluster(connection, namespace, { timeoutMs: 2_000, sleep: times.sleep, signal: times.signal })
    const told: string[] = []
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/agent-ci-app`
    return {
      told,
      take: (who: Holder, rules = RULES) =>
        RolloutLease.acquire(client, 'app', who, times, (line) => told.push(line), rules),
      read: async () =>
        (await cluster.api.get<{ spec: { holderIdentity: string; renewTime: string; leaseTransitions: number } }>(path))
          .spec,
      overwrite: (spec: object) => cluster.api.patch(path, 'merge', { spec }),
      [Symbol.dispose]: () => client.close(),
    }
  }

  test('is renewed while its holder works, and free afterwards', async () => {
    using app = await lock()
    const lease = await app.take(holder('1'))
    const { renewTime } = await app.read()
    await until(async () => (await app.read()).renewTime !== renewTime, { what: 'a renewal' })
    await lease.release()
    expect(await app.read()).toMatchObject({ holderIdentity: '' })
  })

  test('of a run that died is taken over once it was not renewed for its duration, and not before', async () => {
    using app = await lock()
    const dead = await app.take(holder('1'))
    await dead.abandon()
    const start = performance.now()
    const lease = await app.take(holder('2'))
    expect(performance.now() - start).toBeGreaterThanOrEqual(RULES.durationMs)
    expect(app.told).toEqual([
      'Another rollout of app holds the lock: org/agent/1/1/p. Waiting for it to end, or for 1 s without a sign of life',
    ])
    expect(await app.read()).toMatchObject({ holderIdentity: 'org/agent/2/1/p', leaseTransitions: 1 })
    await lease.release()
  })

  test('of an earlier attempt of the same run is taken over at once', async () => {
    using app = await lock()
    const first = await app.take(holder('1'), { ...RULES, durationMs: 60_000 })
    const second = await app.take(holder('1', 2))
    expect(app.told).toEqual([])
    expect(await app.read()).toMatchObject({ holderIdentity: 'org/agent/1/2/p' })
    await first.abandon()
    await second.release()
  })

  test('of an attempt that is not earlier is not', async () => {
    using app = await lock()
    const second = await app.take(holder('1', 2))
    await expect(app.take(holder('1', 1), { ...RULES, waitMs: 300 })).rejects.toThrow(
      'Another rollout of app is at work: org/agent/1/2/p. Two runs must not move one app at the same time. Wait for that run, or cancel it; its lock runs out a minute after its last sign of life.',
    )
    await second.release()
  })

  test('that somebody else took is lost to its holder, who is told', async () => {
    using app = await lock()
    const lease = await app.take(holder('1'))
    await app.overwrite({ holderIdentity: 'org/other/9/1/q' })
    await until(() => lease.lost.aborted, { what: 'the loss to be noticed' })
    expect(String(lease.lost.reason)).toContain('the lock was taken over by org/other/9/1/q')
    await lease.release()
    expect(await app.read()).toMatchObject({ holderIdentity: 'org/other/9/1/q' })
  })
})

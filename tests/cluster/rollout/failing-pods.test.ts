import { afterAll, describe, expect, test } from '@jest/globals'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { type Stage, stageLabel } from '../stages.ts'
import { until } from '../until.ts'
import { appDeployment, configMap, envFrom, Scene } from './scene.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

/** A scene in which a good release runs, with the settings that the next one is made of. */
async function running(...objects: readonly object[]): Promise<Scene> {
  const scene = await Scene.open(cluster)
  scene.manifests(
    appDeployment({ container: envFrom('settings') }),
    configMap('settings', { data: { MODE: 'good' } }),
    ...objects,
  )
  const { status, log } = await scene.deploy()
  if (status !== 0) throw new Error(log)
  return scene
}

const bad = (image: string, spec: object = {}) => [
  appDeployment({ image, spec, container: envFrom('settings') }),
  configMap('settings', { data: { MODE: 'bad' } }),
]

/** Asserts that the good release runs again, config included. */
async function expectGood(scene: Scene): Promise<void> {
  const { spec, status } = await scene.deployment()
  const [container] = spec.template.spec.containers
  const [{ configMapRef }] = container!.envFrom as unknown as [{ configMapRef: { name: string } }]
  expect(container!.image).toBe('agent:1')
  expect((await scene.configMaps()).get(configMapRef.name)?.data).toEqual({ MODE: 'good' })
  expect(status).toMatchObject({ availableReplicas: 1, replicas: 1, updatedReplicas: 1 })
}

describe('a release that does not come up is taken back, and the reason names it:', () => {
  test.concurrent.each<[Stage, RegExp]>([
    ['image-pull-back-off', /container agent: (ImagePullBackOff|ErrImagePull)/],
    ['invalid-image-name', /container agent: InvalidImageName/],
    ['create-container-config-error', /container agent: CreateContainerConfigError/],
    ['crash-loop-back-off', /container agent: CrashLoopBackOff: restarted \d+ times/],
  ])('%s', async (stage, reason) => {
    await using scene = await running()
    scene.manifests(...bad(`agent:${stage}`))
    const end = await scene.deploy()
    expect(end).toMatchObject({ status: 1, outputs: { verdict: 'failed', outcome: 'rolled-back' } })
    expect(end.outputs.reason).toMatch(reason)
    expect(end.outputs.reason).toMatch(/^deployment agent-service: /)
    await expectGood(scene)
    expect((await scene.records()).at(-1)).toMatchObject({ verified: false, end: 'rolled-back' })
  })

  test.concurrent('pods that never become ready, at the deadline of the action', async () => {
    await using scene = await running()
    scene.manifests(...bad('agent:never-ready'))
    const end = await scene.deploy({ timeout: '3s' })
    expect(end.outputs).toMatchObject({ outcome: 'rolled-back' })
    expect(end.outputs.reason).toMatch(
      /^after \d s agent-service: (0 of 1 new pods are available|1 old pods are still ending)/,
    )
    await expectGood(scene)
  })

  test.concurrent('pods that never become ready, at the deadline of the Deployment', async () => {
    await using scene = await running()
    scene.manifests(...bad('agent:never-ready', { progressDeadlineSeconds: 2 }))
    const end = await scene.deploy()
    expect(end.outputs).toMatchObject({ outcome: 'rolled-back' })
    expect(end.outputs.reason).toContain('it made no progress for 2 s (ProgressDeadlineExceeded)')
    await expectGood(scene)
  })

  test.concurrent('a quota that has no room for another pod', async () => {
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'pods' }, spec: { hard: { pods: '1' } } }
    await using scene = await running(quota)
    await until(
      async () =>
        (
          (await cluster.api.get(`/api/v1/namespaces/${scene.namespace}/resourcequotas/pods`)) as {
            status?: { used?: object }
          }
        ).status?.used,
      { what: 'the quota to be counted' },
    )
    scene.manifests(...bad('agent:2'), quota)
    const end = await scene.deploy()
    expect(end.outputs).toMatchObject({ outcome: 'rolled-back' })
    expect(end.outputs.reason).toMatch(/pods cannot be created: .*exceeded quota: pods/)
    await expectGood(scene)
  })
})

test.concurrent.each<Stage>(['crash-loop-back-off', 'image-pull-back-off'])(
  'a rollback works while the pods of the present release are in %s',
  async (stage) => {
    await using scene = await running()
    scene.manifests(...bad('agent:2'))
    await scene.deploy()
    const labels = { spec: { template: { metadata: { labels: stageLabel(stage) } } } }
    await cluster.api.patch(`${scene.path('deployments')}/agent-service`, 'strategic-merge', labels)
    expect(await scene.rollback()).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back' } })
    await expectGood(scene)
  },
)

test('a first release that does not come up is left as it is, and said to have nothing to go back to', async () => {
  await using scene = await Scene.open(cluster)
  scene.manifests(appDeployment({ image: 'agent:invalid-image-name' }))
  const end = await scene.deploy()
  expect(end).toMatchObject({ status: 1, outputs: { outcome: 'rollback-failed', verdict: 'errored' } })
  expect(end.outputs.reason).toContain('It is the first release of this app, so there is nothing to go back to')
  scene.manifests(appDeployment({ image: 'agent:2' }))
  expect(await scene.deploy()).toMatchObject({ status: 0, outputs: { outcome: 'promoted' } })
})

test('a paused Deployment is said before a rollback touches anything', async () => {
  await using scene = await running()
  scene.manifests(...bad('agent:2'))
  await scene.deploy()
  await cluster.api.patch(`${scene.path('deployments')}/agent-service`, 'merge', { spec: { paused: true } })
  const [end, proxy] = await scene.recorded(({ kubeconfig }) => scene.rollback({}, { kubeconfig }))
  expect(end.status).toBe(1)
  expect(end.log).toContain(
    'deployment agent-service is paused. Its controller starts no pods of another template until it is resumed. Run kubectl rollout resume deployment/agent-service.',
  )
  expect(proxy.writes).toEqual([])
})

describe('where an autoscaler sets the number of pods', () => {
  const scaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'agent-service' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'agent-service' },
      minReplicas: 1,
      maxReplicas: 9,
    },
  }

  test('neither a deploy nor a rollback changes it', async () => {
    await using scene = await Scene.open(cluster)
    scene.manifests(appDeployment({ replicas: 2 }))
    await scene.deploy()
    await cluster.api.create(scene.path('horizontalpodautoscalers'), scaler)
    await cluster.api.patch(`${scene.path('deployments')}/agent-service/scale`, 'merge', { spec: { replicas: 3 } })
    scene.manifests(appDeployment({ image: 'agent:2', replicas: 2 }))
    expect(await scene.deploy()).toMatchObject({ status: 0 })
    expect((await scene.deployment()).spec.replicas).toBe(3)
    expect(await scene.rollback()).toMatchObject({ status: 0 })
    expect((await scene.deployment()).spec.replicas).toBe(3)
  })

  test('one that was added since and has set none yet does not make it 1', async () => {
    await using scene = await Scene.open(cluster)
    scene.manifests(appDeployment({ replicas: 3 }))
    await scene.deploy()
    await cluster.api.create(scene.path('horizontalpodautoscalers'), scaler)
    scene.manifests(appDeployment({ image: 'agent:2', replicas: 5 }))
    expect(await scene.deploy()).toMatchObject({ status: 0 })
    expect((await scene.deployment()).spec.replicas).toBe(3)
  })
})

import { afterAll, describe, expect, test } from '@jest/globals'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { appDeployment, configMap, envFrom, Scene, type SceneEnd } from './scene.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

/** A scene in which two releases were deployed. */
async function twoReleases(): Promise<Scene> {
  const scene = await Scene.open(cluster)
  for (const image of ['agent:1', 'agent:2']) {
    scene.manifests(
      appDeployment({ image, container: envFrom('settings') }),
      configMap('settings', { data: { IMAGE: image } }),
    )
    const { status, log } = await scene.deploy()
    if (status !== 0) throw new Error(log)
  }
  return scene
}

/** The ConfigMap that the pods of a release read. */
async function settingsOf(scene: Scene, sequence: number): Promise<string> {
  const record = (await scene.records()).find((each) => each.sequence === sequence)
  return record!.release.config_maps[0]!.name
}

/** Damages that are there before a rollback, and what it says of them. */
const DAMAGES: readonly (readonly [string, (scene: Scene) => Promise<unknown>, string])[] = [
  [
    'its ConfigMap is gone',
    async (scene) => cluster.api.delete(`${scene.path('configmaps')}/${await settingsOf(scene, 1)}`),
    'is gone. Release r-',
  ],
  [
    'its ConfigMap was replaced by other content',
    async (scene) => {
      const name = await settingsOf(scene, 1)
      await cluster.api.delete(`${scene.path('configmaps')}/${name}`)
      await cluster.api.create(scene.path('configmaps'), configMap(name, { data: { IMAGE: 'other' } }))
    },
    'does not hold what it held when r-',
  ],
  [
    'its record is gone',
    async (scene) => cluster.api.delete(`${scene.path('configmaps')}/agent-ci-release-agent-service-1`),
    'Nothing to go back to: the history has no verified release before r-',
  ],
  [
    'all records are gone',
    async (scene) => {
      for (const { sequence } of await scene.records())
        await cluster.api.delete(`${scene.path('configmaps')}/agent-ci-release-agent-service-${sequence}`)
    },
    'Nothing to go back to: the history of this app has no release yet',
  ],
]

const expectRefused = (end: SceneEnd, words: string) => {
  expect(end.status).toBe(1)
  expect(end.log).toContain(words)
}

describe.each(DAMAGES)('when %s', (_, damage, words) => {
  test('a rollback says so and writes nothing; so does the drill', async () => {
    await using scene = await twoReleases()
    await damage(scene)
    const [applied, applying] = await scene.recorded(({ kubeconfig }) => scene.rollback({}, { kubeconfig }))
    expectRefused(applied, words)
    expect(applying.writes).toEqual([])
    const [drilled, drilling] = await scene.recorded(({ kubeconfig }) =>
      scene.rollback({ mode: 'drill' }, { kubeconfig }),
    )
    expectRefused(drilled, words.replace(/^Nothing to go back to/, 'A rollback has nothing to go back to'))
    expect(drilled.outputs).toMatchObject({ outcome: 'failed' })
    expect(drilling.writes).toEqual([])
  })
})

test('a damaged record is passed over with a warning, and others still serve', async () => {
  await using scene = await twoReleases()
  scene.manifests(appDeployment({ image: 'agent:3' }))
  await scene.deploy()
  const damaged = { data: { record: '{"schema_version": 1' } }
  await cluster.api.patch(`${scene.path('configmaps')}/agent-ci-release-agent-service-2`, 'merge', damaged)
  const end = await scene.rollback()
  expect(end).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back' } })
  expect(end.log).toContain('configmap agent-ci-release-agent-service-2 is no record that this version can read')
  expect((await scene.deployment()).spec.template.spec.containers[0]!.image).toBe('agent:1')
})

describe('the drill', () => {
  test('proves that it would work, says where it would go and what would change, and writes nothing', async () => {
    await using scene = await twoReleases()
    const [r1, r2] = (await scene.records()).map(({ release }) => release.id)
    const [end, proxy] = await scene.recorded(({ kubeconfig }) => scene.rollback({ mode: 'drill' }, { kubeconfig }))
    expect(end).toMatchObject({
      status: 0,
      outputs: { outcome: 'drilled', release: r2, reason: `A rollback to ${r1} would work; nothing was changed` },
    })
    expect(end.log).toContain('image agent:2 → agent:1')
    expect(end.log).toContain('config settings/IMAGE changed')
    expect(proxy.writes).toEqual([])
    expect(proxy.requests.some(({ url }) => url.includes('dryRun=All'))).toBe(true)
  })

  test('after a rollback says what runs, and that there is nothing to do', async () => {
    await using scene = await twoReleases()
    const [r1] = (await scene.records()).map(({ release }) => release.id)
    await scene.rollback()
    const end = await scene.rollback({ mode: 'drill' })
    expect(end).toMatchObject({ status: 0, outputs: { outcome: 'drilled', release: r1 } })
    expect(end.outputs.reason).toBe(`The app is on ${r1} already, whole: a rollback would change nothing`)
  })

  test('warns of an image that the cluster could not pull within the last hour', async () => {
    await using scene = await twoReleases()
    await cluster.api.create(scene.path('events'), {
      metadata: { name: 'pull-1' },
      involvedObject: { kind: 'Pod', namespace: scene.namespace, name: 'agent-service-1' },
      reason: 'Failed',
      type: 'Warning',
      message: 'Failed to pull image "agent:1": rpc error: code = NotFound desc = manifest unknown',
      source: { component: 'kubelet' },
    })
    const end = await scene.rollback({ mode: 'drill' })
    expect(end.log).toContain('the cluster failed to pull agent:1 within the last hour')
    expect(end.outputs.reason).toContain('would work, with a warning')
  })

  test('finds a paused Deployment', async () => {
    await using scene = await twoReleases()
    await cluster.api.patch(`${scene.path('deployments')}/agent-service`, 'merge', { spec: { paused: true } })
    const end = await scene.rollback({ mode: 'drill' })
    expectRefused(end, 'deployment agent-service is paused')
    expect(end.summary).toContain('is paused')
  })

  test('finds a template that the API server would refuse', async () => {
    await using scene = await twoReleases()
    const [, record] = [await scene.records(), (await scene.configMaps()).get('agent-ci-release-agent-service-1')]
    const broken = JSON.parse(record!.data!.record!) as {
      templates: Record<string, { spec: { restartPolicy: string } }>
    }
    broken.templates['agent-service']!.spec.restartPolicy = 'Never'
    await cluster.api.patch(`${scene.path('configmaps')}/agent-ci-release-agent-service-1`, 'merge', {
      data: { record: JSON.stringify(broken) },
    })
    expectRefused(await scene.rollback({ mode: 'drill' }), 'The API server would refuse the template of r-')
  })

  test('warns of a GitOps controller that may write the bad release again', async () => {
    await using scene = await twoReleases()
    const claim = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'agent-service', annotations: { synced: 'yes' } },
    }
    await cluster.api.patch(`${scene.path('deployments')}/agent-service?fieldManager=argocd-controller`, 'apply', claim)
    const end = await scene.rollback({ mode: 'drill' })
    expect(end.log).toContain(
      'argocd-controller manages deployment agent-service and may re-apply the release that is taken back',
    )
  })
})

test('what writes the bad release again during a rollback is said, and the rollback has failed', async () => {
  await using scene = await twoReleases()
  const bad = (await scene.deployment()).spec.template
  const path = `${scene.path('deployments')}/agent-service`
  const [end] = await scene.recorded((proxy) => {
    const rollsBack = {
      where: ({ resource, write }: { resource: string; write: number | undefined }) =>
        resource === 'deployments' && write !== undefined,
    }
    proxy.at(rollsBack, 'applied', async () => {
      await cluster.api.patch(path, 'json', [{ op: 'replace', path: '/spec/template', value: bad }])
      return undefined
    })
    return scene.rollback({}, { kubeconfig: proxy.kubeconfig })
  })
  expect(end).toMatchObject({ status: 1, outputs: { outcome: 'failed' } })
  expect(end.outputs.reason).toContain(
    'something else changes the app: the pod template of deployment agent-service is not that of r-',
  )
})

describe('fields', () => {
  test('of another controller are refused with its name, and taken with force-conflicts', async () => {
    await using scene = await twoReleases()
    const claim = {
      ...appDeployment({ image: 'agent:by-argo' }),
      metadata: { name: 'agent-service' },
    }
    const path = `${scene.path('deployments')}/agent-service?fieldManager=argocd-controller&force=true`
    await cluster.api.patch(path, 'apply', claim)
    scene.manifests(appDeployment({ image: 'agent:3' }))
    const [refused, proxy] = await scene.recorded(({ kubeconfig }) => scene.deploy({}, { kubeconfig }))
    expectRefused(refused, 'deployment agent-service has fields of another owner')
    expect(refused.log).toContain('image (owned by argocd-controller)')
    expect(proxy.writes).toEqual([])
    expect(await scene.deploy({ 'force-conflicts': 'true' })).toMatchObject({ status: 0 })
    expect((await scene.deployment()).spec.template.spec.containers[0]!.image).toBe('agent:3')
  })

  test('that were set by kubectl apply go away when the release no longer states them', async () => {
    await using scene = await Scene.open(cluster)
    const byHand = appDeployment({ container: { env: [{ name: 'DEBUG', value: '1' }], workingDir: '/tmp' } })
    await cluster.kubectl(['apply', '--namespace', scene.namespace, '-f', '-'], JSON.stringify(byHand))
    scene.manifests(appDeployment({ image: 'agent:2' }))
    const end = await scene.deploy()
    expect(end).toMatchObject({ status: 0 })
    expect(end.log).toContain('Fields that were set by hand are taken over')
    const [container] = (await scene.deployment()).spec.template.spec.containers
    expect(container).not.toHaveProperty('workingDir')
    expect(JSON.stringify(container!.env)).not.toContain('DEBUG')
  })
})

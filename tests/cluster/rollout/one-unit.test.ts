import { afterAll, describe, expect, test } from '@jest/globals'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { appVersion, deployInputs, writeApp } from './agent-app.ts'
import { appDeployment, configMap, envFrom, Scene } from './scene.ts'
import { wholeRelease } from './whole-release.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

const templates = async (scene: Scene) =>
  Promise.all(['agent-service', 'agent-worker'].map(async (name) => (await scene.deployment(name)).spec.template))

test('three releases that differ in image, config, prompt and model: going back brings all of the first, one write a template', async () => {
  await using scene = await Scene.open(cluster)
  const versions = [1, 2, 3].map(appVersion)
  const deployed: unknown[] = []
  for (const version of versions) {
    writeApp(scene.directory, version)
    expect(await scene.deploy(deployInputs(version))).toMatchObject({ status: 0 })
    deployed.push(await templates(scene))
  }
  const [end, proxy] = await scene.recorded(({ kubeconfig }) => scene.rollback({ to: '1' }, { kubeconfig }))
  expect(end).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back' } })
  expect(await wholeRelease(cluster, scene.namespace, versions)).toBe(0)
  expect(await templates(scene)).toEqual(deployed[0])
  const written = proxy.writes
    .filter(({ resource }) => resource === 'deployments')
    .map(({ verb, name }) => `${verb} ${name}`)
  expect(written.sort()).toEqual(['patch agent-service', 'patch agent-worker'])
  expect(end.log).toContain('image agent-service/agent: agent-service:1.0.3 → agent-service:1.0.1')
  expect(end.log).toContain('model model-3 → model-1')
  expect(end.log).toContain('prompts v20260103000000 → v20260101000000')
  expect(end.log).toContain('config agent-settings/setting changed')
})

describe('a rollback', () => {
  test('of a rollback goes on with the history, and asked for twice does nothing', async () => {
    await using scene = await Scene.open(cluster)
    for (const image of ['agent:1', 'agent:2', 'agent:3']) {
      scene.manifests(appDeployment({ image }))
      await scene.deploy()
    }
    const [r1, r2, r3] = (await scene.records()).map(({ release }) => release.id)
    const first = await scene.rollback()
    expect(first.outputs).toMatchObject({ outcome: 'rolled-back', release: r2, 'previous-release': r3 })
    const [second, proxy] = await scene.recorded(({ kubeconfig }) => scene.rollback({}, { kubeconfig }))
    expect(second).toMatchObject({ status: 0, outputs: { outcome: 'nothing-to-do', release: r2 } })
    expect(proxy.writes.filter(({ resource }) => resource !== 'leases')).toEqual([])
    expect((await scene.rollback({ 'steps-back': '2' })).outputs).toMatchObject({ outcome: 'rolled-back', release: r1 })
    expect((await scene.rollback({ to: r3! })).outputs).toMatchObject({
      outcome: 'rolled-back',
      release: r3,
      'previous-release': r1,
    })
    expect((await scene.records()).map(({ type }) => type)).toEqual([
      'deploy',
      'deploy',
      'deploy',
      'rollback',
      'rollback',
      'rollback',
    ])
  })

  test('takes away a Deployment that the later release added, and brings back one that it removed', async () => {
    await using scene = await Scene.open(cluster)
    scene.manifests(
      appDeployment(),
      appDeployment({ name: 'agent-old', container: envFrom('old') }),
      configMap('old', { data: { a: 'x' } }),
    )
    expect(await scene.deploy()).toMatchObject({ status: 0 })
    scene.manifests(appDeployment({ image: 'agent:2' }), appDeployment({ name: 'agent-new' }))
    expect(await scene.deploy()).toMatchObject({ status: 0 })
    // What is left in the manifests' place is removed by hand, as the guide's kubectl would not either.
    await cluster.api.delete(`${scene.path('deployments')}/agent-old`)
    const end = await scene.rollback()
    expect(end).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back' } })
    expect(end.log).toContain('deployment agent-new is not part of')
    const names = (await cluster.api.list(scene.path('deployments'))).map(({ metadata }) => metadata.name)
    expect(names.sort()).toEqual(['agent-old', 'agent-service'])
    expect((await scene.deployment('agent-old')).status).toMatchObject({ availableReplicas: 1 })
  })

  test('brings binaryData back byte for byte', async () => {
    await using scene = await Scene.open(cluster)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index)).toString('base64')
    const withBytes = (binary: string) =>
      scene.manifests(
        appDeployment({ container: envFrom('model') }),
        configMap('model', { binaryData: { 'vocabulary.bin': binary } }),
      )
    withBytes(bytes)
    await scene.deploy()
    withBytes('AAEC')
    await scene.deploy()
    expect(await scene.rollback()).toMatchObject({ status: 0 })
    const [container] = (await scene.deployment()).spec.template.spec.containers
    const [{ configMapRef }] = container!.envFrom as unknown as [{ configMapRef: { name: string } }]
    expect((await scene.configMaps()).get(configMapRef.name)?.binaryData).toEqual({ 'vocabulary.bin': bytes })
  })
})

test('an app that was deployed by kubectl with a ConfigMap of a fixed name is adopted, and that content comes back', async () => {
  await using scene = await Scene.open(cluster)
  const objects = (content: string, image: string) => [
    appDeployment({ image, replicas: 2, container: envFrom('settings') }),
    configMap('settings', { data: { MODE: content } }),
  ]
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects('old', 'agent:1') })
  const applied = await cluster.kubectl(['apply', '--namespace', scene.namespace, '-f', '-'], list)
  expect(applied.code).toBe(0)
  await cluster.kubectl(['rollout', 'status', 'deployment/agent-service', '--namespace', scene.namespace])
  scene.manifests(...objects('new', 'agent:2'))
  const deployed = await scene.deploy()
  expect(deployed).toMatchObject({ status: 0, outputs: { outcome: 'promoted' } })
  expect(deployed.log).toContain('The present state of agent-service is kept as release')
  await cluster.api.patch(`${scene.path('configmaps')}/settings`, 'merge', { data: { MODE: 'overwritten' } })

  expect(await scene.rollback()).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back' } })
  const [container] = (await scene.deployment()).spec.template.spec.containers
  const [{ configMapRef }] = container!.envFrom as unknown as [{ configMapRef: { name: string } }]
  expect(container!.image).toBe('agent:1')
  expect((await scene.configMaps()).get(configMapRef.name)?.data).toEqual({ MODE: 'old' })
  expect((await scene.records()).map(({ type }) => type)).toEqual(['adopted', 'deploy', 'rollback'])
})

test('a mebibyte of prompts is refused before anything is asked of the cluster', async () => {
  await using scene = await Scene.open(cluster)
  scene.manifests(appDeployment())
  scene.write('prompts/long.md', 'x'.repeat(1_048_576))
  const [end, proxy] = await scene.recorded(({ kubeconfig }) => scene.deploy({ prompts: 'prompts/**' }, { kubeconfig }))
  expect(end.status).toBe(1)
  expect(end.log).toContain('ConfigMap agent-service-prompts has 1025 KiB, of which prompts__long.md has 1025')
  expect(end.log).toContain('agent-ci takes at most 900 KiB of data in one ConfigMap')
  expect(proxy.requests).toEqual([])
})

test('a change of a Service alone is deployed too, although it is no part of the release', async () => {
  await using scene = await Scene.open(cluster)
  const service = (port: number) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'agent-service' },
    spec: { selector: { workload: 'agent-service' }, ports: [{ port, targetPort: 8080 }] },
  })
  scene.manifests(appDeployment(), service(80))
  await scene.deploy()
  scene.manifests(appDeployment({ replicas: 2 }), service(81))
  expect(await scene.deploy()).toMatchObject({ status: 0 })
  expect((await scene.get('services', 'agent-service')).spec).toMatchObject({ ports: [{ port: 81 }] })
  expect((await scene.deployment()).spec.replicas).toBe(2)
})

import type { ReleaseRecord } from '@agent-ci/delivery/releases/history/record'
import { afterAll, expect, test } from '@jest/globals'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { appDeployment, configMap, envFrom, Scene } from './scene.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

const release = (image: string) => [
  appDeployment({ image, container: envFrom('settings') }),
  configMap('settings', { data: { IMAGE: image } }),
]
const nameOf = (sequence: number) => `agent-ci-release-agent-service-${sequence}`

/** Copies a record as if other releases had been deployed since, each with a ConfigMap of its own. */
async function fill(
  scene: Scene,
  of: ReleaseRecord,
  sequences: readonly number[],
  verified: (sequence: number) => boolean,
) {
  const maps = await scene.configMaps()
  const { labels } = maps.get(nameOf(of.sequence))!.metadata
  const [settings] = of.release.config_maps
  for (const sequence of sequences) {
    const name = `settings-${String(sequence).padStart(10, '0')}`
    const copy: ReleaseRecord = {
      ...of,
      sequence,
      rollout: `rollout-${sequence}`,
      verified: verified(sequence),
      end: verified(sequence) ? 'succeeded' : 'rolled-back',
      release: { ...of.release, id: `r-${String(sequence).padStart(10, '0')}`, config_maps: [{ ...settings!, name }] },
    }
    await cluster.api.create(scene.path('configmaps'), {
      ...configMap(name, { data: { IMAGE: String(sequence) }, immutable: true }),
      metadata: { name, labels: maps.get(settings!.name)!.metadata.labels },
    })
    await cluster.api.create(scene.path('configmaps'), {
      ...configMap(nameOf(sequence), { data: { record: JSON.stringify(copy) } }),
      metadata: { name: nameOf(sequence), labels: { ...labels, 'agent-ci.dev/record': String(sequence) } },
    })
  }
}

test('the 51st record drops the oldest failed one with its ConfigMap; the next the oldest verified one; what pods use stays', async () => {
  await using scene = await Scene.open(cluster)
  scene.manifests(...release('agent:1'))
  await scene.deploy()
  const [first] = await scene.records()
  // Record 1 is the oldest verified one, but runs; 20 is the only failed one; all others are verified.
  await fill(
    scene,
    first!,
    Array.from({ length: 49 }, (_, index) => index + 2),
    (sequence) => sequence !== 20,
  )

  scene.manifests(...release('agent:51'))
  expect(await scene.deploy()).toMatchObject({ status: 0 })
  const kept = (await scene.records()).map(({ sequence }) => sequence)
  expect(kept).toEqual(Array.from({ length: 51 }, (_, index) => index + 1).filter((sequence) => sequence !== 20))
  const maps = await scene.configMaps()
  expect(maps.has('settings-0000000020')).toBe(false)
  expect(maps.has('settings-0000000019')).toBe(true)

  scene.manifests(...release('agent:52'))
  expect(await scene.deploy()).toMatchObject({ status: 0 })
  const after = await scene.configMaps()
  const sequences = (await scene.records()).map(({ sequence }) => sequence)
  expect(sequences).toHaveLength(50)
  // Record 1 is in use no more, and is the oldest now: but a ReplicaSet that could be scaled up names its ConfigMap.
  expect(sequences[0]).toBe(2)
  expect(after.has(first!.release.config_maps[0]!.name)).toBe(true)
  expect(after.has('settings-0000000002')).toBe(true)
  expect(await scene.rollback()).toMatchObject({ status: 0 })
})

test('fifty failed deploys do not push out the last good one', async () => {
  await using scene = await Scene.open(cluster)
  scene.manifests(...release('agent:1'))
  await scene.deploy()
  const [good] = await scene.records()
  await fill(
    scene,
    good!,
    Array.from({ length: 49 }, (_, index) => index + 2),
    () => false,
  )
  scene.manifests(...release('agent:invalid-image-name'))
  expect(await scene.deploy()).toMatchObject({ outputs: { outcome: 'rolled-back' } })
  scene.manifests(...release('agent:2'))
  expect(await scene.deploy()).toMatchObject({ status: 0 })
  expect((await scene.records()).filter(({ verified }) => verified).map(({ sequence }) => sequence)).toEqual([1, 52])
  expect(await scene.records()).toHaveLength(50)
  const end = await scene.rollback()
  expect(end).toMatchObject({ status: 0, outputs: { outcome: 'rolled-back', release: good!.release.id } })
})

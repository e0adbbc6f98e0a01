// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables under test are those of manifests

import { buildRelease } from '@agent-ci/delivery/releases/build-release'
import type { ReleaseInputs } from '@agent-ci/delivery/releases/inputs'
import { describe, expect, test } from '@jest/globals'
import { GUIDE } from './guide.ts'

const DIGEST = `@sha256:${'0'.repeat(64)}`
const TWO = `apiVersion: apps/v1
kind: Deployment
metadata: {name: agent-service}
spec:
  template:
    spec:
      initContainers: [{name: migrate, image: "migrate:1"}]
      containers: [{name: agent, image: "agent:1"}, {name: proxy, image: "proxy:1"}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    spec:
      containers: [{name: agent, image: "worker:1"}, {name: queue, image: "queue:1"}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  template:
    spec:
      containers: [{name: queue, image: "store:1"}]
`
const two = (...images: string[]): ReleaseInputs => ({ ...GUIDE, images, manifests: [{ path: 'a.yaml', text: TWO }] })
const BEFORE = {
  'agent-service/migrate': 'migrate:1',
  'agent-service/agent': 'agent:1',
  'agent-service/proxy': 'proxy:1',
  'worker/agent': 'worker:1',
  'worker/queue': 'queue:1',
  'statefulset/store/queue': 'store:1',
}
const imagesOf = async (inputs: ReleaseInputs) => (await buildRelease(inputs)).release.images

describe('the image of a release', () => {
  test.each([`registry.example:5000/team/agent:1.5`, `agent${DIGEST}`, `agent:1.5${DIGEST}`])(
    "%s takes the place of the only container's",
    async (image) => {
      const { release, objects, findings } = await buildRelease({ ...GUIDE, images: [image] })
      expect(release.images).toEqual({ 'agent-service/agent': image })
      expect(objects.deployments[0]).toMatchObject({ spec: { template: { spec: { containers: [{ image }] } } } })
      expect(findings).toEqual([])
    },
  )

  test.each([
    [
      'a container of the app before one of another Deployment',
      ['agent=agent:2'],
      { 'agent-service/agent': 'agent:2' },
    ],
    ['a container that only another Deployment has', ['queue=queue:2'], { 'worker/queue': 'queue:2' }],
    ['one of a Deployment by both names', ['worker/agent=worker:2'], { 'worker/agent': 'worker:2' }],
    [
      'several at once',
      ['agent=a:2', 'migrate=m:2', 'worker/agent=w:2'],
      { 'agent-service/agent': 'a:2', 'agent-service/migrate': 'm:2', 'worker/agent': 'w:2' },
    ],
  ])('is put into %s', async (_, images, changed) => {
    expect(await imagesOf(two(...images))).toEqual({ ...BEFORE, ...changed })
  })

  test('goes to where the manifest has ${IMAGE}', async () => {
    const text = TWO.replace('"agent:1"', '"${IMAGE}"')
    const images = await imagesOf({ ...two('agent:2'), manifests: [{ path: 'a.yaml', text }] })
    expect(images).toEqual({ ...BEFORE, 'agent-service/agent': 'agent:2' })
  })

  test('needs no version where it replaces the variable', async () => {
    const { release, findings } = await buildRelease({ ...GUIDE, version: undefined, images: ['agent-service:7'] })
    expect([release.version, findings]).toEqual(['7', []])
  })

  test('goes to the container that the annotation of kubectl names', async () => {
    const text = TWO.replace(
      '    spec:\n',
      '    metadata: {annotations: {kubectl.kubernetes.io/default-container: proxy}}\n    spec:\n',
    )
    const images = await imagesOf({ ...two('proxy:2'), manifests: [{ path: 'a.yaml', text }] })
    expect(images).toEqual({ ...BEFORE, 'agent-service/proxy': 'proxy:2' })
  })

  test.each([
    ['agent:', 'Expected an image, <container>=<image> or <deployment>/<container>=<image>'],
    ['Agent Service', 'Expected an image, <container>=<image> or <deployment>/<container>=<image>'],
    ['agent=${IMAGE}', 'Expected an image, <container>=<image> or <deployment>/<container>=<image>'],
    [
      'agent:2',
      'a.yaml:8: image is "agent:2", and Deployment agent-service has the containers agent, proxy. An image without a container is that of the only one. Write <container>=agent:2, or image: ${IMAGE} in the manifest.',
    ],
    [
      'none=a:2',
      'image names the container none. No Deployment has it. The containers are agent-service/migrate, agent-service/agent, agent-service/proxy, worker/agent, worker/queue.',
    ],
    ['agent-service/queue=a:2', 'image names the container agent-service/queue. No Deployment has it.'],
  ])('%s is refused', async (image, message) => {
    await expect(buildRelease(two(image))).rejects.toThrow(message)
  })

  test('a container of several other Deployments, and a second image for the same, are refused together', async () => {
    const text = TWO.replace('kind: StatefulSet', 'kind: Deployment')
    const inputs = {
      ...two('queue=a:2', 'agent=a:2', 'agent-service/agent=a:3'),
      manifests: [{ path: 'a.yaml', text }],
    }
    await expect(buildRelease(inputs)).rejects.toThrow(
      expect.objectContaining({
        message: [
          'image names the container queue. worker/queue, store/queue have that name. Write <deployment>/queue=<image>.',
          'image gives agent-service/agent a second image. It has a:2 already. Remove one of them.',
        ].join('\n'),
      }),
    )
  })

  test.each([
    [
      'agent-service:${VERSION}',
      { version: undefined },
      'The image of container agent of Deployment agent-service is "agent-service:${VERSION}". There is no value for VERSION. Give version, or image.',
    ],
    [
      '${REGISTRY}/agent',
      {},
      'The image of container agent of Deployment agent-service is "${REGISTRY}/agent". There is no value for REGISTRY. Give image, or a value for REGISTRY.',
    ],
    [
      'agent-service:${VERSION}',
      { version: '1 2' },
      'The image of container agent of Deployment agent-service is "agent-service:1 2". Expected [registry/]repository[:tag][@sha256:digest]. Write for example registry.example/agent-service:1.4.2.',
    ],
    [
      '""',
      {},
      'The container agent of Deployment agent-service has no image. No pod could start. Write for example image: agent-service:1.4.2.',
    ],
  ])('%s in a manifest is refused where it names none', async (image, change, message) => {
    const text = GUIDE.manifests[0]!.text.replace('agent-service:${VERSION}', image)
    const inputs = { ...GUIDE, ...change, manifests: [{ path: 'a.yaml', text }] }
    await expect(buildRelease(inputs)).rejects.toThrow(expect.objectContaining({ message: `a.yaml:28: ${message}` }))
  })

  test.each([
    ['agent', 'no tag'],
    ['agent:latest', 'the tag latest'],
  ])('%s is a warning: it may be another one when the release is taken back', async (image, has) => {
    const { findings } = await buildRelease({ ...GUIDE, images: [image] })
    expect(findings).toEqual([
      {
        level: 'warning',
        title: 'Release',
        message: `${image} (container agent of Deployment agent-service) has ${has}: what it means changes, so taking this release back may bring another image. Give it a version or a digest`,
        source: { file: 'k8s/production/deployment.yaml', line: 28 },
      },
    ])
  })
})

import { afterAll, expect, test } from '@jest/globals'
import { type DeploymentChoice, deployment } from './deployment.ts'
import { isReady, type Pod } from './pod.ts'
import { sharedControlPlane } from './shared-control-plane.ts'
import type { Delays, Stage } from './stages.ts'
import { until } from './until.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

/** Lets one pod go through `stage`; returns a probe of the pod as it is now. */
const podIn = (stage: Stage, delays: Delays = {}) => podOf({ stage, ...delays })

async function podOf(choice: DeploymentChoice) {
  const namespace = await cluster.namespace()
  await cluster.api.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, deployment(choice))
  const pods = () => cluster.api.list(`/api/v1/namespaces/${namespace}/pods`) as Promise<readonly Pod[]>
  const pod = async (what: string, found: (pod: Pod) => boolean) =>
    until(async () => (await pods()).find((pod) => pod.status.podIP !== undefined && found(pod)), { what })
  return { namespace, pod }
}

test.each<[Stage, string, string]>([
  ['err-image-pull', 'ErrImagePull', 'failed to pull and unpack image "agent:1": not found'],
  ['image-pull-back-off', 'ImagePullBackOff', 'Back-off pulling image "agent:1"'],
  ['invalid-image-name', 'InvalidImageName', 'invalid reference format'],
  ['create-container-config-error', 'CreateContainerConfigError', 'secret "missing" not found'],
])('%s: the container waits with the reason %s', async (stage, reason, message) => {
  const { namespace, pod } = await podIn(stage)
  const { status } = await pod(reason, ({ status }) => status.containerStatuses?.[0]?.state.waiting?.reason === reason)
  expect(status).toMatchObject({
    phase: 'Pending',
    containerStatuses: [
      { ready: false, restartCount: 0, state: { waiting: { message: expect.stringContaining(message) } } },
    ],
  })
  const events = () => cluster.api.list(`/api/v1/namespaces/${namespace}/events`)
  const failed = async () => (await events()).find(({ type, reason }) => type === 'Warning' && reason === 'Failed')
  expect(await until(failed, { what: 'the event of the failure' })).toMatchObject({ involvedObject: { kind: 'Pod' } })
})

test.each<[Stage, string, number]>([
  ['crash-loop-back-off', 'Error', 1],
  ['oom-killed', 'OOMKilled', 137],
])('%s: the container is restarted and ends again, with %s', async (stage, reason, exitCode) => {
  const { pod } = await podIn(stage)
  const { status } = await pod('the second crash', ({ status: { containerStatuses: [container] = [] } }) => {
    return container?.state.waiting?.reason === 'CrashLoopBackOff' && container.restartCount >= 2
  })
  expect(status).toMatchObject({
    phase: 'Running',
    containerStatuses: [{ ready: false, lastState: { terminated: { reason, exitCode } } }],
  })
})

test('never-ready: the container runs and is not ready, and its Deployment does not become available', async () => {
  const { namespace, pod } = await podIn('never-ready')
  const found = await pod(
    'the container to run',
    ({ status }) => status.containerStatuses?.[0]?.state.running !== undefined,
  )
  expect(isReady(found)).toBe(false)
  const status = await cluster.kubectl(['rollout', 'status', 'deployment/agent', '-n', namespace, '--timeout=300ms'])
  expect(status).toMatchObject({ code: 1, stderr: expect.stringContaining('timed out') })
})

test('slow-start: the pod is ready after the delay, not before', async () => {
  const { pod } = await podIn('slow-start', { delay: '1500ms' })
  expect(isReady(await pod('the pod', () => true))).toBe(false)
  const { status } = await pod('the pod to be ready', isReady)
  const ready = status.conditions!.find(({ type }) => type === 'Ready')!
  expect(Date.parse(ready.lastTransitionTime) - Date.parse(status.startTime!)).toBeGreaterThanOrEqual(1000)
})

test('ready-then-failing: the pod is ready, and then no longer', async () => {
  const { pod } = await podIn('ready-then-failing', { delay: '500ms' })
  await pod('the pod to be ready', isReady)
  await pod('the pod not to be ready', (pod) => !isReady(pod))
})

test("the image's tag chooses the stage of a pod that has no label for it", async () => {
  const { pod } = await podOf({ image: 'registry.example/agent:invalid-image-name' })
  const isInvalid = ({ status }: Pod) => status.containerStatuses?.[0]?.state.waiting?.reason === 'InvalidImageName'
  expect(await pod('the invalid image name', isInvalid)).toBeDefined()
})

test('a pod that takes its time to stop gets no traffic while it does', async () => {
  const { namespace, pod } = await podOf({ stopDelay: '500ms' })
  const { metadata } = await pod('the pod to be ready', isReady)
  const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}`
  await cluster.api.delete(path)
  expect(isReady(await cluster.api.get<Pod>(path))).toBe(false)
  const isGone = () =>
    cluster.api.get(path).then(
      () => false,
      (error) => error.status === 404,
    )
  await until(isGone, { what: 'the pod to go' })
})

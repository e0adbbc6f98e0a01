import { formatTrouble, podTroubles } from '@agent-ci/delivery/kubernetes/pod-trouble'
import type { ContainerStatus, Pod } from '@agent-ci/delivery/kubernetes/workload'
import { expect, test } from '@jest/globals'

const status = (state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'agent',
  ready: false,
  restartCount: 0,
  ...(state && { state }),
  ...more,
})
const pod = (statuses: ContainerStatus[], more: Partial<Pod> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a-1' },
  spec: { containers: [] },
  status: { containerStatuses: statuses },
  ...more,
})
const waiting = (reason: string, message = '') => ({ waiting: { reason, message } })
const told = (...pods: Pod[]) => podTroubles(pods).map((trouble) => `${trouble.weight}: ${formatTrouble(trouble)}`)

test.each([
  ['InvalidImageName', 'fatal'],
  ['ErrImageNeverPull', 'fatal'],
  ['ErrImagePull', 'stubborn'],
  ['ImagePullBackOff', 'stubborn'],
  ['CreateContainerConfigError', 'stubborn'],
  ['CreateContainerError', 'stubborn'],
  ['RunContainerError', 'stubborn'],
])('%s is %s', (reason, weight) => {
  expect(told(pod([status(waiting(reason, 'as the kubelet says'))]))).toEqual([
    `${weight}: pod a-1, container agent: ${reason}: as the kubelet says`,
  ])
})

test('a pod that is only starting is in no trouble', () => {
  expect(told(pod([status(waiting('ContainerCreating'))]), pod([status({ running: {} })]))).toEqual([])
})

const crashed = { terminated: { reason: 'Error', exitCode: 137 } }

test('a crash loop is fatal after three restarts, with how the container ended', () => {
  const looping = (restartCount: number) =>
    pod([status(waiting('CrashLoopBackOff'), { restartCount, lastState: crashed })])
  expect(told(looping(1))).toEqual([
    'stubborn: pod a-1, container agent: CrashLoopBackOff: restarted 1 times, last ended with Error (exit code 137)',
  ])
  expect(told(looping(3))).toEqual([
    'fatal: pod a-1, container agent: CrashLoopBackOff: restarted 3 times, last ended with Error (exit code 137)',
  ])
})

test('one that ran out of memory is told although it runs again', () => {
  const lastState = { terminated: { reason: 'OOMKilled', exitCode: 137 } }
  expect(told(pod([status({ running: {} }, { restartCount: 2, lastState })]))).toEqual([
    'stubborn: pod a-1, container agent: OOMKilled: restarted 2 times',
  ])
})

test('init containers count too', () => {
  const statuses = { initContainerStatuses: [status(waiting('ImagePullBackOff'), { name: 'migrate' })] }
  expect(told(pod([], { status: statuses }))).toEqual(['stubborn: pod a-1, container migrate: ImagePullBackOff'])
})

test('a pod without a node says why', () => {
  const conditions = [
    { type: 'PodScheduled', status: 'False' as const, reason: 'Unschedulable', message: '0/3 nodes are available' },
  ]
  expect(told(pod([], { status: { conditions } }))).toEqual([
    'waiting: pod a-1: Unschedulable: 0/3 nodes are available',
  ])
})

test('a pod that is being deleted is left alone', () => {
  const metadata = { name: 'a-1', deletionTimestamp: '2026-01-01T00:00:00Z' }
  expect(told(pod([status(waiting('InvalidImageName'))], { metadata }))).toEqual([])
})

test('the worst comes first', () => {
  const pods = ['ImagePullBackOff', 'InvalidImageName'].map((reason) => pod([status(waiting(reason))]))
  expect(podTroubles(pods).map(({ reason }) => reason)).toEqual(['InvalidImageName', 'ImagePullBackOff'])
})

import { deploymentProgress, replicaFailure } from '@agent-ci/delivery/kubernetes/deployment-progress'
import type { Condition, Deployment, DeploymentSpec, DeploymentStatus } from '@agent-ci/delivery/kubernetes/workload'
import { describe, expect, test } from '@jest/globals'

const deployment = (generation: number, spec: Partial<DeploymentSpec>, status?: DeploymentStatus): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'foo', generation },
  spec: { selector: {}, template: { spec: { containers: [] } }, ...spec },
  ...(status && { status }),
})
const numbers = (
  observedGeneration: number,
  replicas: number,
  updatedReplicas: number,
  availableReplicas: number,
  ...conditions: Condition[]
): DeploymentStatus => ({ observedGeneration, replicas, updatedReplicas, availableReplicas, conditions })
const exceeded: Condition = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }

describe("kubectl's table (rollout_status_test.go)", () => {
  test.each<[string, number, number, DeploymentStatus, string]>([
    ['no pod is new', 0, 1, numbers(1, 1, 0, 1), 'waiting: 0 of 1 pods have the new template'],
    ['an old pod is left', 1, 1, numbers(1, 2, 1, 2), 'waiting: 1 old pods are still ending'],
    ['one new pod is not available', 1, 2, numbers(1, 2, 2, 1), 'waiting: 1 of 2 new pods are available'],
    ['all are new and available', 1, 2, numbers(1, 2, 2, 2), 'complete'],
    [
      'the status is of an older template',
      2,
      2,
      numbers(1, 2, 2, 2),
      'waiting: the controller has not seen the new template yet',
    ],
  ])('%s', (_, generation, replicas, status, expected) => {
    const progress = deploymentProgress(deployment(generation, { replicas }, status))
    expect('why' in progress ? `${progress.state}: ${progress.why}` : progress.state).toBe(expected)
  })

  test('a deadline that was exceeded is a failure, with the time that it had', () => {
    const status = numbers(1, 2, 1, 1, exceeded)
    expect(deploymentProgress(deployment(1, { replicas: 2, progressDeadlineSeconds: 60 }, status))).toEqual({
      state: 'failed',
      why: 'it made no progress for 60 s (ProgressDeadlineExceeded)',
    })
  })

  test('a deadline of an older template is not', () => {
    const status = numbers(1, 2, 1, 1, exceeded)
    expect(deploymentProgress(deployment(2, { replicas: 2 }, status))).toMatchObject({ state: 'waiting' })
  })

  test('no pods wanted and none there is complete at once', () => {
    expect(deploymentProgress(deployment(1, { replicas: 0 }, numbers(1, 0, 0, 0)))).toEqual({ state: 'complete' })
  })
})

test('a paused Deployment is named, for its deadline never strikes', () => {
  const status = numbers(1, 1, 0, 1)
  expect(deploymentProgress(deployment(1, { replicas: 1, paused: true }, status))).toEqual({
    state: 'waiting',
    why: 'the Deployment is paused (spec.paused)',
  })
})

test('a Deployment whose status is not written yet waits for its controller', () => {
  expect(deploymentProgress(deployment(1, { replicas: 1 }))).toMatchObject({ state: 'waiting' })
})

test('one without replicas wants one pod', () => {
  expect(deploymentProgress(deployment(1, {}, numbers(1, 0, 0, 0)))).toEqual({
    state: 'waiting',
    why: '0 of 1 pods have the new template',
  })
})

test('pods that a quota refuses are told, in the words of the controller', () => {
  const failure: Condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'exceeded quota: pods',
  }
  expect(replicaFailure(deployment(1, {}, numbers(1, 0, 0, 0, failure)))).toBe(
    'pods cannot be created: exceeded quota: pods',
  )
  expect(replicaFailure(deployment(1, {}, numbers(1, 0, 0, 0, { ...failure, status: 'False' })))).toBeUndefined()
})

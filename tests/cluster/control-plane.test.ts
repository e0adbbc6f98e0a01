import { createServer } from 'node:http'
import type { KubernetesObject } from '@agent-ci/delivery/kubernetes/object'
import { afterAll, expect, test } from '@jest/globals'
import { ApiClient } from './api-client.ts'
import { deployment } from './deployment.ts'
import { parseKubeconfig } from './kubeconfig.ts'
import type { Pod } from './pod.ts'
import { loopbackAddress } from './pod-address.ts'
import { sharedControlPlane } from './shared-control-plane.ts'
import { until } from './until.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`

async function rolledOut(namespace: string): Promise<void> {
  const status = await cluster.kubectl(['rollout', 'status', 'deployment/agent', '-n', namespace, '--timeout=30s'])
  expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('successfully rolled out') })
}

test('a Deployment becomes available, and its Service leads to the addresses of its pods', async () => {
  const namespace = await cluster.namespace()
  await cluster.api.create(`/api/v1/namespaces/${namespace}/services`, {
    metadata: { name: 'agent' },
    spec: { selector: { app: 'agent' }, ports: [{ port: 80, targetPort: 8080 }] },
  })
  await cluster.api.create(deployments(namespace), deployment({ replicas: 3 }))
  await rolledOut(namespace)

  const pods = (await cluster.api.list(`/api/v1/namespaces/${namespace}/pods`)) as readonly Pod[]
  const addresses = pods.map(({ status }) => status.podIP!).sort()
  expect(new Set(addresses).size).toBe(3)
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`
  type EndpointSlice = KubernetesObject & { endpoints: readonly { addresses: readonly string[] }[] | null }
  const led = async () => {
    const found = (await cluster.api.list(slices)) as readonly EndpointSlice[]
    return found.flatMap(({ endpoints }) => endpoints ?? []).flatMap(({ addresses }) => addresses)
  }
  await until(async () => (await led()).length === 3, { what: 'three endpoints' })
  expect((await led()).toSorted()).toEqual(addresses)
})

test('pods cannot have loopback addresses, but each has one of its own at which a test can play it', async () => {
  const namespace = await cluster.namespace()
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'agent' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['127.64.0.1'] }],
  }
  await expect(
    cluster.api.create(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, slice),
  ).rejects.toMatchObject({ status: 422, message: expect.stringContaining('may not be in the loopback range') })

  await cluster.api.create(deployments(namespace), deployment({}))
  await rolledOut(namespace)
  const [pod] = (await cluster.api.list(`/api/v1/namespaces/${namespace}/pods`)) as readonly Pod[]
  const address = loopbackAddress(pod!.status.podIP!)
  const server = createServer((_, response) => response.end('I am the pod'))
  await new Promise<void>((resolve) => server.listen(8080, address, resolve))
  try {
    const answer = await fetch(`http://${address}:8080/health`, { headers: { connection: 'close' } })
    expect(await answer.text()).toBe('I am the pod')
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})

test('kubectl rollout undo takes a Deployment back to what it was', async () => {
  const namespace = await cluster.namespace()
  await cluster.api.create(deployments(namespace), deployment({ replicas: 2, image: 'agent:1' }))
  await rolledOut(namespace)
  await cluster.kubectl(['set', 'image', 'deployment/agent', 'agent=agent:2', '-n', namespace])
  await rolledOut(namespace)
  const undo = await cluster.kubectl(['rollout', 'undo', 'deployment/agent', '-n', namespace])
  expect(undo).toMatchObject({ code: 0, stdout: 'deployment.apps/agent rolled back\n' })
  await rolledOut(namespace)

  const image = 'jsonpath={.items[*].spec.containers[*].image}'
  const gone = async () =>
    (await cluster.kubectl(['get', 'pods', '-n', namespace, '-o', image])).stdout === 'agent:1 agent:1'
  await until(gone, { what: 'only pods of the first image' })
})

test('a failing rollout is reported as the deployment controller does', async () => {
  const namespace = await cluster.namespace()
  const failing = deployment({ replicas: 2, stage: 'image-pull-back-off' })
  const impatient = { ...failing, spec: { ...failing.spec, progressDeadlineSeconds: 1 } }
  await cluster.api.create(deployments(namespace), impatient)
  const status = await cluster.kubectl(['rollout', 'status', 'deployment/agent', '-n', namespace, '--timeout=30s'])
  expect(status).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('deployment "agent" exceeded its progress deadline'),
  })
})

test('a quota keeps pods from being created', async () => {
  const namespace = await cluster.namespace()
  const quota = { metadata: { name: 'pods' }, spec: { hard: { pods: '1' } } }
  await cluster.api.create(`/api/v1/namespaces/${namespace}/resourcequotas`, quota)
  await cluster.api.create(deployments(namespace), deployment({ replicas: 2 }))
  const reason = `jsonpath={.status.conditions[?(@.type=="ReplicaFailure")].message}`
  const message = async () => (await cluster.kubectl(['get', 'deployment/agent', '-n', namespace, '-o', reason])).stdout
  await until(async () => /exceeded quota: pods/.test(await message()), { what: 'the quota to be exceeded' })
})

test('a service account may do what its Role says and gets 403 for the rest', async () => {
  const namespace = await cluster.namespace()
  const rules = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'create'] }]
  const limited = new ApiClient(parseKubeconfig(await cluster.serviceAccountKubeconfig(namespace, 'deployer', rules)))
  try {
    await limited.create(deployments(namespace), deployment({}))
    expect(await limited.list(deployments(namespace))).toHaveLength(1)
    await expect(limited.delete(`${deployments(namespace)}/agent`)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('cannot delete resource'),
    })
    await expect(limited.list('/apis/apps/v1/namespaces/default/deployments')).rejects.toMatchObject({ status: 403 })
  } finally {
    limited.close()
  }
})

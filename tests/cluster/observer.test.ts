import { afterAll, expect, test } from '@jest/globals'
import { installCrds } from './crds.ts'
import { deployment } from './deployment.ts'
import { endpointReadiness, observe, readyPods, routeWeights, type Snapshot } from './observer.ts'
import { sharedControlPlane } from './shared-control-plane.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`

test('sees every change of a rollout, and never fewer ready pods than its strategy allows', async () => {
  const namespace = await cluster.namespace()
  await cluster.api.create(deployments(namespace), deployment({ replicas: 3 }))
  await cluster.kubectl(['rollout', 'status', 'deployment/agent', '-n', namespace])

  const observer = await observe(cluster.api, namespace)
  const next = deployment({ image: 'agent:2', stage: 'slow-start', delay: '100ms' }).spec.template
  await cluster.api.patch(`${deployments(namespace)}/agent`, 'merge', { spec: { template: next } })
  await cluster.kubectl(['rollout', 'status', 'deployment/agent', '-n', namespace])
  await observer.stop()

  const counts = observer.snapshots.map((snapshot) => readyPods(snapshot, { app: 'agent' }).length)
  expect(counts[0]).toBe(3)
  expect(new Set(counts)).toEqual(new Set([3, 4]))
  const added = observer.snapshots.filter(({ change }) => change?.resource === 'pods' && change.type === 'ADDED')
  expect(added).toHaveLength(3)
})

test('names the changes after which an invariant did not hold', async () => {
  const namespace = await cluster.namespace()
  await cluster.api.create(deployments(namespace), deployment({ replicas: 2 }))
  await cluster.kubectl(['rollout', 'status', 'deployment/agent', '-n', namespace])

  const observer = await observe(cluster.api, namespace)
  await cluster.kubectl(['scale', 'deployment/agent', '--replicas=1', '-n', namespace])
  await observer.until('a pod to go', (snapshot) => readyPods(snapshot, { app: 'agent' }).length === 1)
  await cluster.kubectl(['scale', 'deployment/agent', '--replicas=2', '-n', namespace])
  await observer.until('a pod to come', ({ change }) => change?.resource === 'pods' && change.type === 'ADDED')
  await observer.stop()

  const violations = observer.violations((snapshot) => {
    const ready = readyPods(snapshot, { app: 'agent' }).length
    return ready < 2 ? `${ready} of 2 pods are ready` : undefined
  })
  expect(violations[0]).toMatch(/^after MODIFIED pods\/agent-\S+: 1 of 2 pods are ready$/)
  expect(observer.violations(() => undefined)).toEqual([])
})

test('sees the addresses that traffic goes to come and go', async () => {
  const namespace = await cluster.namespace()
  const observer = await observe(cluster.api, namespace)
  await cluster.api.create(`/api/v1/namespaces/${namespace}/services`, {
    metadata: { name: 'agent' },
    spec: { selector: { app: 'agent' }, ports: [{ port: 80, targetPort: 8080 }] },
  })
  await cluster.api.create(deployments(namespace), deployment({ stage: 'ready-then-failing', delay: '200ms' }))
  const readiness = (snapshot: Snapshot) => [...endpointReadiness(snapshot).values()]
  await observer.until('a ready endpoint', (snapshot) => readiness(snapshot).includes(true))
  await observer.until('the endpoint not to be ready', (snapshot) => readiness(snapshot).includes(false))
  await cluster.api.patch(`${deployments(namespace)}/agent`, 'merge', { spec: { replicas: 0 } })
  // The latest: there was none at first, either.
  await observer.until('no endpoint', () => readiness(observer.latest).length === 0)
  await observer.stop()

  const seen = observer.snapshots.map((snapshot) => readiness(snapshot).join())
  expect(seen.filter((state, index) => state !== seen[index - 1])).toEqual(['', 'true', 'false', ''])
})

test("sees a route's weights change", async () => {
  await installCrds(cluster, 'gateway-api')
  const namespace = await cluster.namespace()
  const observer = await observe(cluster.api, namespace, { httproutes: 'apis/gateway.networking.k8s.io/v1' })
  const routes = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`
  const backend = (name: string, weight: number) => ({ name, port: 80, weight })
  await cluster.api.create(routes, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'agent' },
    spec: { rules: [{ backendRefs: [backend('stable', 100), backend('canary', 0)] }] },
  })
  await cluster.api.patch(`${routes}/agent`, 'json', [
    { op: 'replace', path: '/spec/rules/0/backendRefs/0/weight', value: 75 },
    { op: 'replace', path: '/spec/rules/0/backendRefs/1/weight', value: 25 },
  ])
  await observer.stop()

  const weights = observer.snapshots.map((snapshot) => Object.fromEntries(routeWeights(snapshot, 'agent')))
  expect(weights).toEqual([{}, { stable: 100, canary: 0 }, { stable: 75, canary: 25 }])
})

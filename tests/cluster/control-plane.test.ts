import { afterAll, expect, test } from '@jest/globals'
import { deployment } from './deployment.ts'
import { sharedControlPlane } from './shared-control-plane.ts'

const cluster = sharedControlPlane()
afterAll(() => cluster.api.close())

test('a Deployment becomes available, with pods on nodes and its Service leading to them', async () => {
  const namespace = await cluster.namespace()
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'agent' },
    spec: { selector: { app: 'agent' }, ports: [{ port: 80, targetPort: 8080 }] },
  }
  await cluster.api.create(`/api/v1/namespaces/${namespace}/services`, service)
  await cluster.api.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, deployment({ replicas: 3 }))
  const status = await cluster.kubectl(['rollout', 'status', 'deployment/agent', '-n', namespace])
  expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('successfully rolled out') })

  const pods = await cluster.api.list(`/api/v1/namespaces/${namespace}/pods`)
  expect(pods).toHaveLength(3)
})

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ApiClient, ApiError } from './api-client.ts'
import type { Fault, Refusal } from './api-fault.ts'
import { type ApiProxy, type Moment, startApiProxy } from './api-proxy.ts'
import { deployment } from './deployment.ts'
import { parseKubeconfig } from './kubeconfig.ts'
import { runKubectl } from './kubectl.ts'
import { sharedControlPlane } from './shared-control-plane.ts'
import { until } from './until.ts'

const cluster = sharedControlPlane()
let proxy: ApiProxy
let client: ApiClient
let directory: string
let kubeconfigPath: string

beforeAll(async () => {
  proxy = await startApiProxy(cluster.kubeconfig, cluster.serving)
  client = new ApiClient(parseKubeconfig(proxy.kubeconfig))
  directory = await mkdtemp(join(tmpdir(), 'agent-ci-proxy-'))
  kubeconfigPath = join(directory, 'kubeconfig')
  writeFileSync(kubeconfigPath, proxy.kubeconfig)
})
afterEach(() => proxy.reset())
afterAll(async () => {
  await rm(directory, { recursive: true })
  client.close()
  await proxy.stop()
  cluster.api.close()
})

const configMaps = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: name } })

async function namesIn(namespace: string): Promise<readonly string[]> {
  const found = await cluster.api.list(configMaps(namespace))
  return found.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt')
}

test('kubectl works through it, watches included, and every request is recorded', async () => {
  const namespace = await cluster.namespace()
  const kubectl = (args: readonly string[], input = '') =>
    runKubectl(cluster.address.kubectlPath, kubeconfigPath, [...args, '-n', namespace], input)
  const apply = await kubectl(['apply', '-f', '-'], JSON.stringify(deployment({ stage: 'slow-start', delay: '500ms' })))
  expect(apply).toMatchObject({ code: 0, stdout: 'deployment.apps/agent created\n' })
  expect(await kubectl(['rollout', 'status', 'deployment/agent'])).toMatchObject({ code: 0 })

  expect(proxy.writes).toEqual([
    expect.objectContaining({
      write: 1,
      verb: 'create',
      method: 'POST',
      group: 'apps',
      resource: 'deployments',
      namespace,
      contentType: 'application/json',
      body: expect.objectContaining({ kind: 'Deployment' }),
      status: 201,
    }),
  ])
  const verbs = proxy.requests.filter(({ resource }) => resource === 'deployments').map(({ verb }) => verb)
  expect(verbs).toEqual(expect.arrayContaining(['get', 'create', 'watch']))
})

test('questions and dry runs are requests, not writes', async () => {
  const namespace = await cluster.namespace()
  await client.create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    spec: { resourceAttributes: { namespace, verb: 'get', resource: 'pods' } },
  })
  await client.create(`${configMaps(namespace)}?dryRun=All`, configMap('a'))
  await client.create(configMaps(namespace), configMap('b'))
  expect(proxy.requests.map(({ number, write }) => [number, write])).toEqual([
    [1, undefined],
    [2, undefined],
    [3, 1],
  ])
})

/** Creates ConfigMaps one, two and three with `go`, whatever becomes of each; returns what did not succeed. */
async function createThree(namespace: string): Promise<readonly { name: string; error: unknown }[]> {
  const failures: { name: string; error: unknown }[] = []
  for (const name of ['one', 'two', 'three']) {
    await client.create(configMaps(namespace), configMap(name)).catch((error) => failures.push({ name, error }))
  }
  return failures
}

test.each<[Refusal, number, string]>([
  ['conflict', 409, 'Conflict'],
  ['too-many-requests', 429, 'TooManyRequests'],
  ['server-error', 500, 'InternalError'],
  ['unavailable', 503, 'ServiceUnavailable'],
  ['unauthorized', 401, 'Unauthorized'],
  ['forbidden', 403, 'Forbidden'],
])('refuses the second write with %s and lets the others through', async (fault, code, reason) => {
  const namespace = await cluster.namespace()
  proxy.fail({ write: 2 }, fault)
  const [failure, ...others] = await createThree(namespace)
  expect(others).toEqual([])
  expect(failure).toMatchObject({ name: 'two', error: expect.any(ApiError) })
  expect((failure!.error as ApiError).body).toMatchObject({ kind: 'Status', status: 'Failure', reason, code })
  expect(await namesIn(namespace)).toEqual(['one', 'three'])
  expect(proxy.writes.map(({ status }) => status)).toEqual([201, code, 201])
})

test('reset-before: the client sees a broken connection and nothing was written', async () => {
  const namespace = await cluster.namespace()
  proxy.fail({ write: 2 }, 'reset-before')
  const failures = await createThree(namespace)
  expect(failures).toEqual([{ name: 'two', error: expect.objectContaining({ message: 'read ECONNRESET' }) }])
  expect(await namesIn(namespace)).toEqual(['one', 'three'])
})

test('reset-after: the client sees a broken connection although it was written', async () => {
  const namespace = await cluster.namespace()
  proxy.fail({ write: 2 }, 'reset-after')
  const failures = await createThree(namespace)
  expect(failures).toEqual([{ name: 'two', error: expect.objectContaining({ message: 'read ECONNRESET' }) }])
  expect(await namesIn(namespace)).toEqual(['one', 'three', 'two'])
})

test.each<[Fault, readonly string[]]>([
  ['hang-before', ['two']],
  ['hang-after', ['one', 'two']],
])('%s: the client is not answered, and written is %j', async (fault, written) => {
  const namespace = await cluster.namespace()
  proxy.fail({ write: 1 }, fault)
  let answered = false
  const abandoned = new AbortController()
  const hanging = client
    .create(configMaps(namespace), configMap('one'), abandoned.signal)
    .finally(() => {
      answered = true
    })
    .catch((error) => error)
  await until(() => proxy.writes.length === 1, { what: 'the write to arrive' })
  await client.create(configMaps(namespace), configMap('two'))
  await until(async () => (await namesIn(namespace)).length === written.length, { what: 'the writes' })
  expect(answered).toBe(false)
  abandoned.abort()
  expect(await hanging).toMatchObject({ name: 'AbortError' })
  expect(await namesIn(namespace)).toEqual(written)
})

test('a fault can be for the requests that a test describes, as often as they come', async () => {
  const namespace = await cluster.namespace()
  proxy.fail({ where: ({ body }) => JSON.stringify(body).includes('two') }, 'conflict')
  await createThree(namespace)
  await createThree(namespace)
  expect(proxy.writes.map(({ status }) => status)).toEqual([201, 409, 201, 409, 409, 409])
  expect(await namesIn(namespace)).toEqual(['one', 'three'])
})

test.each<[Moment, readonly string[]]>([
  ['before', []],
  ['applied', ['one']],
])('a client can be killed by its write, %s', async (moment, written) => {
  const namespace = await cluster.namespace()
  proxy.at({ write: 1 }, moment, () => {
    kubectl.kill('SIGKILL')
    return 'drop'
  })
  const args = ['create', 'configmap', 'one', '-n', namespace, '--kubeconfig', kubeconfigPath]
  const kubectl = spawn(cluster.address.kubectlPath, args, { env: { HOME: directory }, stdio: 'ignore' })
  const signal = await new Promise((resolve) => kubectl.once('exit', (_, signal) => resolve(signal)))
  expect(signal).toBe('SIGKILL')
  expect(await namesIn(namespace)).toEqual(written)
})

test('something can be done when the client has been answered', async () => {
  const namespace = await cluster.namespace()
  const { promise: answered, resolve } = Promise.withResolvers<number | undefined>()
  proxy.at({ request: 1 }, 'answered', ({ status }) => {
    resolve(status)
    return undefined
  })
  await client.create(configMaps(namespace), configMap('one'))
  expect(await answered).toBe(201)
})

test('a service account goes through with its own token, and is refused what its Role leaves out', async () => {
  const namespace = await cluster.namespace()
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }]
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, 'reader', rules)
  const readersProxy = await startApiProxy(kubeconfig, cluster.serving)
  const reader = new ApiClient(parseKubeconfig(readersProxy.kubeconfig))
  try {
    expect(await reader.list(configMaps(namespace))).toEqual(expect.any(Array))
    const refused = reader.create(configMaps(namespace), configMap('one'))
    await expect(refused).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining(`system:serviceaccount:${namespace}:reader`),
    })
  } finally {
    reader.close()
    await readersProxy.stop()
  }
})

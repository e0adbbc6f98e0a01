import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { formatKubeconfig, parseKubeconfig } from '../kubeconfig.ts'
import { sharedControlPlane } from '../shared-control-plane.ts'
import { appDeployment, Scene, type SceneEnd } from './scene.ts'

const cluster = sharedControlPlane()
let scene: Scene
/** A token that may do everything in the namespace. */
let token: string
/** Every end, to look through for secrets. */
const ends: SceneEnd[] = []

beforeAll(async () => {
  scene = await Scene.open(cluster)
  const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
  const kubeconfig = await cluster.serviceAccountKubeconfig(scene.namespace, 'ci', everything)
  token = (parseKubeconfig(kubeconfig).credentials as { token: string }).token
  scene.manifests(appDeployment())
  ends.push(await scene.deploy())
})
afterAll(async () => {
  await scene[Symbol.asyncDispose]()
  cluster.api.close()
})

const list = async (run: Parameters<Scene['rollback']>[1] = {}, inputs: Record<string, string> = {}) => {
  const end = await scene.rollback({ mode: 'list', ...inputs }, run)
  ends.push(end)
  return end
}

/** A kubeconfig for a user of the API server that proves itself in some other way than a token in the file. */
const kubeconfigOf = (user: object, server = cluster.url) => {
  const { authority } = parseKubeconfig(cluster.kubeconfig)
  const file = JSON.parse(formatKubeconfig({ url: server, authority, user: 'ci', credentials: { token: '' } })) as {
    users: { user: object }[]
  }
  file.users[0]!.user = user
  return JSON.stringify(file, null, 2)
}

/** An exec plugin that gives the next of some answers each time, and how often it was asked. */
function plugin(name: string, answers: readonly (readonly [token: string, expires: string])[]) {
  const directory = join(scene.directory, name)
  mkdirSync(directory)
  const count = join(directory, 'count')
  writeFileSync(count, '0')
  const script = join(directory, 'plugin.mjs')
  writeFileSync(
    script,
    `import { readFileSync, writeFileSync } from 'node:fs'
const asked = Number(readFileSync(${JSON.stringify(count)}, 'utf8'))
writeFileSync(${JSON.stringify(count)}, String(asked + 1))
const answers = ${JSON.stringify(answers)}
const [token, expirationTimestamp] = answers[Math.min(asked, answers.length - 1)]
console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token, expirationTimestamp } }))
`,
  )
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [script],
    interactiveMode: 'Never',
  }
  return { kubeconfig: kubeconfigOf({ exec }), asked: () => Number(readFileSync(count, 'utf8')) }
}

const LATER = '2099-01-01T00:00:00Z'
const REFUSED = 'refused-by-the-server-0123456789'

describe('a kubeconfig', () => {
  test('comes as the text of the input, as a path, or by KUBECONFIG', async () => {
    const text = kubeconfigOf({ token })
    scene.write('kube/config.yaml', text)
    expect(await list({ kubeconfig: 'not used' }, { kubeconfig: text })).toMatchObject({ status: 0 })
    expect(await list({ kubeconfig: 'not used' }, { kubeconfig: 'kube/config.yaml' })).toMatchObject({ status: 0 })
    expect(await list({ kubeconfig: text })).toMatchObject({ status: 0 })
  })

  test('with a client certificate works as one with a token', async () => {
    expect(await list({ kubeconfig: cluster.kubeconfig })).toMatchObject({ status: 0 })
  })

  test('that the server refuses says so in the words of the server, and is no defect of ours', async () => {
    const end = await list({ kubeconfig: kubeconfigOf({ token: REFUSED }) })
    expect(end.status).toBe(1)
    expect(end.log).toContain('was answered with 401: Unauthorized')
    expect(end.log).not.toContain('defect')
  })

  test('of a server that is not there says so, and is no defect of ours', async () => {
    const end = await list({ kubeconfig: kubeconfigOf({ token }, 'https://127.0.0.1:1') })
    expect(end.status).toBe(1)
    expect(end.log).toContain('got no answer: connect ECONNREFUSED 127.0.0.1:1')
    expect(end.log).not.toContain('defect')
  })
})

describe('a program that gives tokens (exec)', () => {
  test('is asked once for many requests', async () => {
    const { kubeconfig, asked } = plugin('once', [[token, LATER]])
    const end = await scene.rollback({ mode: 'drill' }, { kubeconfig })
    ends.push(end)
    expect(end.log).toContain('Nothing to go back to'.slice(1))
    expect(asked()).toBe(1)
  })

  test('is asked again when the server refuses its token, although that has not run out', async () => {
    const { kubeconfig, asked } = plugin('refused', [
      [REFUSED, LATER],
      [token, LATER],
    ])
    scene.manifests(appDeployment({ image: 'agent:2' }))
    const end = await scene.deploy({}, { kubeconfig })
    ends.push(end)
    expect(end).toMatchObject({ status: 0, outputs: { outcome: 'promoted' } })
    expect(asked()).toBe(2)
  })

  test('that fails is named with what it said', async () => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: '/bin/sh',
      args: ['-c', 'echo "log in first: aws sso login" >&2; exit 3'],
      interactiveMode: 'Never',
    }
    const end = await list({ kubeconfig: kubeconfigOf({ exec }) })
    expect(end.status).toBe(1)
    expect(end.log).toMatch(/The credentials for 127\.0\.0\.1:\d+ could not be loaded: log in first: aws sso login/)
  })
})

test.each<[string, (tokenFile: string) => object]>([
  ["as a cluster's pods have it", (tokenFile) => ({ 'auth-provider': { name: 'tokenFile', config: { tokenFile } } })],
  ['as a kubeconfig names it', (tokenFile) => ({ tokenFile })],
])('a token file, %s, is read again when its token is refused', async (_, userOf) => {
  const tokenFile = join(scene.directory, 'token')
  writeFileSync(tokenFile, REFUSED)
  const user = userOf(tokenFile)
  const kubeconfig = kubeconfigOf(user)
  const [end] = await scene.recorded((proxy) => {
    // The kubelet writes a new token between two requests.
    proxy.at({ request: 1 }, 'before', () => {
      writeFileSync(tokenFile, token)
      return undefined
    })
    return list({ kubeconfig: kubeconfigOf(user, proxy.url) })
  }, kubeconfigOf({ token }))
  expect(kubeconfig).not.toContain(token)
  expect(end).toMatchObject({ status: 0 })
})

describe('an HTTPS proxy', () => {
  let proxy: Server
  let asked: IncomingMessage[]
  beforeAll(async () => {
    asked = []
    proxy = createServer()
    proxy.on('connect', (request, socket) => {
      asked.push(request)
      const [host, port] = request.url!.split(':')
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      for (const end of [upstream, socket]) end.on('error', () => upstream.destroy())
    })
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening))
  })
  afterAll(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  const address = (user = '') => `http://${user}127.0.0.1:${(proxy.address() as AddressInfo).port}`

  test('carries a deploy, and is told who we are', async () => {
    asked = []
    scene.manifests(appDeployment({ image: 'agent:3' }))
    const end = await scene.deploy({}, { env: { HTTPS_PROXY: address('ci:proxy-password@') } })
    ends.push(end)
    expect(end).toMatchObject({ status: 0, outputs: { outcome: 'promoted' } })
    expect(asked.length).toBeGreaterThan(0)
    expect(asked[0]!.url).toBe(new URL(cluster.url).host)
    const authorization = asked[0]!.headers['proxy-authorization']
    expect(authorization).toBe(`Basic ${Buffer.from('ci:proxy-password').toString('base64')}`)
  })

  test('is left out for the hosts of NO_PROXY', async () => {
    asked = []
    expect(await list({ env: { HTTPS_PROXY: address(), NO_PROXY: '127.0.0.1' } })).toMatchObject({ status: 0 })
    expect(asked).toEqual([])
  })
})

test('no token, key, certificate or password was in any log, output or summary of these runs', () => {
  const { credentials } = parseKubeconfig(cluster.kubeconfig) as { credentials: { certificate: string; key: string } }
  const secrets = [token, REFUSED, 'proxy-password', credentials.key, credentials.certificate].flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64'),
    // A part is enough to be too much.
    secret.slice(30, 70) || secret,
  ])
  expect(ends.length).toBeGreaterThan(10)
  const said = ends.flatMap(({ log, outputs, summary }, run) =>
    secrets.flatMap((secret, kind) => {
      const at = `${log}${JSON.stringify(outputs)}${summary}`.indexOf(secret)
      const before = `${log}${JSON.stringify(outputs)}${summary}`.slice(Math.max(0, at - 200), at)
      return at < 0 ? [] : [{ run, kind, length: secret.length, before }]
    }),
  )
  expect(said).toEqual([])
})

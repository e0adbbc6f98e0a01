import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ask, message, textOf } from './ask.ts'
import { Workplace } from './gateway.ts'
import { Provider } from './provider/provider.ts'

const workplace = new Workplace()
let provider: Provider
const closers: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  provider = await Provider.start()
})

afterEach(async () => {
  await workplace.clear()
  await provider.stop()
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

/** A real proxy: CONNECT tunnels, and plain requests in absolute form. Every host name leads to one port. */
async function startProxy(port: number, authorization?: string) {
  const seen: string[] = []
  const sockets = new Set<Duplex>()
  const allowed = (incoming: IncomingMessage) => {
    seen.push(`${incoming.method} ${incoming.url}`)
    return authorization === undefined || incoming.headers['proxy-authorization'] === authorization
  }
  const server = createServer((incoming, response) => {
    if (!allowed(incoming)) return void response.writeHead(407).end()
    const { pathname, search } = new URL(incoming.url ?? '')
    const outgoing = request(
      { port, host: '127.0.0.1', method: incoming.method, path: `${pathname}${search}`, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    incoming.pipe(outgoing)
  })
  server.on('connect', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    sockets.add(client)
    if (!allowed(incoming)) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.write(head)
      target.pipe(client)
      client.pipe(target)
    })
    for (const socket of [client, target]) socket.on('error', () => {})
    client.on('close', () => target.destroy())
  })
  const proxyPort = await listen(server)
  closers.push(async () => {
    for (const socket of sockets) socket.destroy()
  })
  return { url: `127.0.0.1:${proxyPort}`, seen }
}

/** The provider behind TLS, under the name api.test. */
async function startSecureProvider(): Promise<{ port: number; ca: string }> {
  const directory = workplace.directory()
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory, name)) as [string, string]
  const subject = ['-subj', '/CN=api.test', '-addext', 'subjectAltName=DNS:api.test']
  const options = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ]
  execFileSync('openssl', options, { stdio: 'ignore' })
  const upstream = new URL(provider.url)
  const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (incoming, response) => {
    const { method, url, headers } = incoming
    const outgoing = request({ host: upstream.hostname, port: upstream.port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(outgoing)
  })
  return { port: await listen(server), ca: readFileSync(cert, 'utf8') }
}

describe('a proxy', () => {
  test('tunnels to https providers, with its user, over connections that are kept', async () => {
    const { port, ca } = await startSecureProvider()
    const proxy = await startProxy(port, `Basic ${Buffer.from('me:secret').toString('base64')}`)
    const upstreams = { anthropic: 'https://api.test' }
    const env = { HTTPS_PROXY: `http://me:secret@${proxy.url}` }
    const gateway = await workplace.start({ mode: 'live', upstreams, env, ca })
    const url = `${gateway.baseUrls().anthropic}/v1/messages`
    expect(textOf(await ask(url, message('Hello')))).toBe('Answer 1 to: Hello')
    expect((await ask(url, message('Hello', { stream: true }))).body).toContain('message_stop')
    expect(proxy.seen).toEqual(['CONNECT api.test:443'])
    expect(provider.received[0]?.headers).toMatchObject({ host: 'api.test', 'x-api-key': 'agent-key' })
    expect(provider.received[0]?.headers['proxy-authorization']).toBeUndefined()
  })

  test('gets plain requests in absolute form', async () => {
    const proxy = await startProxy(Number(new URL(provider.url).port))
    const upstreams = { anthropic: 'http://api.test/v1' }
    const gateway = await workplace.start({ mode: 'live', upstreams, env: { http_proxy: proxy.url } })
    const answer = await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message('Hello'))
    expect(proxy.seen).toEqual(['POST http://api.test/v1/messages'])
    expect(answer.status).toBe(200)
    expect(provider.received[0]?.headers.host).toBe('api.test')
  })

  test('is left out for the hosts of NO_PROXY', async () => {
    const proxy = await startProxy(1)
    const env = { HTTP_PROXY: `http://${proxy.url}`, NO_PROXY: 'localhost,127.0.0.1' }
    const gateway = await workplace.start({ mode: 'live', upstreams: { anthropic: provider.url }, env })
    expect((await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message('Hello'))).status).toBe(200)
    expect(proxy.seen).toEqual([])
  })

  test('that refuses is named in the error', async () => {
    const { port, ca } = await startSecureProvider()
    const proxy = await startProxy(port, 'Basic nobody')
    const upstreams = { anthropic: 'https://api.test' }
    const gateway = await workplace.start({ mode: 'live', upstreams, env: { https_proxy: proxy.url }, ca })
    const answer = await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message('Hello'))
    expect(answer.status).toBe(502)
    expect(JSON.parse(answer.body).error.message).toContain(
      `the proxy ${proxy.url} refused the connection to api.test:443: HTTP 407`,
    )
  })

  test('does not make a certificate good that is not', async () => {
    const { port } = await startSecureProvider()
    const proxy = await startProxy(port)
    const options = {
      mode: 'live' as const,
      upstreams: { anthropic: 'https://api.test' },
      env: { https_proxy: proxy.url },
    }
    const gateway = await workplace.start({ ...options, retries: { most: 0, longestWaitMs: 0 } })
    const answer = await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message('Hello'))
    expect(answer.status).toBe(502)
    expect(JSON.parse(answer.body).error.message).toContain('self-signed certificate')
  })
})

import type { Socket } from 'node:net'
import type { Agent } from '@agent-ci/core/agent'
import { httpAgent } from '@agent-ci/evaluation/agents/http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { configOf, depsWith, requestFor, serveHttp, serveTcp, until } from './fixtures.ts'

let closing: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(closing.map((each) => each.close()))
  closing = []
})

function agentAt(url: string): Agent {
  const agent = httpAgent(configOf('http', { url }), depsWith())
  closing.unshift(agent)
  return agent
}

/** Calls `onRequest` for each request on each connection of a server of bare bytes. */
async function wire(onRequest: (socket: Socket, request: number, connection: number) => void): Promise<string> {
  const serving = await serveTcp((socket, connection) => {
    let requests = 0
    socket.on('data', (chunk) => {
      if (chunk.includes('POST ')) onRequest(socket, requests++, connection)
    })
  })
  closing.push(serving)
  return serving.url
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"output":"x"}'
const network = { of: 'infrastructure', kind: 'network', retryable: true }

describe('a connection that breaks', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['is reset before the answer', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
    ['is closed before the answer', (socket) => socket.end(), 'ECONNRESET'],
    [
      'is reset within the headers',
      (socket) => socket.write('HTTP/1.1 200 O', () => socket.resetAndDestroy()),
      'ECONNRESET',
    ],
    [
      'is reset within the body',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"out', () => socket.resetAndDestroy()),
      'ECONNRESET',
    ],
    [
      'is closed within the body',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"output":"x"}'),
      'ECONNRESET',
    ],
    [
      'is closed within a chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"output":"x"}'),
      'ECONNRESET',
    ],
  ])('%s is the network', async (_, onRequest, code) => {
    const { failure } = await agentAt(await wire(onRequest)).run(requestFor('x'))
    expect(failure).toMatchObject({ ...network, message: expect.stringContaining(code) })
  })

  test('is never made: nobody listens', async () => {
    const gone = await serveTcp(() => {})
    await gone.close()
    for (const url of [gone.url, gone.url.replace('127.0.0.1', 'localhost')]) {
      const { failure } = await agentAt(url).run(requestFor('x'))
      expect(failure).toMatchObject({ ...network, message: expect.stringContaining('ECONNREFUSED') })
    }
  })

  test('is never made: the name does not exist', async () => {
    const { failure } = await agentAt('http://agent.invalid').run(requestFor('x'))
    expect(failure).toMatchObject({ ...network, message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) })
  })

  test('is never made: the other side does not speak TLS', async () => {
    const plain = await serveTcp((socket) => socket.once('data', () => socket.end(OK)))
    closing.push(plain)
    const { failure } = await agentAt(plain.url.replace('http:', 'https:')).run(requestFor('x'))
    expect(failure).toMatchObject(network)
  })
})

test.each([
  ['garbage', '\u0000\u0001SSH-2.0-OpenSSH\r\n\r\n'],
  ['headers without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`],
])('%s instead of HTTP is a failure that no retry mends', async (_, bytes) => {
  const { failure } = await agentAt(await wire((socket) => socket.end(bytes))).run(requestFor('x'))
  expect(failure).toMatchObject({
    of: 'infrastructure',
    kind: 'protocol',
    retryable: false,
    message: expect.stringContaining('HPE_'),
  })
})

describe('a kept connection', () => {
  test('that the server had closed is replaced without a failure', async () => {
    const handled: string[] = []
    const url = await wire((socket, request, connection) => {
      handled.push(`${connection}.${request}`)
      if (connection === 0 && request === 1) socket.resetAndDestroy()
      else socket.write(OK)
    })
    const agent = agentAt(url)
    expect(await agent.run(requestFor('x'))).toMatchObject({ output: 'x' })
    expect(await agent.run(requestFor('x'))).toMatchObject({ output: 'x', attempts: 1 })
    expect(handled).toEqual(['0.0', '0.1', '1.0'])
  })

  test('that breaks after the answer began is a failure: the server has seen the request', async () => {
    const url = await wire((socket, request) => {
      if (request === 0) socket.write(OK)
      else socket.write('HTTP/1.1 2', () => socket.resetAndDestroy())
    })
    const agent = agentAt(url)
    await agent.run(requestFor('x'))
    expect((await agent.run(requestFor('x'))).failure).toMatchObject(network)
  })

  test('is replaced once only', async () => {
    const handled: string[] = []
    const url = await wire((socket, request, connection) => {
      handled.push(`${connection}.${request}`)
      if (handled.length === 1) socket.write(OK)
      else socket.resetAndDestroy()
    })
    const agent = agentAt(url)
    await agent.run(requestFor('x'))
    expect((await agent.run(requestFor('x'))).failure).toMatchObject(network)
    expect(handled).toEqual(['0.0', '0.1', '1.0'])
  })

  test('that the server says it closes is not used again', async () => {
    const sockets = new Set<unknown>()
    const serving = await serveHttp((request, response) => {
      sockets.add(request.socket)
      request.resume().on('end', () => response.setHeader('connection', 'close').end('x'))
    })
    closing.push(serving)
    const agent = agentAt(serving.url)
    for (let call = 0; call < 3; call++) expect(await agent.run(requestFor('x'))).toMatchObject({ output: 'x' })
    expect(sockets.size).toBe(3)
  })
})

describe('an aborted signal destroys the request', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['while the server is silent', () => {}],
    ['while the headers drip in', (socket) => void socket.write('HTTP/1.1 200 OK\r\nx: ')],
    ['within the body', (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')],
  ])('%s', async (_, onRequest) => {
    const stop = new AbortController()
    let closed = false
    const url = await wire((socket) => {
      socket.on('close', () => {
        closed = true
      })
      onRequest(socket)
      setImmediate(() => stop.abort(new DOMException('No reply within 1 s', 'TimeoutError')))
    })
    const { failure } = await agentAt(url).run(requestFor('x', { signal: stop.signal }))
    expect(failure).toMatchObject({
      of: 'infrastructure',
      kind: 'timeout',
      message: 'No reply within 1 s',
      retryable: false,
    })
    await until(() => closed)
  })

  test('before it is made', async () => {
    let requests = 0
    const url = await wire(() => requests++)
    const { failure } = await agentAt(url).run(requestFor('x', { signal: AbortSignal.abort(new Error('cancelled')) }))
    expect(failure).toMatchObject({ kind: 'aborted', message: 'cancelled' })
    expect(requests).toBe(0)
  })

  test('and a hundred trials may share one signal', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    const stop = new AbortController()
    const agent = agentAt(await wire(() => {}))
    const replies = Promise.all(Array.from({ length: 100 }, () => agent.run(requestFor('x', { signal: stop.signal }))))
    stop.abort()
    expect((await replies).map(({ failure }) => failure?.kind)).toEqual(Array(100).fill('aborted'))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect(warnings).toEqual([])
  })
})

test('closing twice is safe', async () => {
  const agent = agentAt('http://127.0.0.1:1')
  await agent.close()
  await agent.close()
})

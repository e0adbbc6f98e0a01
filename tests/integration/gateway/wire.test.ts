import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { cassetteStats } from '@agent-ci/gateway/cassette/inspect'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ask, message, textOf, until } from './ask.ts'
import { Workplace } from './gateway.ts'
import { type Fault, Provider } from './provider/provider.ts'

const workplace = new Workplace()
let provider: Provider
let cassettes: string

beforeEach(async () => {
  provider = await Provider.start()
  cassettes = workplace.directory()
})

afterEach(async () => {
  await workplace.clear()
  await provider.stop()
})

/** A gateway that records, and whose waits are noted instead of waited for. */
async function start(more: object = {}) {
  const waits: number[] = []
  const sleep = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted()
    waits.push(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const upstreams = { anthropic: provider.url, openai: provider.url }
  const gateway = await workplace.start(
    { mode: 'record', cassettes, upstreams, ...more },
    // Closing has its own wait, which must not end before the connections do.
    { sleep: async (ms, signal) => (ms === 0 ? undefined : await sleep(ms, signal)), random: () => 0.5 },
  )
  return { gateway, waits, url: `${gateway.baseUrls().anthropic}/v1/messages` }
}

const recordings = (): number => (readdirSync(cassettes).length === 0 ? 0 : cassetteStats(cassettes).recordings)
const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  (response) =>
    void response
      .writeHead(code, { 'content-type': 'application/json', ...headers })
      .end('{"type":"error","error":{"type":"x","message":"m"}}')
const reset: Fault = (response) => void response.socket?.resetAndDestroy()

describe('failures that may pass', () => {
  test.each([
    ['overloaded', status(529)],
    ['rate limit', status(429)],
    ['server error', status(503)],
    ['timeout', status(408)],
    ['conflict', status(409)],
    ['a connection that is reset', reset],
    [
      'a connection that is reset in the middle of a body',
      ((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 })
        response.write('{"id":', () => response.socket?.resetAndDestroy())
      }) satisfies Fault,
    ],
    [
      'a stream that is reset before anything of it came',
      ((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.flushHeaders()
        setImmediate(() => response.socket?.resetAndDestroy())
      }) satisfies Fault,
    ],
  ])('%s: the call is made again, and only its answer is recorded', async (_, fault) => {
    const { gateway, url, waits } = await start()
    provider.faults.push(fault, fault)
    const answer = await ask(url, message('Hello'))
    expect(answer.status).toBe(200)
    expect(textOf(answer)).toContain('to: Hello')
    expect(provider.received).toHaveLength(3)
    expect(waits).toEqual([250, 500])
    expect(gateway.usageOf('')).toMatchObject({ calls: 1, live: 1, retries: 2, failures: 0 })
    expect(recordings()).toBe(1)
  })

  test('retry-after is kept, for other calls too', async () => {
    const { url, waits } = await start()
    provider.faults.push(status(429, { 'retry-after': '3' }))
    await ask(url, message('Hello'))
    // Half of the 500 ms of jitter on top; the limiter's own pause is over by a clock that does not jump, so it waits the rest.
    expect(waits[0]).toBe(3_250)
  })

  test('what does not pass is handed on as it is, marked as not worth another try, and not recorded', async () => {
    const { gateway, url } = await start({ retries: { most: 2, longestWaitMs: 1_000 } })
    provider.faults.push(status(529, { 'x-custom': 'kept' }), status(529), status(529, { 'x-custom': 'kept' }))
    const answer = await ask(url, message('Hello'))
    expect(answer).toMatchObject({ status: 529, headers: { 'x-should-retry': 'false', 'x-custom': 'kept' } })
    expect(JSON.parse(answer.body)).toMatchObject({ type: 'error' })
    expect(gateway.usageOf('')).toMatchObject({ calls: 0, failures: 1, retries: 2 })
    expect(recordings()).toBe(0)
  })

  test('a provider that asks for too long a wait is not asked again', async () => {
    const { url, waits } = await start()
    provider.faults.push(status(429, { 'retry-after': '3600' }))
    expect(await ask(url, message('Hello'))).toMatchObject({ status: 429, headers: { 'retry-after': '3600' } })
    expect(waits).toEqual([])
  })

  test('a provider that is not there is an error of the API’s form', async () => {
    const { url, gateway } = await start({ retries: { most: 1, longestWaitMs: 1_000 } })
    await provider.stop()
    const answer = await ask(url, message('Hello'))
    expect(answer).toMatchObject({
      status: 502,
      headers: { 'x-should-retry': 'false', 'x-agent-ci-refused': 'unreachable' },
    })
    expect(JSON.parse(answer.body)).toMatchObject({ type: 'error', error: { type: 'api_error' } })
    expect(gateway.usageOf('').refusals).toEqual([
      { kind: 'unreachable', message: expect.stringContaining('ECONNREFUSED'), count: 1 },
    ])
    provider = await Provider.start()
  })
})

describe('a provider that is silent', () => {
  test('is given up, and the agent’s SDK told not to try again', async () => {
    const { url, gateway } = await start({ idleMs: 300 })
    provider.faults.push(() => {})
    const answer = await ask(url, message('Hello'))
    expect(answer).toMatchObject({
      status: 504,
      headers: { 'x-should-retry': 'false', 'x-agent-ci-refused': 'timeout' },
    })
    expect(provider.received).toHaveLength(1)
    expect(gateway.usageOf('').refusals).toEqual([
      { kind: 'timeout', message: expect.stringContaining('300 ms'), count: 1 },
    ])
  })

  test('in the middle of a stream, ends it, and it is not recorded', async () => {
    const { url } = await start({ idleMs: 300 })
    const ping = 'event: ping\ndata: {"type":"ping"}\n\n'
    provider.faults.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(ping)
    })
    expect(await ask(url, message('Hello', { stream: true }))).toMatchObject({ body: ping, complete: false })
    expect(recordings()).toBe(0)
  })
})

describe('broken answers', () => {
  const begin =
    'event: message_start\ndata: {"type":"message_start","message":{"model":"m","usage":{"input_tokens":1,"output_tokens":1}}}\n\n'

  test('a stream that is reset in its middle reaches the agent as far as it came, is not asked for again and not recorded', async () => {
    const { gateway, url } = await start()
    provider.faults.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(begin, () => setImmediate(() => response.socket?.resetAndDestroy()))
    })
    const answer = await ask(url, message('Hello', { stream: true }))
    expect(answer).toMatchObject({ status: 200, body: begin, complete: false })
    expect(provider.received).toHaveLength(1)
    expect(gateway.usageOf('')).toMatchObject({ calls: 0, failures: 1, retries: 0 })
    expect(recordings()).toBe(0)
  })

  test('a stream that ends before message_stop is not recorded', async () => {
    const { gateway, url } = await start()
    provider.faults.push((response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(begin))
    expect(await ask(url, message('Hello', { stream: true }))).toMatchObject({ body: begin, complete: true })
    expect(gateway.events).toContainEqual({
      type: 'incomplete',
      scope: '',
      reason: expect.stringContaining('before the answer was complete'),
    })
    expect(recordings()).toBe(0)
  })

  test('an error within a stream reaches the agent and is not recorded', async () => {
    const { url } = await start()
    const error = `${begin}event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n`
    provider.faults.push((response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(error))
    expect((await ask(url, message('Hello', { stream: true }))).body).toBe(error)
    expect(recordings()).toBe(0)
  })

  test('a page instead of an answer reaches the agent and is not recorded', async () => {
    const { url } = await start()
    provider.faults.push((response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in'))
    expect(await ask(url, message('Hello'))).toMatchObject({ status: 200, body: '<h1>Log in' })
    expect(recordings()).toBe(0)
  })

  test('what is no HTTP is an error of the API’s form', async () => {
    const sockets: Socket[] = []
    const garbage = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.write('\u0000\u0001garbage\r\n\r\n')
    })
    await new Promise<void>((resolve) => garbage.listen(0, '127.0.0.1', resolve))
    const { port } = garbage.address() as { port: number }
    const { url } = await start({ upstreams: { anthropic: `http://127.0.0.1:${port}` } })
    expect(await ask(url, message('Hello'))).toMatchObject({ status: 502 })
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => garbage.close(resolve))
  })

  test('a compressed answer is read, recorded and handed on as plain text', async () => {
    const { url, gateway } = await start()
    const body = JSON.stringify({ model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 1 } })
    provider.faults.push((response, _, asked) => {
      expect(asked.headers['accept-encoding']).toBe('identity')
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(body))
    })
    const answer = await ask(url, message('Hello'))
    expect(answer.body).toBe(body)
    expect(answer.headers['content-encoding']).toBeUndefined()
    expect(gateway.usageOf('').tokens).toMatchObject({ input: 1, output: 1 })
  })

  test.each([
    ['the key', status(401), 401],
    [
      'the account',
      ((r) =>
        void r
          .writeHead(400, { 'content-type': 'application/json' })
          .end(
            '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}',
          )) satisfies Fault,
      400,
    ],
  ])('an error of %s is not recorded', async (_, fault, code) => {
    const { url } = await start()
    provider.faults.push(fault)
    expect((await ask(url, message('Hello'))).status).toBe(code)
    expect(recordings()).toBe(0)
  })
})

describe('an agent that goes away', () => {
  test('takes its call with it', async () => {
    const { url, gateway } = await start()
    let gone = false
    provider.faults.push(
      (response) =>
        void response.once('close', () => {
          gone = true
        }),
    )
    const outgoing = request(url, { method: 'POST', headers: { 'x-api-key': 'k', 'anthropic-version': 'v' } })
    outgoing.on('error', () => {})
    outgoing.end(JSON.stringify(message('Hello')))
    await until(() => provider.received.length === 1)
    outgoing.destroy()
    await until(() => gone)
    expect(gateway.usageOf('').calls).toBe(0)
    expect(recordings()).toBe(0)
  })

  test('before it has sent its request, is no call and no refusal', async () => {
    const { url, gateway } = await start()
    const { port, pathname } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`POST ${pathname} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{"model":`, () =>
      socket.destroy(),
    )
    await new Promise((resolve) => socket.once('close', resolve))
    await ask(url, message('Hello'))
    expect(gateway.usageOf('')).toMatchObject({ calls: 1, refusals: [] })
    expect(gateway.events.map(({ type }) => type)).toEqual(['answered'])
  })

  test('in the middle of a stream, leaves nothing half recorded; the next one gets the first place', async () => {
    const { url, gateway } = await start()
    provider.faults.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('event: ping\ndata: {"type":"ping"}\n\n')
    })
    const outgoing = request(url, { method: 'POST', headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' } })
    outgoing.on('error', () => {})
    outgoing.once('response', (response) => response.once('data', () => outgoing.destroy()).on('error', () => {}))
    outgoing.end(JSON.stringify(message('Hello', { stream: true })))
    await until(() => gateway.events.some((event) => event.type === 'incomplete'))
    await ask(url, message('Hello', { stream: true }))
    expect(recordings()).toBe(1)
    const [file] = readdirSync(cassettes)
    expect(JSON.parse(readFileSync(join(cassettes, file!), 'utf8'))).toMatchObject({ ordinal: 0 })
  })
})

test('streamed pieces reach the agent at once', async () => {
  const { url } = await start()
  let finish = () => {}
  provider.faults.push((response, answer) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: ping\ndata: {"type":"ping"}\n\n')
    response.writeHead = () => response
    finish = answer
  })
  const pieces: string[] = []
  const outgoing = request(url, { method: 'POST', headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' } })
  outgoing.once('response', (response) => response.on('data', (piece) => pieces.push(String(piece))))
  outgoing.end(JSON.stringify(message('Hello', { stream: true })))
  await until(() => pieces.length > 0)
  expect(pieces).toEqual(['event: ping\ndata: {"type":"ping"}\n\n'])
  finish()
  await until(() => pieces.join('').includes('message_stop'))
})

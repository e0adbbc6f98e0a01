import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Agent } from '@agent-ci/core/agent'
import type { Json } from '@agent-ci/core/json'
import type { AgentDeps } from '@agent-ci/evaluation/agents/deps'
import { httpAgent } from '@agent-ci/evaluation/agents/http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { configOf, depsWith, refusalOf, requestFor, type Serving, serveHttp } from './fixtures.ts'

interface Seen {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: string
}

/** How a configuration refers to an environment variable. */
const ref = (variable: string) => `\${${variable}}`

type Answering = (response: ServerResponse, seen: Seen) => void

let closing: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(closing.map((each) => each.close()))
  closing = []
})

async function server(answering: Answering): Promise<Serving & { seen: Seen[] }> {
  const seen: Seen[] = []
  const serving = await serveHttp(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    seen.push({ method: request.method, url: request.url, headers: request.headers, body })
    answering(response, seen.at(-1)!)
  })
  closing.push(serving)
  return { ...serving, seen }
}

function agentAt(
  url: string,
  config: Partial<Parameters<typeof configOf<'http'>>[1]> = {},
  deps: Partial<AgentDeps> = {},
): Agent {
  const agent = httpAgent(configOf('http', { url, ...config }), depsWith(deps))
  closing.unshift(agent)
  return agent
}

const json = (value: Json, status = 200, headers: Record<string, string> = {}): Answering => {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

const text = (body: string, status = 200, headers: Record<string, string> = {}): Answering => {
  return (response) => response.writeHead(status, headers).end(body)
}

describe('the request', () => {
  test('is a POST of id and input, and of the model where there is one', async () => {
    const { url, seen } = await server(json({ output: 'Paris' }))
    const agent = agentAt(`${url}/run?key=1`)
    const reply = await agent.run(requestFor('Capital of France?'))
    await agent.run(requestFor({ q: 1 }, { id: 'é#2', model: 'm-1' }))
    expect(reply).toEqual({ output: 'Paris', toolCalls: null, usage: {}, latencyMs: expect.any(Number), attempts: 1 })
    expect(reply.latencyMs).toBeGreaterThan(0)
    expect(seen.map(({ method, url, body }) => [method, url, JSON.parse(body)])).toEqual([
      ['POST', '/run?key=1', { id: 'capital', input: 'Capital of France?' }],
      ['POST', '/run?key=1', { id: 'é#2', input: { q: 1 }, model: 'm-1' }],
    ])
    expect(seen[0]!.headers).toMatchObject({ 'content-type': 'application/json', connection: 'keep-alive' })
  })

  test('carries the prompts under test', async () => {
    const { url, seen } = await server(json({ output: '' }))
    await agentAt(url, {}, { prompts: { 'prompts/a.md': 'Be brief' } }).run(requestFor('x'))
    expect(JSON.parse(seen[0]!.body)).toMatchObject({ prompts: { 'prompts/a.md': 'Be brief' } })
  })

  test('follows the template: a lone placeholder is the value, any other is its text', async () => {
    const { url, seen } = await server(json({ output: '' }))
    const agent = agentAt(url, {
      method: 'PUT',
      body: {
        messages: [{ role: 'user', content: '{{input}}' }],
        note: 'Example {{ id }} says {{input}}',
        model: '{{model}}',
        list: ['{{model}}', 1, null],
      },
    })
    await agent.run(requestFor({ a: [1] }, { model: 'm-1' }))
    await agent.run(requestFor('hi "you"'))
    expect(seen.map(({ method }) => method)).toEqual(['PUT', 'PUT'])
    expect(seen.map(({ body }) => JSON.parse(body))).toEqual([
      {
        messages: [{ role: 'user', content: { a: [1] } }],
        note: 'Example capital says {"a":[1]}',
        model: 'm-1',
        list: ['m-1', 1, null],
      },
      {
        messages: [{ role: 'user', content: 'hi "you"' }],
        note: 'Example capital says hi "you"',
        list: [null, 1, null],
      },
    ])
  })

  test('fills the URL of a GET, encoded', async () => {
    const { url, seen } = await server(json({ output: '' }))
    const agent = agentAt(`${url}/ask/{{id}}?q={{input}}`, { method: 'GET' })
    await agent.run(requestFor('a&b=c/d', { id: '../x' }))
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', '/ask/..%2Fx?q=a%26b%3Dc%2Fd', ''],
    ])
  })

  test('has headers from the environment, and credentials of the URL, which stay out of messages', async () => {
    const { url, seen } = await server(text('secret', 401))
    const agent = agentAt(
      `${url.replace('//', '//user:pass@')}/x?key=hidden`,
      { headers: { Authorization2: `Bearer ${ref('TOKEN')}`, ACCEPT: 'x/y' } },
      { env: { TOKEN: 's3cret' } },
    )
    const { failure } = await agent.run(requestFor('x'))
    expect(seen[0]!.headers).toMatchObject({
      authorization2: 'Bearer s3cret',
      accept: 'x/y',
      authorization: `Basic ${Buffer.from('user:pass').toString('base64')}`,
    })
    expect(agent.description).toBe(`http ${url}/x`)
    expect(failure?.message).toBe(`POST ${url}/x answered 401 Unauthorized: secret`)
  })
})

describe('a configuration is refused', () => {
  test.each<[string, Parameters<typeof configOf<'http'>>[1], string]>([
    [
      'a variable that is not set',
      { url: 'http://a.test', headers: { Authorization: `Bearer ${ref('NOT_SET')}` } },
      `agent.headers.Authorization refers to ${ref('NOT_SET')}. That environment variable is not set or is empty. Set it on the step`,
    ],
    [
      'a secret that is empty',
      { url: 'http://a.test', headers: { A: ref('EMPTY') } },
      `agent.headers.A refers to ${ref('EMPTY')}`,
    ],
    [
      'a header with a line break',
      { url: 'http://a.test', headers: { A: ref('LINES') } },
      'agent.headers.A is not an HTTP header',
    ],
    [
      'a header with a wrong name',
      { url: 'http://a.test', headers: { 'a b': 'x' } },
      'agent.headers.a b is not an HTTP header',
    ],
    ['a GET without the input', { url: 'http://a.test', method: 'GET' }, 'Write url: http://…?q={{input}}'],
    ['a body that is null', { url: 'http://a.test', body: null }, 'Write {{input}} where'],
    ['a body without the input', { url: 'http://a.test', body: { model: '{{model}}' } }, 'Write {{input}} where'],
    ['an unknown placeholder', { url: 'http://a.test', body: ['{{input}}', '{{imput}}'] }, 'Did you mean "input"?'],
    [
      'an unknown placeholder in the URL',
      { url: 'http://a.test/{{question}}' },
      'agent.url has the placeholder {{question}}',
    ],
  ])('%s', async (_, config, message) => {
    const make = () => httpAgent(configOf('http', config), depsWith({ env: { EMPTY: '', LINES: 'a\nb' } }))
    expect(await refusalOf(make)).toContain(message)
  })
})

describe('the reply', () => {
  test('has tool calls and usage', async () => {
    const { url } = await server(
      json({ output: 'x', tool_calls: [{ name: 'a', args: { b: 1 } }], usage: { input_tokens: 3 } }, 201, {
        'content-type': 'application/problem+json; charset=utf-8',
      }),
    )
    expect(await agentAt(url).run(requestFor('x'))).toMatchObject({
      output: 'x',
      toolCalls: [{ name: 'a', args: { b: 1 } }],
      usage: { inputTokens: 3 },
    })
  })

  test('lies where the configuration says', async () => {
    const { url } = await server(json({ data: [{ answer: 'Paris', calls: ['a'], cost: { cost_usd: 1 } }] }))
    const agent = agentAt(url, { output: 'data.0.answer', tool_calls: 'data.0.calls', usage: 'data.0.cost' })
    expect(await agent.run(requestFor('x'))).toMatchObject({
      output: 'Paris',
      toolCalls: [{ name: 'a' }],
      usage: { costUsd: 1 },
    })
  })

  test.each<[string, Answering, string]>([
    ['plain text', text(' Paris\n', 200, { 'content-type': 'text/plain' }), ' Paris\n'],
    ['text that happens to be JSON', text('{"a": 1}', 200, { 'content-type': 'text/plain' }), '{"a": 1}'],
    ['nothing, of no type', text(''), ''],
    ['a reply of no type', text('{"output": "Paris"}'), 'Paris'],
    ['a reply that says it is HTML', text('{"output": "Paris"}', 200, { 'content-type': 'text/html' }), 'Paris'],
    [
      'JSON with a byte order mark',
      text('\ufeff{"output": "Paris"}', 200, { 'content-type': 'application/json' }),
      'Paris',
    ],
    ['broken UTF-8', (response) => response.end(Buffer.from([0x61, 0xff, 0x62])), 'a\ufffdb'],
  ])('that is %s has the output', async (_, answering, output) => {
    const { url } = await server(answering)
    const reply = await agentAt(url).run(requestFor('x'))
    expect(reply.failure).toBeUndefined()
    expect(reply.output).toBe(output)
  })

  test.each<[string, Answering, object]>([
    [
      'half of a JSON',
      text('{"output": "Par', 200, { 'content-type': 'application/json' }),
      { message: expect.stringMatching(/did not answer with JSON .*: \{"output": "Par$/) },
    ],
    [
      'nothing where JSON was promised',
      text('', 200, { 'content-type': 'application/json' }),
      { message: expect.stringMatching(/: nothing$/) },
    ],
    ['JSON without output', json({ answer: 'x' }), { message: expect.stringContaining('it has no output') }],
    [
      'more than 16 MiB',
      text('x'.repeat(16 * 1024 * 1024 + 1)),
      { message: expect.stringContaining('more than 16777216 bytes') },
    ],
  ])('that is %s breaks the contract', async (_, answering, failure) => {
    const { url } = await server(answering)
    expect((await agentAt(url).run(requestFor('x'))).failure).toMatchObject({
      of: 'agent',
      kind: 'protocol',
      retryable: false,
      ...failure,
    })
  })

  test('that is no JSON where a place is configured breaks the contract', async () => {
    const { url } = await server(text('Paris', 200, { 'content-type': 'text/plain' }))
    expect((await agentAt(url, { output: 'a' }).run(requestFor('x'))).failure).toMatchObject({
      of: 'agent',
      kind: 'protocol',
    })
  })

  test('of several megabytes comes whole', async () => {
    const output = 'é'.repeat(2_500_000)
    const { url } = await server(json({ output }))
    expect((await agentAt(url).run(requestFor('x'))).output).toBe(output)
  })
})

describe('a status other than 2xx', () => {
  const unavailable = { of: 'infrastructure', kind: 'unavailable', retryable: true }
  const rateLimit = { of: 'infrastructure', kind: 'rate-limit', retryable: true }
  const refused = { of: 'infrastructure', kind: 'refused', retryable: false }
  const wrongInput = { of: 'agent', kind: 'refused', retryable: false }

  test.each([
    [400, wrongInput],
    [401, refused],
    [403, refused],
    [404, refused],
    [405, refused],
    [408, unavailable],
    [409, unavailable],
    [413, wrongInput],
    [422, wrongInput],
    [425, unavailable],
    [429, rateLimit],
    [500, unavailable],
    [503, unavailable],
    [529, rateLimit],
  ])('%i', async (status, failure) => {
    const { url } = await server(text('why', status))
    const reply = await agentAt(url).run(requestFor('x'))
    expect(reply.failure).toMatchObject(failure)
    expect(reply.failure?.message).toMatch(new RegExp(`answered ${status}.*: why$`))
    expect(reply.failure).not.toHaveProperty('retryAfterMs')
  })

  test('301 is refused: redirects are not followed', async () => {
    const { url, seen } = await server(text('', 301, { location: '/elsewhere' }))
    const { failure } = await agentAt(url).run(requestFor('x'))
    expect(failure).toMatchObject({
      ...refused,
      message: expect.stringContaining('to /elsewhere: redirects are not followed'),
    })
    expect(seen).toHaveLength(1)
  })

  test.each([
    [429, '7', 7_000],
    [503, '0', 0],
    [429, 'Mon, 01 Jan 2029 00:00:30 GMT', 30_000],
    [429, 'Sun, 31 Dec 2028 00:00:00 GMT', 0],
    [429, 'soon', undefined],
  ])('%i with Retry-After %s asks to wait', async (status, retryAfter, retryAfterMs) => {
    const { url } = await server(text('', status, { 'retry-after': retryAfter, date: 'Mon, 01 Jan 2029 00:00:00 GMT' }))
    expect((await agentAt(url).run(requestFor('x'))).failure?.retryAfterMs).toBe(retryAfterMs)
  })
})

test('connections are kept, at most as many as trials in flight', async () => {
  const sockets = new Set<unknown>()
  const serving = await serveHttp((request, response) => {
    sockets.add(request.socket)
    request.resume().on('end', () => response.end('x'))
  })
  closing.push(serving)
  const agent = agentAt(serving.url, {}, { concurrency: 3 })
  for (let round = 0; round < 5; round++) await Promise.all([1, 2, 3, 4, 5, 6].map(() => agent.run(requestFor('x'))))
  expect(sockets.size).toBe(3)
})

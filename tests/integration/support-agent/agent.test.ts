import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type Anthropic from '@anthropic-ai/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { askAgent, runAgent, toolDefinitions } from './agent-process.ts'

test('the worker says that it is ready, writes one reply a line, and ends with its stdin', async () => {
  const { ready, replies, stderr, code } = await runAgent([
    { id: 'a', input: 'Where is LL-1002?' },
    { id: 'b', input: 'Hello!' },
  ])
  const usage = { input_tokens: expect.any(Number), output_tokens: expect.any(Number), model: 'scripted-support-1' }
  expect(ready).toEqual({ ready: true })
  expect(replies).toEqual([
    {
      id: 'a',
      trial: 'a#0',
      output: 'LL-1002 is on its way with DHL (DH-558201) and arrives on 2026-03-17.',
      tool_calls: [{ name: 'lookup_order', args: { order_id: 'LL-1002' } }],
      usage,
    },
    { id: 'b', trial: 'b#0', output: 'Hello! How can I help you?', tool_calls: [], usage },
  ])
  expect(stderr).toBe('No ANTHROPIC_API_KEY and no ANTHROPIC_BASE_URL: a scripted model answers.\n')
  expect(code).toBe(0)
})

test('a question may be a conversation', async () => {
  const reply = await askAgent([
    { role: 'user', content: "It's about LL-1006." },
    { role: 'assistant', content: 'What would you like to know?' },
    { role: 'user', content: 'When does it get here?' },
  ])
  expect(reply.output).toContain('2026-03-16')
})

describe('with a model API', () => {
  interface ReceivedRequest {
    readonly url: string | undefined
    readonly headers: IncomingHttpHeaders
    readonly body: Anthropic.MessageCreateParams
  }
  const requests: ReceivedRequest[] = []
  let respond: () => readonly [status: number, body: unknown]

  const server = createServer(async (request, response) => {
    const { url, headers } = request
    requests.push({ url, headers, body: JSON.parse(await text(request)) as Anthropic.MessageCreateParams })
    const [status, body] = respond()
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  afterEach(() => {
    requests.length = 0
  })
  afterAll(async () => {
    await once(server.close(), 'close')
  })

  const baseUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/worker/3`
  const message = (...content: unknown[]) => ({
    model: 'claude-haiku-4-5-20251001',
    content,
    usage: { input_tokens: 10, output_tokens: 4 },
  })
  const hi = { type: 'text', text: 'Hi' }
  const lookup = { type: 'tool_use', id: 'toolu_1', name: 'lookup_order', input: { order_id: 'LL-9999' } }

  test.each(['', '/'])('it asks ANTHROPIC_BASE_URL as the API demands (address ending in "%s")', async (ending) => {
    respond = () => [200, message(hi)]
    const env = { ANTHROPIC_BASE_URL: baseUrl() + ending, ANTHROPIC_API_KEY: 'key-1' }
    const { replies, stderr } = await runAgent([{ id: 'a', input: 'Hello' }], { env })
    expect(stderr).toBe('')
    expect(replies[0]).toEqual({
      id: 'a',
      trial: 'a#0',
      output: 'Hi',
      tool_calls: [],
      usage: { input_tokens: 10, output_tokens: 4, model: 'claude-haiku-4-5-20251001' },
    })
    expect(requests).toEqual([
      {
        url: '/worker/3/v1/messages',
        headers: expect.objectContaining({
          'x-api-key': 'key-1',
          'anthropic-version': '2023-06-01',
          'content-type': 'application/json',
        }),
        body: {
          model: 'claude-haiku-4-5',
          max_tokens: 1024,
          system: expect.stringMatching(/^You are the support assistant [\s\S]*\n\nToday is 2026-03-14\.$/),
          tools: toolDefinitions,
          messages: [{ role: 'user', content: 'Hello' }],
        },
      },
    ])
  })

  test('without a key it sends none, and it asks for the model of the request', async () => {
    respond = () => [200, message(hi)]
    await askAgent('Hello', { env: { ANTHROPIC_BASE_URL: baseUrl() }, model: 'claude-sonnet-5' })
    expect(requests[0]!.headers).not.toHaveProperty('x-api-key')
    expect(requests[0]!.body.model).toBe('claude-sonnet-5')
  })

  test("it hands the tools' results back, errors marked, and adds the usage up", async () => {
    respond = () => [200, requests.length === 1 ? message(hi, lookup) : message(hi)]
    const reply = await askAgent('Where is LL-9999?', { env: { ANTHROPIC_BASE_URL: baseUrl() } })
    expect(requests[1]!.body.messages).toEqual([
      { role: 'user', content: 'Where is LL-9999?' },
      { role: 'assistant', content: [hi, lookup] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: '{"error":"There is no order LL-9999"}',
            is_error: true,
          },
        ],
      },
    ])
    expect(reply).toMatchObject({
      output: 'Hi',
      tool_calls: [{ name: 'lookup_order', args: { order_id: 'LL-9999' } }],
      usage: { input_tokens: 20, output_tokens: 8 },
    })
  })

  test('a model that never answers is given up after six turns: a wrong answer', async () => {
    respond = () => [200, message(lookup)]
    const reply = await askAgent('Where is LL-9999?', { env: { ANTHROPIC_BASE_URL: baseUrl() } })
    expect(reply).toEqual({ id: 'q', trial: 'q#0', error: { type: 'agent', message: 'No answer after 6 turns' } })
    expect(requests).toHaveLength(6)
  })

  test('an error of the API is an infrastructure failure', async () => {
    respond = () => [529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }]
    const { error } = await askAgent('Hello', { env: { ANTHROPIC_BASE_URL: baseUrl() } })
    expect(error).toEqual({
      type: 'infrastructure',
      message: expect.stringMatching(/^The model API answered 529: .*overloaded_error/),
    })
  })

  test('an API that cannot be reached is an infrastructure failure, and the worker goes on', async () => {
    const closed = createServer()
    await once(closed.listen(0, '127.0.0.1'), 'listening')
    const { port } = closed.address() as AddressInfo
    await once(closed.close(), 'close')
    const env = { ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` }
    const { replies } = await runAgent(
      ['a', 'b'].map((id) => ({ id, input: 'Hello' })),
      { env },
    )
    const error = { type: 'infrastructure', message: expect.stringContaining('ECONNREFUSED') }
    expect(replies).toEqual(['a', 'b'].map((id) => ({ id, trial: `${id}#0`, error })))
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { directory, runTool, toolDefinitions } from './agent-process.ts'

const system = readFileSync(join(directory, 'prompts/support.md'), 'utf8')

/** A tool call as the API documents it. */
const publishedCall = {
  type: 'tool_use',
  id: 'toolu_01A09q90qw90lq917835lq9',
  name: 'lookup_order',
  input: { order_id: 'LL-1002' },
  caller: { type: 'direct' },
} as const satisfies Anthropic.ToolUseBlock

/** A message as the API documents it, every field present. */
const published = {
  id: 'msg_013Zva2CMHLNnXjNJJKqJ2EF',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5',
  content: [{ type: 'text', text: 'Hello!', citations: null }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  stop_details: null,
  container: null,
  diagnostics: null,
  usage: {
    input_tokens: 10,
    output_tokens: 3,
    output_tokens_details: null,
    cache_creation: null,
    cache_creation_input_tokens: null,
    cache_read_input_tokens: null,
    inference_geo: null,
    server_tool_use: null,
    service_tier: 'standard',
    speed: null,
  },
} as const satisfies Anthropic.Message

let server: ChildProcess
let client: Anthropic

beforeAll(async () => {
  server = spawn(process.execPath, [join(directory, 'model.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string]
  client = new Anthropic({ baseURL: line.replace('ANTHROPIC_BASE_URL=', ''), apiKey: 'not needed', maxRetries: 0 })
})

afterAll(async () => {
  server.kill()
  await once(server, 'exit')
})

const ask = (messages: Anthropic.MessageParam[], more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) =>
  client.messages.create({
    model: 'claude-haiku-4-5',
    max_tokens: 1024,
    system,
    tools: [...toolDefinitions],
    messages,
    ...more,
  })

const user = (content: string): Anthropic.MessageParam => ({ role: 'user', content })
const textOf = (message: Anthropic.Message) =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
const callsOf = (message: Anthropic.Message) => message.content.filter((block) => block.type === 'tool_use')

describe('a response has the published shape', () => {
  test('with text', async () => {
    const message = await ask([user('Hello!')])
    expect(
      Object.keys(message)
        .filter((key) => !key.startsWith('_'))
        .sort(),
    ).toEqual(Object.keys(published).sort())
    expect(Object.keys(message.usage).sort()).toEqual(Object.keys(published.usage).sort())
    expect(message).toMatchObject({
      id: expect.stringMatching(/^msg_\w+$/),
      type: 'message',
      role: 'assistant',
      model: 'scripted-support-1',
      content: [{ type: 'text', text: 'Hello! How can I help you?', citations: null }],
      stop_reason: 'end_turn',
    })
    expect(message.usage.input_tokens).toBeGreaterThan(500)
    expect(message.usage.output_tokens).toBeGreaterThan(5)
  })

  test('with a tool call', async () => {
    const message = await ask([user('Where is LL-1002?')])
    expect(message.stop_reason).toBe('tool_use')
    expect(message.content).toEqual([{ ...publishedCall, id: expect.stringMatching(/^toolu_\w+$/) }])
  })
})

test("the SDK's conversation with tools comes to an answer that rests on their results", async () => {
  const messages = [user('What is the status of LL-1002 and LL-1003?')]
  const first = await ask(messages)
  const calls = callsOf(first)
  expect(calls.map(({ input }) => input)).toEqual([{ order_id: 'LL-1002' }, { order_id: 'LL-1003' }])
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
  const results = calls.map(({ id, name, input }) => ({
    type: 'tool_result' as const,
    tool_use_id: id,
    content: JSON.stringify(runTool(name, input)),
  }))
  const second = await ask([
    ...messages,
    { role: 'assistant', content: first.content },
    { role: 'user', content: results },
  ])
  expect(second.stop_reason).toBe('end_turn')
  expect(textOf(second)).toContain('2026-03-17')
  expect(textOf(second)).toContain('not confirmed a delivery date')
})

test('the same request has the same response, another one another id', async () => {
  const [a, b, c] = [await ask([user('Hello!')]), await ask([user('Hello!')]), await ask([user('Hello?')])]
  expect(b).toEqual(a)
  expect(c.id).not.toBe(a.id)
})

test('a system prompt of text blocks is the same prompt', async () => {
  expect(textOf(await ask([user('Where is my package?')], { system: [{ type: 'text', text: system }] }))).toContain(
    'order number',
  )
})

test('a tool that is not offered is not called', async () => {
  const message = await ask([user('Where is LL-1002?')], { tools: [] })
  expect(message.stop_reason).toBe('end_turn')
})

describe('a request is refused with the published error', () => {
  test.each([
    ['without messages', { messages: [] }, 'messages: Field required'],
    ['without max_tokens', { max_tokens: 0 }, 'max_tokens: Field required'],
    [
      'with the result of a tool that was not called',
      {
        messages: [
          { role: 'user' as const, content: [{ type: 'tool_result' as const, tool_use_id: 'toolu_x', content: '{}' }] },
        ],
      },
      'unexpected tool_use_id toolu_x',
    ],
  ])('%s', async (_, more, message) => {
    const error = await ask([user('Hello!')], more).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(Anthropic.BadRequestError)
    expect((error as InstanceType<typeof Anthropic.BadRequestError>).error).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining(message) },
      request_id: expect.stringMatching(/^req_\w+$/),
    })
  })

  test('that asks for a stream', async () => {
    await expect(
      client.messages.create({ model: 'm', max_tokens: 1, messages: [user('Hello!')], stream: true }),
    ).rejects.toThrow('The scripted model does not stream')
  })

  test('for another path', async () => {
    await expect(client.models.list()).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  })

  test('that is not JSON', async () => {
    const response = await fetch(`${client.baseURL}/v1/messages`, { method: 'POST', body: '{' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  })
})

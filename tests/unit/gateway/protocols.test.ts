import { anthropic } from '@agent-ci/gateway/protocols/anthropic'
import { openai } from '@agent-ci/gateway/protocols/openai'
import { isUsageChunk, withoutUsage } from '@agent-ci/gateway/protocols/openai-chat'
import type { Endpoint } from '@agent-ci/gateway/protocols/protocol'
import { describe, expect, test } from '@jest/globals'

const endpoint = (path: string): Endpoint => {
  const found = anthropic.endpointOf('POST', path) ?? openai.endpointOf('POST', path)
  if (!found) throw new Error(path)
  return found
}

function stream(path: string, events: readonly (object | string)[]) {
  const reader = endpoint(path).startStream()
  const complete = events.map((event) => {
    reader.push(event as never)
    return reader.complete
  })
  return { ...reader.answer(), complete }
}

describe('endpoints', () => {
  test.each([
    ['POST', '/v1/messages', 'messages'],
    ['POST', '/v1/messages/count_tokens', 'count_tokens'],
    ['POST', '/v1/messages/batches', undefined],
    ['GET', '/v1/messages', undefined],
    ['POST', '/v1/chat/completions', 'chat_completions'],
    ['POST', '/v1/responses', 'responses'],
    ['GET', '/v1/responses/resp_1', undefined],
    ['POST', '/v1/embeddings', 'embeddings'],
    ['GET', '/v1/models', undefined],
  ])('%s %s is %s', (method, path, name) => {
    expect((anthropic.endpointOf(method, path) ?? openai.endpointOf(method, path))?.name).toBe(name)
  })
})

describe('the most output that a request allows', () => {
  test.each([
    ['/v1/messages', { max_tokens: 5 }, 5],
    ['/v1/messages/count_tokens', {}, 0],
    ['/v1/chat/completions', { max_tokens: 5 }, 5],
    ['/v1/chat/completions', { max_tokens: 5, max_completion_tokens: 6, n: 3 }, 18],
    ['/v1/chat/completions', {}, undefined],
    ['/v1/responses', { max_output_tokens: 5 }, 5],
    ['/v1/responses', { max_output_tokens: null }, undefined],
    ['/v1/embeddings', {}, 0],
  ])('%s %j: %s', (path, body, limit) => {
    expect(endpoint(path).outputLimit(body)).toBe(limit)
  })
})

describe('Anthropic', () => {
  const usage = {
    input_tokens: 10,
    output_tokens: 5,
    cache_read_input_tokens: 100,
    cache_creation_input_tokens: 50,
    cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
  }
  const tokens = { input: 10, cacheRead: 100, cacheWrite: 20, cacheWriteLong: 30, output: 5 }

  test('a message: model, tokens by class, tool calls in their order', () => {
    const body = {
      model: 'claude-opus-5-5',
      usage,
      content: [
        { type: 'text', text: 'x' },
        { type: 'tool_use', id: 't', name: 'search', input: { q: 1 } },
        { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        { type: 'mcp_tool_use', id: 'm', name: 'lookup', input: { a: 'b' } },
      ],
    }
    expect(endpoint('/v1/messages').readBody(body)).toEqual({
      model: 'claude-opus-5-5',
      tokens,
      standardPrice: true,
      toolCalls: [
        { name: 'search', args: { q: 1 } },
        { name: 'web_search', args: {} },
        { name: 'lookup', args: { a: 'b' } },
      ],
    })
  })

  test.each([[{ service_tier: 'priority' }], [{ speed: 'fast' }]])('%j has another price', (more) => {
    expect(endpoint('/v1/messages').readBody({ usage: { ...usage, ...more } }).standardPrice).toBe(false)
  })

  test('a stream: the last totals count, arguments come in pieces', () => {
    const events = [
      { type: 'message_start', message: { model: 'm', usage: { ...usage, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', name: 'search', input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"q":' } },
      { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', name: 'empty', input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '1}' } },
      { type: 'ping' },
      { type: 'message_delta', delta: {}, usage: { output_tokens: 5, input_tokens: null } },
      { type: 'message_stop' },
    ]
    expect(stream('/v1/messages', events)).toEqual({
      model: 'm',
      tokens,
      standardPrice: true,
      toolCalls: [
        { name: 'search', args: { q: 1 } },
        { name: 'empty', args: {} },
      ],
      complete: [...Array(7).fill(false), true],
    })
  })

  test('an error in a stream is no complete answer', () => {
    expect(stream('/v1/messages', [{ type: 'error', error: { type: 'overloaded_error' } }]).complete).toEqual([false])
  })
})

describe('OpenAI', () => {
  const tokens = { input: 60, cacheRead: 40, cacheWrite: 0, cacheWriteLong: 0, output: 20 }

  test('a completion: cached tokens are part of the prompt; all kinds of calls', () => {
    const message = {
      tool_calls: [
        { type: 'function', function: { name: 'search', arguments: '{"q":1}' } },
        { type: 'custom', custom: { name: 'run', input: 'ls -l' } },
        { type: 'function', function: { name: 'list', arguments: '[1]' } },
      ],
      function_call: { name: 'old', arguments: '' },
    }
    const usage = { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 40 } }
    expect(endpoint('/v1/chat/completions').readBody({ model: 'gpt-5', usage, choices: [{ message }] })).toEqual({
      model: 'gpt-5',
      tokens,
      standardPrice: true,
      toolCalls: [
        { name: 'search', args: { q: 1 } },
        { name: 'run', args: { input: 'ls -l' } },
        { name: 'list', args: { input: [1] } },
        { name: 'old', args: {} },
      ],
    })
  })

  test('a streamed completion: calls are put together by choice and index', () => {
    const part = (index: number, call: object) => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index, ...call }] } }],
    })
    const answer = stream('/v1/chat/completions', [
      { model: 'gpt-5', choices: [{ index: 0, delta: { role: 'assistant' } }], service_tier: 'default' },
      part(0, { id: 'a', function: { name: 'search', arguments: '' } }),
      part(1, { id: 'b', function: { name: 'look', arguments: '{' } }),
      part(0, { function: { arguments: '{"q":1}' } }),
      part(1, { function: { arguments: '}' } }),
      {
        choices: [],
        usage: { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 40 } },
      },
      '[DONE]',
    ])
    expect(answer).toEqual({
      model: 'gpt-5',
      tokens,
      standardPrice: true,
      toolCalls: [
        { name: 'search', args: { q: 1 } },
        { name: 'look', args: {} },
      ],
      complete: [...Array(6).fill(false), true],
    })
  })

  test('the chunk with the usage is told from the others', () => {
    expect(isUsageChunk({ choices: [], usage: { prompt_tokens: 1 } })).toBe(true)
    expect(isUsageChunk({ choices: [{}], usage: { prompt_tokens: 1 } })).toBe(false)
    expect(isUsageChunk({ choices: [], usage: null })).toBe(false)
    expect(withoutUsage({ id: 'a', usage: null })).toEqual({ id: 'a' })
    const chunk = { id: 'a', usage: { prompt_tokens: 1 } }
    expect(withoutUsage(chunk)).toBe(chunk)
  })

  const response = {
    model: 'gpt-5',
    service_tier: 'default',
    usage: {
      input_tokens: 100,
      output_tokens: 20,
      input_tokens_details: {
        cached_tokens: 40,
        cache_write_tokens: 30,
        cache_write_tokens_details: { ttl_12h_tokens: 10 },
      },
    },
    output: [
      { type: 'reasoning' },
      { type: 'function_call', name: 'search', arguments: '{"q":1}' },
      { type: 'custom_tool_call', name: 'run', input: 'ls' },
      { type: 'mcp_call', name: 'lookup', arguments: '{}' },
      { type: 'message', content: [] },
    ],
  }
  const read = {
    model: 'gpt-5',
    tokens: { input: 30, cacheRead: 40, cacheWrite: 20, cacheWriteLong: 10, output: 20 },
    standardPrice: true,
    toolCalls: [
      { name: 'search', args: { q: 1 } },
      { name: 'run', args: { input: 'ls' } },
      { name: 'lookup', args: {} },
    ],
  }

  test('a response', () => {
    expect(endpoint('/v1/responses').readBody(response)).toEqual(read)
    expect(endpoint('/v1/responses').readBody({ ...response, service_tier: 'priority' }).standardPrice).toBe(false)
  })

  test.each([
    ['response.completed', true],
    ['response.incomplete', true],
    ['response.failed', false],
  ])('a streamed response that ends with %s: complete is %s', (type, complete) => {
    const events = [
      { type: 'response.created', response: { model: 'gpt-5' } },
      { type, response },
    ]
    expect(stream('/v1/responses', events)).toEqual({ ...read, complete: [false, complete] })
  })

  test('embeddings', () => {
    const body = { model: 'text-embedding-3-small', data: [], usage: { prompt_tokens: 8, total_tokens: 8 } }
    expect(endpoint('/v1/embeddings').readBody(body)).toEqual({
      model: 'text-embedding-3-small',
      tokens: { input: 8, cacheRead: 0, cacheWrite: 0, cacheWriteLong: 0, output: 0 },
      standardPrice: true,
      toolCalls: [],
    })
  })
})

test.each([
  ['an empty object', {}],
  ['null', null],
  ['a text', 'x'],
  ['wrong kinds', { model: 1, usage: 'x', content: 'y', choices: 3, output: {}, service_tier: 4 }],
])('%s instead of an answer breaks no reader', (_, body) => {
  for (const path of ['/v1/messages', '/v1/chat/completions', '/v1/responses', '/v1/embeddings']) {
    expect(endpoint(path).readBody(body).toolCalls).toEqual([])
    expect(endpoint(path).fragments(body)).toEqual([])
    expect(stream(path, [body as never]).complete).toEqual([false])
  }
})

import type { Json } from '@agent-ci/core/json'
import { readAnswer } from '@agent-ci/evaluation/agents/answer'
import { describe, expect, test } from '@jest/globals'

const read = (reply: Json) => readAnswer(reply, JSON.stringify(reply))

describe('a reply', () => {
  test('with everything', () => {
    expect(
      read({
        output: 'Paris',
        tool_calls: [{ name: 'search', args: { q: 'France' } }],
        usage: { input_tokens: 10, output_tokens: 2, cost_usd: 0.01, model: 'm-1' },
      }),
    ).toEqual({
      output: 'Paris',
      toolCalls: [{ name: 'search', args: { q: 'France' } }],
      usage: { inputTokens: 10, outputTokens: 2, costUsd: 0.01, model: 'm-1' },
    })
  })

  test('that reports no tool calls and no usage says so', () => {
    expect(read({ output: '' })).toEqual({ output: '', toolCalls: null, usage: {} })
  })

  test.each<[string, Json, string]>([
    ['an object', { city: 'Paris' }, '{"city":"Paris"}'],
    ['a number', 4, '4'],
    ['false', false, 'false'],
    ['a list', ['a'], '["a"]'],
  ])('whose output is %s has its JSON as output', (_, output, text) => {
    expect(read({ output }).output).toBe(text)
  })

  test.each<[string, Json]>([
    ['a name', 'search'],
    ['name and args', { name: 'search', args: {} }],
    ['name alone', { name: 'search' }],
    ['null arguments', { name: 'search', arguments: null }],
    ['arguments as an object', { name: 'search', arguments: {} }],
    ['empty arguments as text', { name: 'search', arguments: '' }],
    ['arguments as JSON text', { name: 'search', arguments: '{}' }],
    ["OpenAI's form", { id: 'x', type: 'function', function: { name: 'search', arguments: '{}' } }],
    ["Anthropic's form", { type: 'tool_use', name: 'search', input: {} }],
  ])('may give a tool call as %s', (_, call) => {
    expect(read({ output: '', tool_calls: [call] }).toolCalls).toEqual([{ name: 'search', args: {} }])
  })

  test("may use OpenAI's names for usage, and null for what is unknown", () => {
    expect(read({ output: '', usage: { prompt_tokens: 7, completion_tokens: 3, cost_usd: null } }).usage).toEqual({
      inputTokens: 7,
      outputTokens: 3,
    })
  })

  test("counts the cached tokens of Anthropic's usage", () => {
    const usage = { input_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 20, output_tokens: 1 }
    expect(read({ output: '', usage }).usage).toEqual({ inputTokens: 125, outputTokens: 1 })
  })

  test('is read at the configured places', () => {
    const reply = { choices: [{ message: { content: 'Paris', tool_calls: ['a'] } }], usage: { prompt_tokens: 1 } }
    const places = {
      output: ['choices', '0', 'message', 'content'],
      toolCalls: ['choices', '0', 'message', 'tool_calls'],
      usage: ['usage'],
    }
    expect(readAnswer(reply, '', places)).toEqual({
      output: 'Paris',
      toolCalls: [{ name: 'a', args: {} }],
      usage: { inputTokens: 1 },
    })
  })
})

const nested = (levels: number): Json => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as Json

describe('a reply that breaks the contract is a failure of the agent', () => {
  test.each<[string, Json, string]>([
    ['no output', {}, 'it has no output'],
    ['output null', { output: null }, 'it has no output'],
    ['a list', [], 'it has no output'],
    ['a text', 'Paris', 'it has no output'],
    ['null', null, 'it has no output'],
    ['an inherited key', JSON.parse('{"__proto__": {"output": "x"}}') as Json, 'it has no output'],
    ['tool calls that are no list', { output: '', tool_calls: {} }, 'tool_calls is not an array'],
    ['a tool call without a name', { output: '', tool_calls: [{ args: {} }] }, 'a tool call has no name'],
    ['a tool call that is null', { output: '', tool_calls: [null] }, 'a tool call has no name'],
    ['arguments that are a list', { output: '', tool_calls: [{ name: 'x', args: [1] }] }, 'are not an object'],
    ['arguments that are no JSON', { output: '', tool_calls: [{ name: 'x', arguments: '{a' }] }, 'are not JSON: {a'],
    [
      'arguments without end',
      { output: '', tool_calls: [{ name: 'x', args: { a: nested(50_000) } }] },
      'nested more than 200',
    ],
    ['output without end', { output: nested(50_000) }, 'nested more than 200'],
    ['usage that is a number', { output: '', usage: 5 }, 'usage is not an object'],
    ['negative tokens', { output: '', usage: { input_tokens: -1 } }, 'usage.input_tokens is not a number'],
    ['tokens as text', { output: '', usage: { completion_tokens: '3' } }, 'usage.completion_tokens is not a number'],
  ])('%s', (_, reply, why) => {
    const { failure } = readAnswer(reply, 'what came')
    expect(failure).toMatchObject({ of: 'agent', kind: 'protocol', retryable: false })
    expect(failure?.message).toContain(why)
    expect(failure?.message).toContain('it began with: what came')
  })
})

describe('an error in a reply', () => {
  test.each<[string, Json, object]>([
    ['a text', 'no such city', { of: 'agent', kind: 'exception', message: 'no such city', retryable: false }],
    ['an object', { message: 'broke', type: 'server_error' }, { of: 'agent', kind: 'exception', message: 'broke' }],
    ['an object without a message', { code: 7 }, { of: 'agent', kind: 'exception', message: '{"code":7}' }],
    ['true', true, { of: 'agent', kind: 'exception', message: 'true' }],
    [
      'of the infrastructure',
      { type: 'infrastructure', message: 'database down' },
      { of: 'infrastructure', kind: 'unavailable', message: 'database down', retryable: true },
    ],
    [
      'a rate limit',
      { type: 'infrastructure', kind: 'rate-limit', message: 'slow', retry_after_ms: 1500 },
      { of: 'infrastructure', kind: 'rate-limit', retryable: true, retryAfterMs: 1500 },
    ],
    [
      'refused',
      { type: 'infrastructure', kind: 'refused', message: 'no key' },
      { of: 'infrastructure', kind: 'refused', retryable: false },
    ],
    [
      'of an unknown kind, not to be tried again',
      { type: 'infrastructure', kind: 'alien', message: 'x', retryable: false },
      { of: 'infrastructure', kind: 'unavailable', retryable: false },
    ],
  ])('that is %s', (_, error, failure) => {
    expect(read({ error, output: 'ignored', usage: { input_tokens: 3 } })).toMatchObject({
      output: '',
      usage: { inputTokens: 3 },
      failure,
    })
  })

  test.each([null, false, ''])('%j is none', (error) => {
    expect(read({ error, output: 'x' })).toEqual({ output: 'x', toolCalls: null, usage: {} })
  })

  test('without end is refused like any other reply', () => {
    expect(readAnswer({ error: { deep: nested(50_000) } }, '').failure).toMatchObject({ of: 'agent', kind: 'protocol' })
  })
})

import { messages } from '@agent-ci/gateway/protocols/anthropic'
import { chatCompletions } from '@agent-ci/gateway/protocols/openai-chat'
import { responses } from '@agent-ci/gateway/protocols/openai-responses'
import { answerText, lastResults } from '@agent-ci/gateway/turns'
import { describe, expect, test } from '@jest/globals'

describe('the tools whose results a model was given last', () => {
  test('of Anthropic', () => {
    const use = (id: string, name: string) => ({
      role: 'assistant',
      content: [{ type: 'tool_use', id, name, input: {} }],
    })
    const result = (id: string) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'x' }] })
    const history = [{ role: 'user', content: 'hello' }, use('1', 'look_up'), result('1'), use('2', 'read_page')]
    expect(lastResults({ messages: [...history, result('2')] })).toEqual(['read_page'])
    expect(lastResults({ messages: history })).toEqual([])
    expect(lastResults({ messages: [result('unknown')] })).toEqual([])
  })

  test('of chat completions, several at once', () => {
    const calls = ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: `tool_${id}`, arguments: '{}' } }))
    const body = {
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: null, tool_calls: calls },
        { role: 'tool', tool_call_id: 'a', content: 'x' },
        { role: 'tool', tool_call_id: 'b', content: 'y' },
      ],
    }
    expect(lastResults(body)).toEqual(['tool_a', 'tool_b'])
  })

  test('of Responses, and none where the input is a text', () => {
    const body = {
      input: [
        { type: 'function_call', call_id: '1', name: 'read_page', arguments: '{}' },
        { type: 'function_call_output', call_id: '1', output: 'x' },
      ],
    }
    expect(lastResults(body)).toEqual(['read_page'])
    expect(lastResults({ input: 'hello' })).toEqual([])
  })
})

describe('the text of an answer', () => {
  test('is the same whole and streamed, without thoughts and arguments', () => {
    const content = [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'It is ' },
      { type: 'tool_use', id: '1', name: 'look', input: { a: 'b' } },
      { type: 'text', text: 'here.' },
    ]
    expect(answerText(messages, { body: { content } })).toBe('It is \nhere.')
    const deltas = [
      { type: 'thinking_delta', thinking: 'hm' },
      { type: 'text_delta', text: 'It is ' },
      { type: 'input_json_delta', partial_json: '{"a":"b"}' },
      { type: 'text_delta', text: 'here.' },
    ]
    const events = deltas.map((delta, index) => ({ at: 0, data: { type: 'content_block_delta', index, delta } }))
    expect(answerText(messages, { events })).toBe('It is here.')
  })

  test('of chat completions', () => {
    expect(answerText(chatCompletions, { body: { choices: [{ message: { content: 'here' } }] } })).toBe('here')
    const delta = {
      content: 'here',
      reasoning_content: 'hm',
      tool_calls: [{ index: 0, function: { arguments: '{}' } }],
    }
    expect(answerText(chatCompletions, { events: [{ at: 0, data: { choices: [{ index: 0, delta }] } }] })).toBe('here')
  })

  test('of Responses', () => {
    const output = [
      { type: 'reasoning', summary: [] },
      { type: 'message', content: [{ type: 'output_text', text: 'here' }] },
    ]
    expect(answerText(responses, { body: { output } })).toBe('here')
    const events = ['output_text', 'function_call_arguments', 'reasoning_summary_text'].map((kind) => ({
      at: 0,
      data: { type: `response.${kind}.delta`, delta: kind === 'output_text' ? 'here' : 'not' },
    }))
    expect(answerText(responses, { events })).toBe('here')
  })
})

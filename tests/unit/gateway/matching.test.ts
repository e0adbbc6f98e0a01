import { ConfigurationError } from '@agent-ci/core/errors'
import { parseJsonPath } from '@agent-ci/gateway/cassette/json-path'
import { canonicalPath, keyHeaders, requestKey } from '@agent-ci/gateway/cassette/key'
import { matchingRules, normalise } from '@agent-ci/gateway/cassette/normalise'
import { describe, expect, test } from '@jest/globals'

const request = {
  protocol: 'anthropic' as const,
  endpoint: 'messages',
  method: 'POST',
  path: '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }] },
}
const none = matchingRules()

describe('requestKey', () => {
  test('does not depend on the order of members', () => {
    const { messages, model } = request.body
    expect(requestKey({ ...request, body: { messages, model } }, none)).toBe(requestKey(request, none))
  })

  test.each([
    ['the method', { ...request, method: 'GET' }],
    ['the path', { ...request, path: '/v1/messages?beta=true' }],
    ['a header', { ...request, headers: { 'anthropic-version': '2024-01-01' } }],
    ['the body', { ...request, body: { ...request.body, temperature: 0 } }],
  ])('depends on %s', (_, other) => {
    expect(requestKey(other, none)).not.toBe(requestKey(request, none))
  })

  test('is a SHA-256', () => {
    expect(requestKey(request, none)).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('keyHeaders', () => {
  test('takes the named ones, lists in a fixed order', () => {
    const headers = { 'anthropic-beta': 'b, a', 'x-api-key': 'secret', 'anthropic-version': 'v' }
    expect(keyHeaders(headers, ['anthropic-version', 'anthropic-beta', 'openai-beta'])).toEqual({
      'anthropic-version': 'v',
      'anthropic-beta': 'a,b',
    })
  })
})

test('canonicalPath puts the query in order', () => {
  expect(canonicalPath('/v1/messages', '?b=2&a=1')).toBe('/v1/messages?a=1&b=2')
  expect(canonicalPath('/v1/messages', '')).toBe('/v1/messages')
})

describe('ignore', () => {
  const body = {
    metadata: { user_id: 'u', team: 't' },
    messages: [
      { id: 1, content: [{ text: 'a', id: 2 }] },
      { id: 3, content: [] },
    ],
    'a.b': 1,
  }
  test.each([
    ['metadata', { messages: body.messages, 'a.b': 1 }],
    ['$.metadata.user_id', { ...body, metadata: { team: 't' } }],
    ['messages[*].id', { ...body, messages: [{ content: [{ text: 'a', id: 2 }] }, { content: [] }] }],
    [
      'messages.*.content[0].id',
      {
        ...body,
        messages: [
          { id: 1, content: [{ text: 'a' }] },
          { id: 3, content: [] },
        ],
      },
    ],
    ['messages[1]', { ...body, messages: [body.messages[0]] }],
    ['["a.b"]', { metadata: body.metadata, messages: body.messages }],
    ['nothing.here', body],
  ])('%s', (path, expected) => {
    expect(normalise(body, matchingRules([path]))).toEqual(expected)
  })

  test.each(['', 'a..b', 'a[', 'a[x]', '[1', 'a b'])('"%s" is refused', (path) => {
    expect(() => parseJsonPath(path)).toThrow(ConfigurationError)
  })
})

describe('normalisers', () => {
  test.each([
    ['timestamps', 'at 2026-11-23T06:34:05.123Z.', 'at 2026-11-23 07:00:01+01:00.'],
    ['dates', 'today is 2026-11-23', 'today is 2026-11-24'],
    ['uuids', '6f1c1f2a-1111-4222-8333-abcdefabcdef', '00000000-1111-4222-8333-abcdefABCDEF'],
    ['ids', 'toolu_01AbCdEfGh', 'toolu_99ZzYyXxWw'],
  ] as const)('%s', (name, one, other) => {
    const rules = matchingRules([], [name])
    const body = (content: string) => ({ ...request, body: { messages: [{ content }] } })
    expect(requestKey(body(one), none)).not.toBe(requestKey(body(other), none))
    expect(requestKey(body(one), rules)).toBe(requestKey(body(other), rules))
  })

  test('a pattern of one’s own', () => {
    const rules = matchingRules([], [{ pattern: 'run-\\d+', replacement: 'run' }])
    expect(normalise({ a: 'run-17 of run-3' }, rules)).toEqual({ a: 'run of run' })
  })

  test('a pattern that is none is refused', () => {
    expect(() => matchingRules([], [{ pattern: '(', replacement: '' }])).toThrow(/normalise has the pattern "\("/)
  })
})

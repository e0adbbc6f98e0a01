import { differences, formatDifference } from '@agent-ci/gateway/cassette/difference'
import { explainMiss, type Miss } from '@agent-ci/gateway/cassette/miss'
import { matchingRules } from '@agent-ci/gateway/cassette/normalise'
import type { Recording } from '@agent-ci/gateway/cassette/recording'
import { describe, expect, test } from '@jest/globals'

const recording: Recording = {
  key: 'a',
  example: 'refund',
  repeat: 0,
  ordinal: 0,
  at: '2026-11-23T06:00:00.000Z',
  request: {
    protocol: 'anthropic',
    endpoint: 'messages',
    method: 'POST',
    path: '/v1/messages',
    headers: { 'anthropic-version': '2023-06-01' },
    body: {
      model: 'm',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'Where is my parcel? It was to come on Monday.' }],
    },
  },
  response: { status: 200, headers: {}, latency_ms: 1, cost_usd: 0, body: {} },
}
const body = recording.request.body as { messages: { role: string; content: string }[] }

const miss = (more: Partial<Miss>): string =>
  explainMiss({
    id: { key: 'b', example: 'refund', repeat: 0, ordinal: 0 },
    request: recording.request,
    directory: '/repo/cassettes',
    rules: matchingRules(),
    occurrences: [],
    candidates: [{ recording, file: '/repo/cassettes/refund.jsonl' }],
    ...more,
  })

describe('differences', () => {
  test('are found leaf by leaf, with their paths', () => {
    expect(differences({ a: [1, { b: 2 }], c: 3, same: [] }, { a: [1, { b: 5 }, 7], 'd e': null, same: [] })).toEqual([
      { path: 'a[1].b', recorded: 2, asked: 5 },
      { path: 'a[2]', recorded: undefined, asked: 7 },
      { path: '["d e"]', recorded: undefined, asked: null },
      { path: 'c', recorded: 3, asked: undefined },
    ])
  })

  test('of kind are differences too', () => {
    expect(differences({ a: [] }, { a: {} })).toEqual([{ path: 'a', recorded: [], asked: {} }])
    expect(differences({ a: null }, { a: 0 })).toEqual([{ path: 'a', recorded: null, asked: 0 }])
  })

  test('of long texts are shown from where they begin', () => {
    const text = 'x'.repeat(500)
    expect(formatDifference({ path: 'system', recorded: `${text}Monday`, asked: `${text}Tuesday` })).toBe(
      `system: recorded "…${'x'.repeat(20)}Monday", asked "…${'x'.repeat(20)}Tuesday"`,
    )
    expect(formatDifference({ path: 'n', recorded: undefined, asked: 1 })).toBe('n: recorded nothing, asked 1')
  })
})

describe('explainMiss', () => {
  test('names the field that differs from the nearest recording, and both values', () => {
    const asked = { ...body, messages: [{ role: 'user', content: 'Where is my parcel? It was to come on Friday.' }] }
    const far = { ...recording, request: { ...recording.request, body: { model: 'other', x: [1, 2, 3] } } }
    const candidates = [
      { recording: far, file: '/repo/cassettes/far.jsonl' },
      { recording, file: '/repo/cassettes/refund.jsonl' },
    ]
    expect(miss({ request: { ...recording.request, body: asked }, candidates })).toBe(
      'No recording of POST /v1/messages (request 1 of its kind in example "refund", repeat 0) in /repo/cassettes. It differs from the ' +
        'nearest recording (refund.jsonl, 2026-11-23T06:00:00.000Z) in messages[0].content: recorded "…? It was to come on Monday.", ' +
        'asked "…? It was to come on Friday.". Record it again with mode record or auto, or add what may vary to ignore or normalise.',
    )
  })

  test('names headers, and counts what it does not show', () => {
    const headers = { 'anthropic-version': '2024-01-01' }
    expect(miss({ request: { ...recording.request, headers } })).toContain(
      'in headers.anthropic-version: recorded "2023-06-01", asked "2024-01-01".',
    )
    const asked = { ...body, a: 1, b: 2, c: 3, d: 4 }
    expect(miss({ request: { ...recording.request, body: asked } })).toContain('; and 1 more.')
  })

  test('says where the same request was recorded', () => {
    const at = (example: string | null, repeat: number, ordinal: number) => ({ key: 'b', example, repeat, ordinal })
    expect(
      miss({ occurrences: [at('refund', 0, 0), at('refund', 0, 1), at('other', 2, 0), at(null, 0, 0)] }),
    ).toContain(
      'recorded elsewhere or less often: 2 in example "refund", repeat 0; 1 in example "other", repeat 2; 1 in no example.',
    )
  })

  test('says when there is nothing of the kind', () => {
    expect(miss({ candidates: [], id: { key: 'b', example: null, repeat: 0, ordinal: 2 } })).toBe(
      'No recording of POST /v1/messages (request 3 of its kind) in /repo/cassettes. There are no recordings of this kind. Record it with mode record or auto.',
    )
  })

  test('says when only the settings differ', () => {
    expect(miss({})).toContain(
      'It equals the nearest recording (refund.jsonl, 2026-11-23T06:00:00.000Z), which was recorded under other',
    )
  })

  test('does not name what is ignored', () => {
    const asked = { ...body, metadata: { user_id: 'x' }, max_tokens: 6 }
    const text = miss({ request: { ...recording.request, body: asked }, rules: matchingRules(['metadata']) })
    expect(text).toContain('max_tokens: recorded 5, asked 6')
    expect(text).not.toContain('user_id')
  })
})

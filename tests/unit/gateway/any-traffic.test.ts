import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json } from '@agent-ci/core/json'
import { encodeLine } from '@agent-ci/gateway/cassette/lines'
import { RecordingReader } from '@agent-ci/gateway/cassette/reader'
import type { Recording } from '@agent-ci/gateway/cassette/recording'
import { RecordingIndex } from '@agent-ci/gateway/cassette/recording-index'
import { anthropic } from '@agent-ci/gateway/protocols/anthropic'
import { openai } from '@agent-ci/gateway/protocols/openai'
import type { Answer } from '@agent-ci/gateway/protocols/protocol'
import { parseJson } from '@agent-ci/gateway/stream/lossless'
import { SseParser } from '@agent-ci/gateway/stream/sse'
import { afterAll, describe, expect, test } from '@jest/globals'
import { bytesNear, jsonNear } from '../../foreign.ts'
import fc, { PATIENCE_MS, RUNS } from '../../properties.ts'

const BODIES: Readonly<Record<string, Json>> = {
  '/v1/messages': {
    type: 'message',
    model: 'claude-opus-5',
    content: [
      { type: 'text', text: 'Yes.' },
      { type: 'tool_use', id: 't1', name: 'find', input: { order: [1, { a: null }] } },
    ],
    stop_reason: 'tool_use',
    usage: {
      input_tokens: 5,
      output_tokens: 7,
      cache_read_input_tokens: 1,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
      service_tier: 'standard',
    },
  },
  '/v1/chat/completions': {
    model: 'gpt-5',
    choices: [
      {
        message: { content: 'Yes.', tool_calls: [{ id: 'c', function: { name: 'find', arguments: '{"order": 1}' } }] },
      },
    ],
    usage: { prompt_tokens: 5, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 1 } },
  },
  '/v1/responses': {
    model: 'gpt-5',
    status: 'completed',
    output: [{ type: 'function_call', name: 'find', arguments: '{"order": 1}', call_id: 'c' }],
    usage: { input_tokens: 5, output_tokens: 7, input_tokens_details: { cached_tokens: 1 } },
  },
}
const STREAM = [
  { type: 'message_start', message: BODIES['/v1/messages'] },
  { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'find', input: {} } },
  { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"a":1}' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } },
  { type: 'message_stop' },
]
const SSE = STREAM.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

const endpoint = (path: string) => (anthropic.endpointOf('POST', path) ?? openai.endpointOf('POST', path))!

function expectSound({ tokens, toolCalls, model }: Answer): void {
  for (const count of Object.values(tokens ?? {})) {
    expect(Number.isFinite(count)).toBe(true)
    expect(count).toBeGreaterThanOrEqual(0)
  }
  for (const { name, args } of toolCalls) {
    expect(typeof name).toBe('string')
    expect(args !== null && typeof args === 'object' && !Array.isArray(args)).toBe(true)
  }
  if (model !== undefined) expect(typeof model).toBe('string')
}

describe('whatever a provider answers is read without a throw, into counts that can be added up', () => {
  test.each(Object.entries(BODIES))(
    'a body of %s',
    (path, body) => {
      expect(endpoint(path).readBody(body)).toMatchObject({ toolCalls: [{ name: 'find' }] })
      fc.assert(
        fc.property(jsonNear(body), (other) => expectSound(endpoint(path).readBody(other))),
        { numRuns: RUNS },
      )
    },
    PATIENCE_MS,
  )

  test(
    'a stream, in whatever pieces it comes',
    () => {
      fc.assert(
        fc.property(bytesNear(SSE), fc.array(fc.nat(SSE.length), { maxLength: 5 }), (bytes, cuts) => {
          const whole = readStream([bytes])
          const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
          const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
          expect(readStream(pieces)).toEqual(whole)
          expectSound(whole.answer)
        }),
        { numRuns: RUNS },
      )
    },
    PATIENCE_MS,
  )
})

function readStream(pieces: readonly Buffer[]): { answer: Answer; complete: boolean } {
  const parser = new SseParser()
  const reader = endpoint('/v1/messages').startStream()
  for (const piece of pieces) {
    for (const { event } of parser.push(piece)) {
      const data = event && parseJson(event.data)
      if (data !== undefined) reader.push(data)
    }
  }
  return { answer: reader.answer(), complete: reader.complete }
}

describe('a cassette that was changed anywhere', () => {
  const directory = mkdtempSync(join(tmpdir(), 'agent-ci-cassette-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  const recording = (ordinal: number): Recording => ({
    key: 'a'.repeat(64),
    example: 'refund "1" ü',
    repeat: 0,
    ordinal,
    at: '2026-11-23T06:00:00.000Z',
    request: {
      protocol: 'anthropic',
      endpoint: 'messages',
      method: 'POST',
      path: '/v1/messages',
      headers: {},
      body: {},
    },
    response: { status: 200, headers: {}, latency_ms: 5, cost_usd: 0.1, body: { text: 'Grüße' } },
  })
  const recordings = [0, 1, 2].map(recording)
  const file = Buffer.concat(recordings.map(encodeLine)).toString()

  test(
    'serves what is intact, names the line of what is not, and never serves what was not recorded',
    () => {
      let whole = 0
      fc.assert(
        fc.property(bytesNear(file), (bytes) => {
          writeFileSync(join(directory, 'x.jsonl'), bytes)
          const index = RecordingIndex.read(directory)
          const reader = new RecordingReader()
          const served = [...index.entries()].map(({ location }) => reader.read(location))
          reader.close()
          for (const found of served) expect(recordings).toContainEqual(found)
          const lines = bytes.toString('latin1').split('\n').length
          for (const { line } of index.damage) {
            expect(line).toBeGreaterThanOrEqual(1)
            expect(line).toBeLessThanOrEqual(lines)
          }
          if (served.length === 3) whole++
          else if (served.length < 3 && bytes.length >= file.length) expect(index.damage.length).toBeGreaterThan(0)
        }),
        { numRuns: RUNS },
      )
      expect(whole).toBeLessThan(RUNS)
    },
    PATIENCE_MS,
  )
})

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeLine, isIntact } from '@agent-ci/gateway/cassette/lines'
import { RecordingReader } from '@agent-ci/gateway/cassette/reader'
import type { Recording } from '@agent-ci/gateway/cassette/recording'
import { RecordingIndex } from '@agent-ci/gateway/cassette/recording-index'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-ci-lines-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const recording: Recording = {
  key: 'a'.repeat(64),
  example: 'refund "quoted" ünïcode',
  repeat: 1,
  ordinal: 0,
  at: '2026-11-23T06:00:00.000Z',
  request: {
    protocol: 'anthropic',
    endpoint: 'messages',
    method: 'POST',
    path: '/v1/messages',
    headers: {},
    body: { a: 1 },
  },
  response: { status: 200, headers: {}, latency_ms: 5, cost_usd: 0.1, body: { text: 'Grüße ","request":{ \u2028 👍' } },
}
const line = encodeLine(recording)

/** Reads what a file with this content holds, as any user of cassettes would. */
function read(content: Buffer | string) {
  writeFileSync(join(directory, 'x.jsonl'), content)
  const index = RecordingIndex.read(directory)
  const reader = new RecordingReader()
  const recordings = [...index.entries()].map(({ location }) => reader.read(location))
  reader.close()
  return { recordings, damage: index.damage.map(({ line: number, reason }) => [number, reason]), index }
}

describe('a line', () => {
  test('is one JSON object that begins with its sum and is read back whole', () => {
    expect(line.toString()).toMatch(/^\{"crc":"[0-9a-f]{8}","key":"a+","example":"refund \\"quoted/)
    expect(JSON.parse(line.toString())).toMatchObject({ ...recording, crc: expect.any(String) })
    expect(read(line).recordings).toEqual([recording])
  })

  test('torn at any byte is never served', () => {
    for (let cut = 0; cut < line.length - 1; cut++) {
      const { recordings, damage } = read(line.subarray(0, cut))
      expect(recordings).toEqual([])
      expect(damage).toHaveLength(cut === 0 ? 0 : 1)
    }
    // Without its newline it is complete all the same.
    expect(read(line.subarray(0, -1)).recordings).toEqual([recording])
  })

  test('changed in any byte is never served', () => {
    for (let at = 0; at < line.length - 1; at++) {
      const changed = Buffer.from(line)
      changed[at] = changed[at]! ^ 1
      expect(isIntact(changed.subarray(0, -1))).toBe(false)
    }
  })

  test('torn at any byte, does not spoil the next one in the same line', () => {
    const next = { ...recording, ordinal: 1 }
    for (let cut = 1; cut < line.length - 1; cut++) {
      const { recordings, damage } = read(Buffer.concat([line.subarray(0, cut), encodeLine(next)]))
      expect(recordings).toEqual([next])
      expect(damage).toEqual([[1, expect.any(String)]])
    }
  })

  test.each([
    ['the marks of a merge', '<<<<<<< ours\n', 'is no line of a cassette'],
    [
      'a line that somebody edited',
      line.toString().replace('"a":1', '"a":2'),
      'is torn or was changed: its checksum does not match',
    ],
    ['JSON of something else', '{"a":1}\n', 'is no line of a cassette'],
  ])('%s is skipped and reported', (_, damaged, reason) => {
    const { recordings, damage } = read(`${damaged}${line}`)
    expect(recordings).toEqual([recording])
    expect(damage).toEqual([[1, reason]])
  })

  test('may be longer than what is read at once', () => {
    const long = { ...recording, response: { ...recording.response, body: 'x'.repeat(3_000_000) } }
    expect(
      read(Buffer.concat([line, encodeLine({ ...long, ordinal: 1 }), encodeLine({ ...recording, ordinal: 2 })]))
        .recordings,
    ).toEqual([recording, { ...long, ordinal: 1 }, { ...recording, ordinal: 2 }])
  })
})

describe('the index', () => {
  test('takes the newest recording of an id, wherever it lies', () => {
    const newer = { ...recording, at: '2026-11-24T06:00:00.000Z' }
    for (const order of [
      [recording, newer],
      [newer, recording],
    ]) {
      const { recordings, index } = read(Buffer.concat(order.map(encodeLine)))
      expect(recordings).toEqual([newer])
      expect(index.superseded).toBe(1)
    }
  })

  test('takes the one of a journal among recordings of the same instant', () => {
    const other = { ...recording, response: { ...recording.response, status: 201 } }
    appendFileSync(join(directory, 'journal-a.jsonl'), encodeLine(other))
    expect(read(line).recordings).toEqual([other])
  })

  test('keeps examples, repeats and ordinals apart', () => {
    const others = [
      recording,
      { ...recording, example: null },
      { ...recording, example: 'other' },
      { ...recording, repeat: 2 },
      { ...recording, ordinal: 1 },
    ]
    expect(read(Buffer.concat(others.map(encodeLine))).index.size).toBe(others.length)
  })
})

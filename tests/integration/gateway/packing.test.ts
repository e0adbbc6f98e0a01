import { appendFileSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cassetteStats, verifyCassettes } from '@agent-ci/gateway/cassette/inspect'
import { JournalWriter } from '@agent-ci/gateway/cassette/journal'
import { requestKey } from '@agent-ci/gateway/cassette/key'
import { encodeLine } from '@agent-ci/gateway/cassette/lines'
import { matchingRules } from '@agent-ci/gateway/cassette/normalise'
import { pack } from '@agent-ci/gateway/cassette/pack'
import { prune } from '@agent-ci/gateway/cassette/prune'
import type { Recording } from '@agent-ci/gateway/cassette/recording'
import { Redactor } from '@agent-ci/gateway/cassette/redaction'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Workplace } from './gateway.ts'

const workplace = new Workplace()
let cassettes: string
beforeEach(() => {
  cassettes = workplace.directory()
})
afterEach(() => workplace.clear())

const NOW = Date.parse('2026-11-23T08:00:00Z')

function recordingOf(example: string | null, turns: number, more: Partial<Recording> = {}): Recording {
  const messages = Array.from({ length: turns }, (_, i) => ({
    role: i % 2 ? 'assistant' : 'user',
    content: `${example} ${i}`,
  }))
  const body = { model: 'claude-opus-5-5', max_tokens: 5, messages }
  const request = {
    protocol: 'anthropic' as const,
    endpoint: 'messages',
    method: 'POST',
    path: '/v1/messages',
    headers: {},
    body,
  }
  return {
    key: requestKey(request, matchingRules()),
    example,
    repeat: 0,
    ordinal: 0,
    at: '2026-11-23T06:00:00.000Z',
    request,
    response: { status: 200, headers: {}, latency_ms: 5, cost_usd: 0.25, body: { answer: turns } },
    ...more,
  }
}

const some: Recording[] = [
  recordingOf('b', 3),
  recordingOf('b', 1),
  recordingOf('b', 1, { ordinal: 1 }),
  recordingOf('b', 1, { repeat: 1 }),
  recordingOf('Än example/with words', 1),
  recordingOf(null, 1),
]

function journal(recordings: readonly Recording[], name: string): void {
  const writer = new JournalWriter(cassettes, () => name)
  for (const recording of recordings) writer.append(recording)
  writer.close()
}

const files = (): Record<string, string> =>
  Object.fromEntries(readdirSync(cassettes).map((name) => [name, readFileSync(join(cassettes, name), 'utf8')]))

describe('pack', () => {
  test('makes the same files of the same recordings, whoever recorded them in whatever order', () => {
    journal(some.slice(0, 4), 'one')
    journal(some.slice(4), 'two')
    const packed = pack(cassettes, NOW)
    expect(packed).toMatchObject({ recordings: 6, superseded: 0, dropped: 0, damage: [] })
    const first = files()
    expect(Object.keys(first)).toEqual([...packed.files])
    expect(packed.files).toEqual([
      expect.stringMatching(/^b\.[0-9a-f]{8}\.jsonl$/),
      expect.stringMatching(/^n-example-with-words\.[0-9a-f]{8}\.jsonl$/),
      'unscoped.jsonl',
    ])

    const other = workplace.directory()
    const writer = new JournalWriter(other, () => 'three')
    for (const recording of [...some].reverse()) writer.append(recording)
    writer.close()
    pack(other, NOW)
    for (const [name, content] of Object.entries(first)) expect(readFileSync(join(other, name), 'utf8')).toBe(content)
    pack(cassettes, NOW)
    expect(files()).toEqual(first)
  })

  test('puts a conversation’s calls in their order', () => {
    journal(some, 'one')
    pack(cassettes, NOW)
    const [name] = readdirSync(cassettes)
    const lines = readFileSync(join(cassettes, name!), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ repeat, ordinal, request }) => [repeat, request.body.messages.length, ordinal])).toEqual([
      [0, 1, 0],
      [0, 1, 1],
      [0, 3, 0],
      [1, 1, 0],
    ])
  })

  test('changes one line when one answer was recorded again', () => {
    journal(some, 'one')
    pack(cassettes, NOW)
    const before = files()
    journal([{ ...some[2]!, at: '2026-11-23T07:00:00.000Z', response: { ...some[2]!.response, status: 201 } }], 'two')
    expect(pack(cassettes, NOW)).toMatchObject({ recordings: 6, superseded: 1 })
    const changed = Object.entries(files()).flatMap(([name, content]) => {
      const old = before[name]!.split('\n')
      return content.split('\n').filter((line, i) => line !== old[i])
    })
    expect(changed).toHaveLength(1)
  })

  test('drops damaged lines and says where they were', () => {
    journal(some, 'one')
    appendFileSync(join(cassettes, 'journal-one.jsonl'), encodeLine(some[0]!).subarray(0, 100))
    expect(pack(cassettes, NOW).damage).toEqual([
      {
        file: expect.stringContaining('journal-one'),
        line: 7,
        reason: 'is torn or was changed: its checksum does not match',
      },
    ])
    expect(cassetteStats(cassettes)).toMatchObject({ recordings: 6, damaged: 0 })
  })

  test('keeps only what is to be kept', () => {
    journal(some, 'one')
    expect(pack(cassettes, NOW, ({ example }) => example === 'b')).toMatchObject({ recordings: 4, dropped: 2 })
    expect(readdirSync(cassettes)).toHaveLength(1)
  })

  test('shares files between very many examples', () => {
    journal(
      Array.from({ length: 600 }, (_, i) => recordingOf(`example ${i}`, 1)),
      'one',
    )
    const { files: names } = pack(cassettes, NOW)
    expect(names.length).toBeLessThanOrEqual(256)
    expect(names.every((name) => /^examples-[0-9a-f]{2}\.jsonl$/.test(name))).toBe(true)
    expect(cassetteStats(cassettes).recordings).toBe(600)
  })

  test('leaves everything as it is when it cannot read a recording', () => {
    journal(some, 'one')
    journal([recordingOf('future', 1, { response: { version: 2 } as never })], 'two')
    expect(() => pack(cassettes, NOW)).toThrow(/another version wrote it/)
    expect(cassetteStats(cassettes).recordings).toBe(7)
  })

  test('does not run twice at once, but gets over a lock that was left behind', () => {
    journal(some, 'one')
    mkdirSync(join(cassettes, 'pack.lock'))
    expect(() => pack(cassettes, Date.now())).toThrow(/is being packed/)
    utimesSync(join(cassettes, 'pack.lock'), 0, 0)
    expect(pack(cassettes, Date.now()).recordings).toBe(6)
    expect(readdirSync(cassettes)).not.toContain('pack.lock')
  })

  test('a journal that is taken away while it is written to goes on elsewhere, without a loss', () => {
    let n = 0
    const writer = new JournalWriter(cassettes, () => `w${n++}`)
    writer.append(some[0]!)
    pack(cassettes, NOW)
    const { file } = writer.append(some[1]!)
    writer.close()
    expect(file).toContain('journal-w1.jsonl')
    expect(cassetteStats(cassettes)).toMatchObject({ recordings: 2, superseded: 0 })
  })
})

describe('prune', () => {
  const old = { ...recordingOf('b', 5), at: '2025-01-01T00:00:00.000Z' }

  test.each([
    ['recordings of other examples, but not those of none', { examples: new Set(['b']) }, 6],
    ['old ones', { before: '2026-01-01T00:00:00Z' }, 6],
    ['unused ones', { wasUsed: ({ ordinal }: { ordinal: number }) => ordinal === 1 }, 1],
    ['nothing without a rule', {}, 7],
    ['what one of several rules names', { examples: new Set(['b']), before: '2026-01-01T00:00:00Z' }, 5],
  ])('drops %s', (_, rules, left) => {
    journal([...some, old], 'one')
    expect(prune(cassettes, NOW, rules)).toMatchObject({ recordings: left, dropped: 7 - left })
    expect(cassetteStats(cassettes).recordings).toBe(left)
  })
})

test('stats sum a directory up', () => {
  journal([...some, { ...some[0]!, response: { ...some[0]!.response, cost_usd: 0.5 } }], 'one')
  writeFileSync(join(cassettes, 'broken.jsonl'), 'nonsense\n')
  expect(cassetteStats(cassettes)).toEqual({
    files: 2,
    journals: 1,
    bytes: expect.any(Number),
    recordings: 6,
    superseded: 1,
    damaged: 1,
    examples: 2,
    calls: { 'messages claude-opus-5-5': 6 },
    costUsd: 1.75,
    oldest: '2026-11-23T06:00:00.000Z',
    newest: '2026-11-23T06:00:00.000Z',
  })
})

describe('verify', () => {
  test('finds nothing in a sound directory', () => {
    journal(some, 'one')
    expect(verifyCassettes(cassettes, new Redactor(), matchingRules())).toEqual([])
  })

  test('finds damage, secrets, strangers and what no request can reach', () => {
    const secret = { status: 200, headers: {}, latency_ms: 5, cost_usd: 0, body: { text: `sk-ant-${'x1'.repeat(20)}` } }
    journal(
      [recordingOf('a', 1, { response: secret }), recordingOf('b', 1, { request: {} as never }), recordingOf('c', 2)],
      'one',
    )
    writeFileSync(join(cassettes, 'x.jsonl'), '=======\n')
    const found = verifyCassettes(cassettes, new Redactor(), matchingRules(['messages[1]']))
    expect(found.map(({ kind }) => kind).sort()).toEqual(['damaged', 'secret', 'unreachable', 'unreadable'])
    expect(found.find(({ kind }) => kind === 'damaged')?.message).toBe('line 1 is no line of a cassette')
  })
})

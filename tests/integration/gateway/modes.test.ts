import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prune } from '@agent-ci/gateway/cassette/prune'
import { usageFrom } from '@agent-ci/gateway/observed'
import { trialScope } from '@agent-ci/gateway/scope'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ask, message, textOf } from './ask.ts'
import { Workplace } from './gateway.ts'
import { Provider } from './provider/provider.ts'

const workplace = new Workplace()
let provider: Provider
let cassettes: string
let upstreams: { anthropic: string; openai: string }

beforeEach(async () => {
  provider = await Provider.start()
  cassettes = workplace.directory()
  upstreams = { anthropic: provider.url, openai: provider.url }
})

afterEach(async () => {
  await workplace.clear()
  await provider.stop()
})

describe('modes', () => {
  test('live asks each time and stores nothing', async () => {
    const gateway = await workplace.start({ mode: 'live', upstreams })
    const url = `${gateway.baseUrls().anthropic}/v1/messages`
    const answers = [await ask(url, message('Hello')), await ask(url, message('Hello'))]
    expect(answers.map(textOf)).toEqual(['Answer 1 to: Hello', 'Answer 2 to: Hello'])
    expect(readdirSync(cassettes)).toEqual([])
  })

  test('auto replays what there is and records the rest', async () => {
    const first = await workplace.start({ mode: 'auto', cassettes, upstreams })
    await ask(`${first.baseUrls().anthropic}/v1/messages`, message('Hello'))
    await first.close()
    const second = await workplace.start({ mode: 'auto', cassettes, upstreams })
    const url = `${second.baseUrls().anthropic}/v1/messages`
    const answers = [await ask(url, message('Hello')), await ask(url, message('Hello')), await ask(url, message('Bye'))]
    expect(answers.map(textOf)).toEqual(['Answer 1 to: Hello', 'Answer 2 to: Hello', 'Answer 3 to: Bye'])
    expect(answers.map(({ headers }) => headers['x-agent-ci-replayed'])).toEqual(['true', undefined, undefined])
    const summary = await second.close()
    expect(summary).toMatchObject({
      recordings: { before: 1, after: 3 },
      observed: { hits: 1, live: 2, replayed: true },
    })
    const third = await workplace.start({ mode: 'replay', cassettes })
    const again = `${third.baseUrls().anthropic}/v1/messages`
    expect([await ask(again, message('Hello')), await ask(again, message('Hello'))].map(textOf)).toEqual([
      'Answer 1 to: Hello',
      'Answer 2 to: Hello',
    ])
  })

  test('what a run did not use can be told from what it did', async () => {
    const first = await workplace.start({ mode: 'auto', cassettes, upstreams })
    for (const text of ['Hello', 'Bye']) await ask(`${first.baseUrls().anthropic}/v1/messages`, message(text))
    await first.close()
    const second = await workplace.start({ mode: 'auto', cassettes, upstreams })
    for (const text of ['Hello', 'News']) await ask(`${second.baseUrls().anthropic}/v1/messages`, message(text))
    await second.close()
    expect(prune(cassettes, Date.now(), { wasUsed: second.wasUsed })).toMatchObject({ recordings: 2, dropped: 1 })
  })

  test('record asks again and takes the place of what there was', async () => {
    for (let i = 0; i < 2; i++) {
      const gateway = await workplace.start({ mode: 'record', cassettes, upstreams })
      await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message('Hello'))
      await gateway.close()
    }
    const gateway = await workplace.start({ mode: 'replay', cassettes })
    const url = `${gateway.baseUrls().anthropic}/v1/messages`
    expect(textOf(await ask(url, message('Hello')))).toBe('Answer 2 to: Hello')
    expect((await ask(url, message('Hello'))).status).toBe(404)
  })

  test('replay asks nobody; what is missing is told by the field that differs', async () => {
    const recording = await workplace.start({ mode: 'record', cassettes, upstreams })
    await ask(`${recording.baseUrls().anthropic}/v1/messages`, message('Where is my parcel?'))
    await recording.close()
    await provider.stop()
    const gateway = await workplace.start({ mode: 'replay', cassettes })
    const answer = await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message('Where is my letter?'))
    expect(answer.status).toBe(404)
    expect(answer.headers['x-should-retry']).toBe('false')
    const { type, error } = JSON.parse(answer.body)
    expect([type, error.type]).toEqual(['error', 'not_found_error'])
    expect(error.message).toContain('messages[0].content: recorded "Where is my parcel?", asked "Where is my letter?"')
    expect(gateway.events).toContainEqual({
      type: 'refused',
      scope: '',
      kind: 'miss',
      message: error.message,
      first: true,
    })
    const openai = await ask(`${gateway.baseUrls().openai}/chat/completions`, { model: 'm', messages: [] })
    expect(JSON.parse(openai.body)).toEqual({
      error: {
        message: expect.stringContaining('no recordings of this kind'),
        type: 'invalid_request_error',
        param: null,
        code: 'recording_not_found',
      },
    })
    provider = await Provider.start()
  })

  test('ignored and volatile places do not matter', async () => {
    const rules = { ignore: ['metadata.user_id'], normalise: ['timestamps' as const] }
    const recording = await workplace.start({ mode: 'record', cassettes, upstreams, ...rules })
    const asked = (user_id: string, time: string) => message(`It is ${time}`, { metadata: { user_id } })
    await ask(`${recording.baseUrls().anthropic}/v1/messages`, asked('a', '2026-11-23T06:00:00Z'))
    await recording.close()
    const gateway = await workplace.start({ mode: 'replay', cassettes, ...rules })
    const answer = await ask(`${gateway.baseUrls().anthropic}/v1/messages`, asked('b', '2026-12-24T07:01:02.345Z'))
    expect(textOf(answer)).toBe('Answer 1 to: It is 2026-11-23T06:00:00Z')
  })

  test('a directory that is not there is refused for a replay and made for a recording', async () => {
    rmSync(cassettes, { recursive: true })
    await expect(workplace.start({ mode: 'replay', cassettes })).rejects.toThrow(/There is no directory/)
    const gateway = await workplace.start({ mode: 'record', cassettes, upstreams })
    await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message('Hello'))
    expect(readdirSync(cassettes)).toHaveLength(1)
  })

  test('a recorded stream is replayed at once, or as slowly as it came', async () => {
    const recording = await workplace.start({ mode: 'record', cassettes, upstreams })
    provider.faults.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('event: message_start\ndata: {"type":"message_start","message":{"model":"m"}}\n\n')
      setTimeout(() => response.end('event: message_stop\ndata: {"type":"message_stop"}\n\n'), 120)
    })
    const stream = message('Hello', { stream: true })
    const { body } = await ask(`${recording.baseUrls().anthropic}/v1/messages`, stream)
    await recording.close()
    for (const timing of ['none', 'recorded'] as const) {
      const gateway = await workplace.start({ mode: 'replay', cassettes, timing })
      const started = performance.now()
      const answer = await ask(`${gateway.baseUrls().anthropic}/v1/messages`, stream)
      const ms = performance.now() - started
      expect(answer.body).toBe(body)
      if (timing === 'recorded') expect(ms).toBeGreaterThan(110)
      expect(gateway.usageOf('').latencyMs).toBeGreaterThan(110)
    }
  })
})

describe('repeats and attribution', () => {
  const examples = Array.from({ length: 20 }, (_, i) => `example ${i}`)

  /** An agent that asks twice the same and once something of its own, with several trials under way at once. */
  async function run(
    gateway: Awaited<ReturnType<Workplace['start']>>,
    order: readonly number[],
  ): Promise<Map<string, string>> {
    const results = new Map<string, string>()
    const queue = [...order]
    const worker = async (scope: string) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const example = examples[Math.floor(next / 3)]!
        const repeat = next % 3
        gateway.begin(scope, { example, repeat })
        const url = `${gateway.baseUrls(scope).anthropic}/v1/messages`
        const answers = await Promise.all([
          ask(url, message('the same for all')),
          ask(url, message('the same for all')),
          ask(url, message(`question of ${example}`)),
        ])
        const { calls, hits, refusals } = gateway.take(scope)
        expect(refusals).toEqual([])
        expect(calls).toBe(3)
        const texts = answers.map((answer) => textOf(answer))
        results.set(`${example} ${repeat}`, [...texts.slice(0, 2).sort(), texts[2], hits].join('; '))
      }
    }
    await Promise.all(['w0', 'w1', 'w2', 'w3', 'w4'].map(worker))
    return results
  }

  test('each repeat of each example replays its own recorded answers, in whatever order the trials run', async () => {
    const order = Array.from({ length: examples.length * 3 }, (_, i) => i)
    const recording = await workplace.start({ mode: 'record', cassettes, upstreams })
    const recorded = await run(recording, order)
    await recording.close()
    expect(new Set(recorded.values()).size).toBe(recorded.size)
    const asked = provider.received.length

    const replaying = await workplace.start({ mode: 'replay', cassettes, upstreams })
    const replayed = await run(replaying, [...order].reverse())
    expect(provider.received.length).toBe(asked)
    const withHits = [...recorded].map(([trial, texts]) => [trial, texts.replace(/0$/, '3')])
    expect(Object.fromEntries(replayed)).toEqual(Object.fromEntries(withHits))
    expect(replaying.summary().observed).toMatchObject({ calls: 180, hits: 180, live: 0, misses: 0 })
  })

  test('an attempt that failed leaves nothing that the next one would replay', async () => {
    const recording = await workplace.start({ mode: 'record', cassettes, upstreams })
    const url = `${recording.baseUrls('w').anthropic}/v1/messages`
    recording.begin('w', { example: 'a', repeat: 0 })
    await ask(url, message('first step'))
    recording.begin('w', { example: 'a', repeat: 0 })
    await ask(url, message('first step'))
    await recording.close()
    const gateway = await workplace.start({ mode: 'replay', cassettes })
    const again = `${gateway.baseUrls(trialScope('a', 0)).anthropic}/v1/messages`
    expect(textOf(await ask(again, message('first step')))).toBe('Answer 2 to: first step')
  })

  test('usage, cost, latency, models and tool calls land on the scope that made them', async () => {
    const tools = [{ name: 'search', input_schema: { type: 'object' } }]
    const functions = [{ type: 'function', function: { name: 'lookup' } }]
    for (const mode of ['record', 'replay'] as const) {
      const gateway = await workplace.start({ mode, cassettes, upstreams })
      const scopes = { one: trialScope('one', 0), two: trialScope('two', 1) }
      await Promise.all([
        ask(`${gateway.baseUrls(scopes.one).anthropic}/v1/messages`, message('Hello', { tools, stream: true })),
        ask(
          `${gateway.baseUrls(scopes.two).openai}/chat/completions`,
          { model: 'gpt-5', stream: true, messages: [{ role: 'user', content: 'Hello' }], tools: functions },
          { authorization: 'Bearer k' },
        ),
      ])
      await ask(
        `${gateway.baseUrls(scopes.two).openai}/embeddings`,
        { model: 'text-embedding-3-small', input: 'x' },
        { authorization: 'Bearer k' },
      )
      const one = gateway.take(scopes.one)
      expect(one).toMatchObject({
        calls: 1,
        models: ['claude-opus-5-5'],
        tokens: { input: 100, cacheRead: 30, cacheWrite: 10, cacheWriteLong: 0, output: 20 },
        toolCalls: [{ name: 'search', args: { query: 'Hello', n: expect.any(Number) } }],
        replayed: mode === 'replay',
      })
      expect(one.costUsd).toBeCloseTo((100 * 4 + 30 * 0.2 + 10 * 5 + 20 * 20) / 1e6, 12)
      expect(one.spentUsd).toBeCloseTo(mode === 'replay' ? 0 : one.costUsd!, 12)
      expect(one.latencyMs).toBeGreaterThan(0)
      const two = gateway.take(scopes.two)
      expect(two).toMatchObject({
        calls: 2,
        models: ['gpt-5', 'text-embedding-3-small'],
        toolCalls: [{ name: 'lookup', args: { query: 'Hello', n: expect.any(Number) } }],
        unreported: 0,
      })
      expect(two.costUsd).toBeCloseTo((60 * 1.25 + 40 * 0.125 + 20 * 10 + 8 * 0.02) / 1e6, 12)
      expect(usageFrom(two)).toEqual({
        inputTokens: 108,
        outputTokens: 20,
        costUsd: two.costUsd,
        modelCalls: 2,
        model: 'text-embedding-3-small',
      })
      const { observed, spending } = await gateway.close()
      expect(observed.calls).toBe(3)
      expect(spending.usd).toBeCloseTo(mode === 'replay' ? 0 : one.costUsd! + two.costUsd!, 12)
    }
  })

  test('a stream’s usage is asked for where the agent does not, and hidden from it', async () => {
    const body = { model: 'gpt-5', stream: true, messages: [{ role: 'user', content: 'Hello' }] }
    const headers = { authorization: 'Bearer k' }
    provider.reply = 'always the same'
    const direct = await ask(`${provider.url}/v1/chat/completions`, body, headers)
    const gateway = await workplace.start({ mode: 'record', cassettes, upstreams })
    const through = await ask(`${gateway.baseUrls().openai}/chat/completions`, body, headers)
    expect(through.body.replaceAll(/chatcmpl-\d/g, '')).toBe(direct.body.replaceAll(/chatcmpl-\d/g, ''))
    expect(provider.received.at(-1)?.body).toMatchObject({ stream_options: { include_usage: true } })
    expect(gateway.usageOf('').tokens.output).toBe(20)
    await gateway.close()
    const replaying = await workplace.start({ mode: 'replay', cassettes })
    const replayed = await ask(`${replaying.baseUrls().openai}/chat/completions`, body, headers)
    expect(replayed.body).toBe(through.body)
    expect(replaying.usageOf('').tokens.output).toBe(20)
    const off = await workplace.start({ mode: 'live', upstreams, countStreams: false })
    await ask(`${off.baseUrls().openai}/chat/completions`, body, headers)
    expect(provider.received.at(-1)?.body).toEqual(body)
    expect(off.usageOf('')).toMatchObject({ unreported: 1, costUsd: null })
  })
})

describe('what is not recorded', () => {
  test('is handed on and back, byte by byte', async () => {
    const gateway = await workplace.start({ mode: 'record', cassettes, upstreams })
    const batches = await ask(`${gateway.baseUrls().anthropic}/v1/messages/batches?limit=2`, undefined, {}, 'GET')
    expect(JSON.parse(batches.body)).toMatchObject({ data: [], has_more: false })
    const models = await ask(`${gateway.baseUrls('w1').openai}/models`, undefined, { authorization: 'Bearer k' }, 'GET')
    expect(models.status).toBe(200)
    expect(provider.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/messages/batches?limit=2',
      'GET /v1/models',
    ])
    expect(readdirSync(cassettes)).toEqual([])
  })

  test.each([
    ['in a replay', { mode: 'replay' as const }],
    ['with strict', { mode: 'live' as const, strict: true }],
  ])('is refused %s', async (_, options) => {
    const gateway = await workplace.start({ cassettes, upstreams, ...options })
    const answer = await ask(`${gateway.baseUrls().openai}/models`, undefined, {}, 'GET')
    expect(answer).toMatchObject({ status: 404, headers: { 'x-agent-ci-refused': 'not-recorded' } })
    expect(provider.received).toEqual([])
  })
})

describe('the door', () => {
  test.each([
    ['another host’s name', { host: 'evil.example' }],
    ['a web page', { origin: 'https://evil.example' }],
  ])('is closed to %s', async (_, headers) => {
    const gateway = await workplace.start({ mode: 'live', upstreams })
    expect((await ask(`${gateway.url}/v1/messages`, message('Hello'), headers)).status).toBe(403)
    expect(provider.received).toEqual([])
  })

  test.each([
    ['what is no JSON', 'Hello', {}, 400],
    ['what is no object', '[1]', {}, 400],
    ['what is compressed', '{}', { 'content-encoding': 'gzip' }, 400],
    ['what is too large', `{"a":"${'x'.repeat(64 * 1024 * 1024)}"}`, {}, 413],
  ])('%s is refused', async (_, body, headers, code) => {
    const gateway = await workplace.start({ mode: 'live', upstreams })
    const answer = await ask(`${gateway.url}/v1/messages`, body, headers)
    expect(answer.status).toBe(code)
    expect(JSON.parse(answer.body)).toMatchObject({ type: 'error' })
  })

  test('a port that is taken is refused at the start', async () => {
    const { port } = await workplace.start({ mode: 'live', upstreams })
    await expect(workplace.start({ mode: 'live', upstreams, port })).rejects.toThrow(`cannot listen on port ${port}`)
  })

  test('the gateway’s own key is used instead of the agent’s', async () => {
    const keys = { anthropic: 'the-real-anthropic-key', openai: 'the-real-openai-key' }
    const gateway = await workplace.start({ mode: 'live', upstreams, keys })
    await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message('Hello'))
    await ask(`${gateway.baseUrls().openai}/embeddings`, { model: 'm', input: 'x' })
    expect(provider.received.map(({ headers }) => headers['x-api-key'])).toEqual(['the-real-anthropic-key', undefined])
    expect(provider.received[1]?.headers.authorization).toBe('Bearer the-real-openai-key')
  })
})

test('no secret gets into a cassette: not from headers, bodies, answers, nor cut up in a stream', async () => {
  const planted = 'hunter2-hunter2-hunter2'
  const shaped = `sk-ant-api03-${'Zz9_'.repeat(12)}`
  const header = 'credential-of-this-request-only'
  provider.reply = `keys: ${planted} ${shaped} ${header} end`
  provider.headers = { 'x-request-id': `req-${planted}` }
  const options = { cassettes, upstreams, secrets: [planted], redact: ['PIN \\d{4}'] }
  const recording = await workplace.start({ mode: 'record', ...options })
  const asked = message(`${planted} and ${shaped} and PIN 1234`)
  for (const stream of [false, true]) {
    await ask(`${recording.baseUrls().anthropic}/v1/messages`, { ...asked, stream }, { 'x-api-key': header })
  }
  await ask(
    `${recording.baseUrls().openai}/responses`,
    { model: 'gpt-5', input: planted, stream: true },
    { authorization: `Bearer ${header}` },
  )
  await recording.close()
  const stored = readdirSync(cassettes)
    .map((name) => readFileSync(join(cassettes, name), 'utf8'))
    .join('')
  expect(stored.split('\n')).toHaveLength(4)
  const pieces = [...stored.matchAll(/"(?:text|delta)":"([^"]*)"/g)].map(([, piece]) => piece).join('')
  for (const secret of [planted, shaped, header, 'PIN 1234', 'secret-session-cookie', 'org-secret-organization']) {
    expect(stored).not.toContain(secret)
    expect(pieces).not.toContain(secret)
  }

  const gateway = await workplace.start({ mode: 'replay', ...options })
  const answer = await ask(
    `${gateway.baseUrls().anthropic}/v1/messages`,
    { ...asked, stream: false },
    { 'x-api-key': 'x' },
  )
  expect(textOf(answer)).toBe('keys: [redacted] [redacted] [redacted] end')
  const streamed = await ask(
    `${gateway.baseUrls().anthropic}/v1/messages`,
    { ...asked, stream: true },
    { 'x-api-key': 'x' },
  )
  const texts = [...streamed.body.matchAll(/"text_delta","text":"([^"]*)"/g)].map(([, piece]) => piece)
  expect(texts.join('')).toBe('keys: [redacted] [redacted] [redacted] end')
})

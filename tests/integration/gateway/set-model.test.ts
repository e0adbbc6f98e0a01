import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OWN_SCOPE } from '@agent-ci/gateway/scope'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ask, message, textOf } from './ask.ts'
import { Workplace } from './gateway.ts'
import { Provider } from './provider/provider.ts'

const workplace = new Workplace()
let provider: Provider
beforeEach(async () => {
  provider = await Provider.start()
})
afterEach(async () => {
  await workplace.clear()
  await provider.stop()
})

const MODEL = 'claude-haiku-4-5'
const start = (more: object = {}) =>
  workplace.start({
    mode: 'live',
    setModel: MODEL,
    upstreams: { anthropic: provider.url, openai: provider.url },
    keys: { anthropic: 'key', openai: 'key' },
    ...more,
  })
const models = () => provider.received.map(({ body }) => (body as { model: string }).model)
const chat = (more: object = {}) => ({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hello' }], ...more })

test('is put into the calls of both protocols, in streams too, and the rest of them stays', async () => {
  const gateway = await start()
  const { anthropic, openai } = gateway.baseUrls('w0')
  await ask(`${anthropic}/v1/messages`, message('Hello', { system: 'Be brief.' }))
  const streamed = await ask(`${anthropic}/v1/messages`, message('Hello', { stream: true }))
  await ask(`${anthropic}/v1/messages/count_tokens`, { model: 'x', messages: [{ role: 'user', content: 'Hello' }] })
  await ask(`${openai}/chat/completions`, chat())
  const chunks = await ask(`${openai}/chat/completions`, chat({ stream: true }))
  await ask(`${openai}/responses`, { model: 'gpt-5', input: 'Hello' })
  expect(models()).toEqual(Array.from({ length: 6 }, () => MODEL))
  expect(provider.received[0]!.body).toEqual({ ...message('Hello', { system: 'Be brief.' }), model: MODEL })
  expect(streamed.body).toContain('event: message_stop')
  expect(chunks.body).toContain('[DONE]')
  expect(gateway.take('w0').models).toEqual([MODEL])
})

test("the evaluation's own calls and embeddings keep theirs", async () => {
  const gateway = await start()
  await ask(`${gateway.baseUrls(OWN_SCOPE).anthropic}/v1/messages`, message('Judge this'))
  await ask(`${gateway.baseUrls('w0').openai}/embeddings`, { model: 'text-embedding-3-small', input: 'Hello' })
  expect(models()).toEqual(['claude-opus-5-5', 'text-embedding-3-small'])
})

test('the price is that of the model that answered', async () => {
  const gateway = await start()
  await ask(`${gateway.baseUrls('w0').anthropic}/v1/messages`, message('Hello'))
  // 100 fresh tokens at $1, 30 from the cache at $0.10, 10 into it at $1.25, 20 out at $5 a million.
  expect(gateway.take('w0').costUsd).toBeCloseTo((100 + 3 + 12.5 + 100) / 1e6, 12)
})

describe('recordings', () => {
  test('are of the call as it was sent, so that a replay finds them whatever the agent asks for', async () => {
    const cassettes = workplace.directory()
    const first = await start({ mode: 'auto', cassettes })
    const asked = await ask(`${first.baseUrls('w0').anthropic}/v1/messages`, message('Hello'))
    await first.close()
    const second = await start({ mode: 'replay', cassettes })
    const replayed = await ask(
      `${second.baseUrls('w0').anthropic}/v1/messages`,
      message('Hello', { model: 'claude-sonnet-5' }),
    )
    expect(textOf(replayed)).toBe(textOf(asked))
    expect(provider.received).toHaveLength(1)
    const stored = readdirSync(cassettes)
      .map((file) => readFileSync(join(cassettes, file), 'utf8'))
      .join('')
    expect(stored).toContain(MODEL)
    expect(stored).not.toContain('claude-opus-5-5')
  })

  test('of one model are none of another', async () => {
    const cassettes = workplace.directory()
    const first = await start({ mode: 'auto', cassettes })
    await ask(`${first.baseUrls('w0').anthropic}/v1/messages`, message('Hello'))
    await first.close()
    const second = await start({ mode: 'replay', cassettes, setModel: 'claude-sonnet-5' })
    const missed = await ask(`${second.baseUrls('w0').anthropic}/v1/messages`, message('Hello'))
    expect(missed).toMatchObject({ status: 404, body: expect.stringContaining('model') })
  })
})

test('an endpoint where it cannot be set is refused, and reading from one is not', async () => {
  const gateway = await start()
  const { anthropic } = gateway.baseUrls('w0')
  const refused = await ask(`${anthropic}/v1/messages/batches`, { requests: [] })
  expect(refused.body).toContain('not an endpoint where it can. Take set-model away')
  expect(provider.received).toEqual([])
  expect(await ask(`${anthropic}/v1/messages/batches`, undefined, {}, 'GET')).toMatchObject({ status: 200 })
})

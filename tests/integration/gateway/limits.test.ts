import Anthropic from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ask, message } from './ask.ts'
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

/** What the stub's answer costs: 100 + 30 + 10 tokens of input, 20 of output. */
const COST = (100 * 4 + 30 * 0.2 + 10 * 5 + 20 * 20) / 1e6

describe('a budget in USD', () => {
  test('is never exceeded, however many calls are under way', async () => {
    const upstreams = { anthropic: provider.url }
    // A call of at most 20 tokens costs about what the stub says that it costs.
    const body = message('Hello', { max_tokens: 20 })
    const gateway = await workplace.start({ mode: 'live', upstreams, budget: { usd: 10 * COST } })
    const url = `${gateway.baseUrls().anthropic}/v1/messages`
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(url, body)))
    const paid = answers.filter(({ status }) => status === 200).length
    const refused = answers.filter(({ status }) => status !== 200)
    expect(provider.received).toHaveLength(paid)
    expect(paid).toBeGreaterThanOrEqual(9)
    const { spending, budgetExhausted, observed } = await gateway.close()
    expect(spending.usd).toBeCloseTo(paid * COST, 10)
    expect(spending.usd).toBeLessThanOrEqual(10 * COST + 1e-9)
    expect(budgetExhausted).toBe(true)
    expect(observed.refusals).toMatchObject([{ kind: 'budget', count: refused.length }])
    for (const { status, headers, body: text } of refused) {
      expect([status, headers['x-should-retry'], headers['x-agent-ci-refused']]).toEqual([402, 'false', 'budget'])
      expect(JSON.parse(text).error).toMatchObject({
        type: 'billing_error',
        message: expect.stringMatching(/^The budget of \$0\.00\d+ is used up/),
      })
    }
    expect(gateway.events.filter((event) => event.type === 'refused' && event.first)).toHaveLength(1)
  })

  test('is refused to the SDK once, without another try', async () => {
    const gateway = await workplace.start({ mode: 'live', upstreams: { anthropic: provider.url }, budget: { usd: 0 } })
    const client = new Anthropic({ baseURL: gateway.baseUrls('w1').anthropic, apiKey: 'k', maxRetries: 5 })
    const create = client.messages.create({
      model: 'claude-opus-5-5',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'x' }],
    })
    await expect(create).rejects.toMatchObject({ status: 402, message: expect.stringContaining('budget') })
    expect(gateway.usageOf('w1').refusals).toEqual([
      { kind: 'budget', message: expect.stringContaining('budget'), count: 1 },
    ])
    expect(gateway.summary().observed.refusals).toHaveLength(1)
  })

  test('refuses a model without a price, and what nobody can price', async () => {
    const upstreams = { anthropic: provider.url, openai: provider.url }
    const gateway = await workplace.start({ mode: 'live', upstreams, budget: { usd: 100 } })
    const { anthropic, openai } = gateway.baseUrls()
    const unpriced = await ask(`${anthropic}/v1/messages`, message('Hello', { model: 'claude-opus-55' }))
    expect([unpriced.status, unpriced.headers['x-agent-ci-refused']]).toEqual([400, 'unpriced'])
    expect(JSON.parse(unpriced.body).error.message).toMatch(/no price for the model "claude-opus-55".*Did you mean/)
    expect((await ask(`${openai}/images/generations`, { prompt: 'x' })).status).toBe(400)
    expect((await ask(`${openai}/models`, undefined, { authorization: 'Bearer k' }, 'GET')).status).toBe(200)
    expect(provider.received).toHaveLength(1)
  })

  test('is not touched by replays and errors', async () => {
    const cassettes = workplace.directory()
    const upstreams = { anthropic: provider.url }
    const recording = await workplace.start({ mode: 'record', cassettes, upstreams })
    await ask(`${recording.baseUrls().anthropic}/v1/messages`, message('Hello'))
    await recording.close()
    const gateway = await workplace.start({ mode: 'auto', cassettes, upstreams, budget: { usd: 1 } })
    const url = `${gateway.baseUrls().anthropic}/v1/messages`
    expect((await ask(url, message('Hello'))).status).toBe(200)
    expect((await ask(url, message('', {}))).status).toBe(400)
    const { spending, observed } = await gateway.close()
    expect(spending).toEqual({ usd: 0, requests: 1 })
    expect(observed).toMatchObject({ calls: 2, hits: 1, live: 1, failures: 1 })
    expect(observed.costUsd).toBeCloseTo(COST, 12)
  })

  test('counts a stream that broke at the most that it can have cost', async () => {
    provider.faults.push((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('event: ping\ndata: {"type":"ping"}\n\n')
    })
    const gateway = await workplace.start({ mode: 'live', upstreams: { anthropic: provider.url }, budget: { usd: 1 } })
    await ask(`${gateway.baseUrls().anthropic}/v1/messages`, message('Hello', { stream: true, max_tokens: 1_000 }))
    expect(gateway.summary().spending.usd).toBeGreaterThan(0.02)
  })
})

test('a budget of requests ends with its last one', async () => {
  const upstreams = { anthropic: provider.url }
  const gateway = await workplace.start({ mode: 'live', upstreams, budget: { requests: 3 } })
  const url = `${gateway.baseUrls().anthropic}/v1/messages`
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(url, message('Hello'))))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
  expect(answers.filter(({ status }) => status === 402)).toHaveLength(5)
})

describe('rate limits', () => {
  /** A clock that jumps to the end of each wait. */
  function jumping() {
    let time = Date.parse('2026-11-23T06:00:00Z')
    const sleep = async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted()
      time += ms
    }
    return { now: () => time, sleep }
  }

  test('are kept over all scopes', async () => {
    const clock = jumping()
    const start = clock.now()
    const upstreams = { anthropic: provider.url }
    const gateway = await workplace.start({ mode: 'live', upstreams, rateLimits: { requestsPerMinute: 60 } }, clock)
    const scopes = Array.from({ length: 30 }, (_, i) => `w${i % 5}`)
    await Promise.all(scopes.map((scope) => ask(`${gateway.baseUrls(scope).anthropic}/v1/messages`, message('Hello'))))
    // Ten at once, twenty more at one a second.
    expect((clock.now() - start) / 1_000).toBeCloseTo(20, 0)
  })

  test('of the provider, told in its headers, hold up the next call', async () => {
    const clock = jumping()
    const start = clock.now()
    const gateway = await workplace.start({ mode: 'live', upstreams: { anthropic: provider.url } }, clock)
    const url = `${gateway.baseUrls().anthropic}/v1/messages`
    provider.headers = {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': new Date(start + 60_000).toISOString(),
    }
    await ask(url, message('Hello'))
    expect(gateway.events).toContainEqual({ type: 'paused', protocol: 'anthropic', ms: 1_200 })
    await ask(url, message('Hello'))
    expect(clock.now() - start).toBe(1_200)
  })
})

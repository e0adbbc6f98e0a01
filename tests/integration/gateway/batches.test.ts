import { OWN_SCOPE } from '@agent-ci/gateway/scope'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
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

const start = (usd: number) =>
  workplace.start({ mode: 'live', budget: { usd }, upstreams: { anthropic: provider.url }, keys: { anthropic: 'key' } })

const batch = { requests: [{ custom_id: 'a', params: message('Hello') }] }

test('a batch is handed on for the evaluation, which keeps its money, and refused to everybody else', async () => {
  const gateway = await start(1)
  for (const scope of [undefined, 'w0', OWN_SCOPE]) {
    const refused = await ask(`${gateway.baseUrls(scope).anthropic}/v1/messages/batches`, batch)
    expect(refused.body).toContain('the budget in USD cannot be kept')
  }
  expect(provider.received).toEqual([])
  expect(await ask(`${gateway.batches.baseUrl}/v1/messages/batches`, batch)).toMatchObject({ status: 200 })
  expect(provider.received[0]!.headers['x-api-key']).toBe('key')
})

test('its money is half of what the calls may and did cost, and is shared with the other calls', async () => {
  const { batches, baseUrls } = await start(0.001)
  const body = message('Hello')
  // 51 bytes of text and more are at most 2 bytes a token at $5 a million, 100 tokens out at $20.
  const worst = batches.worstUsd(body as never)
  const input = Math.ceil(Buffer.byteLength(JSON.stringify(body)) / 2)
  expect(worst).toBeCloseTo((input * 8 + 100 * 20) / 2 / 1e6, 12)
  const usage = { input_tokens: 100, output_tokens: 20, cache_read_input_tokens: 30, service_tier: 'batch' }
  expect(batches.costUsd({ model: 'claude-opus-5-5', usage })).toBeCloseTo((100 * 4 + 30 * 0.2 + 20 * 20) / 2 / 1e6, 12)
  expect(batches.costUsd({ model: 'unheard-of', usage })).toBeUndefined()
  const reservation = await batches.reserve(0.0009, AbortSignal.timeout(10_000))
  expect(batches.remainingUsd()).toBeCloseTo(0.0001, 12)
  reservation.settle(0.0009)
  const refused = await ask(`${baseUrls('w0').anthropic}/v1/messages`, body)
  expect(refused.body).toContain('The budget of $0.001000 is used up: $0.000900 is spent')
})

test('a request whose price nobody knows is refused where a budget is to be kept', async () => {
  const { batches } = await start(1)
  expect(() => batches.worstUsd(message('Hello', { model: 'unheard-of' }) as never)).toThrow(/no price for the model/)
})

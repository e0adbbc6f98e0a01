import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { estimateInput, worstCost } from '@agent-ci/gateway/estimate'
import { PRICE_LIST } from '@agent-ci/gateway/price-list'
import {
  assertPriced,
  costOf,
  loadPrices,
  priceListSchema,
  priceOf,
  UnpricedModelError,
} from '@agent-ci/gateway/prices'
import { anthropic } from '@agent-ci/gateway/protocols/anthropic'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-ci-prices-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const write = (content: unknown): string => {
  const path = join(directory, 'prices.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('the built-in list', () => {
  test('is a price list with a date, and reads cheaper from a cache than fresh', () => {
    expect(priceListSchema.parse(PRICE_LIST)).toEqual(PRICE_LIST)
    for (const [model, price] of Object.entries(PRICE_LIST.models)) {
      expect([model, price.cache_read === undefined || price.cache_read < price.input]).toEqual([model, true])
      expect([model, price.cache_write === undefined || price.cache_write > price.input]).toEqual([model, true])
    }
  })

  test.each([
    ['claude-opus-5-5', 4],
    ['claude-haiku-4-5-20251001', 1],
    ['claude-sonnet-4-5-latest', 3],
    ['gpt-5-2025-08-07', 1.25],
    ['gpt-5-mini', 0.25],
    ['gpt-5-unheard-of', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('%s costs %s for a million tokens of input', (model, input) => {
    expect(priceOf(PRICE_LIST, model)?.input).toBe(input)
  })
})

describe('costOf', () => {
  const price = {
    input: 1,
    output: 10,
    cache_read: 0.1,
    cache_write: 1.25,
    cache_write_long: 2,
    long_prompt: { above: 1_000, input: 2, output: 15 },
  }
  const tokens = { input: 100, cacheRead: 200, cacheWrite: 300, cacheWriteLong: 400, output: 500 }

  test('each class at its price', () => {
    expect(costOf(price, tokens)).toBeCloseTo((100 + 20 + 375 + 800 + 5_000) / 1e6, 12)
  })

  test('a long prompt at its prices, the whole of it; what has no price costs what input costs', () => {
    expect(costOf(price, { ...tokens, input: 101 })).toBeCloseTo((1_001 * 2 + 500 * 15) / 1e6, 12)
  })
})

describe('a user’s price file', () => {
  test('goes over the built-in list, model by model', () => {
    const list = loadPrices(write({ date: '2026-12-01', source: 'us', models: { 'gpt-5': { input: 7, output: 8 } } }))
    expect(list.date).toBe('2026-12-01')
    expect(priceOf(list, 'gpt-5')).toEqual({ input: 7, output: 8 })
    expect(priceOf(list, 'claude-opus-5-5')?.input).toBe(4)
    expect(loadPrices()).toBe(PRICE_LIST)
  })

  test.each([
    ['is not there', undefined, /ENOENT/],
    ['is no JSON', '{', /is no price list/],
    ['has no date', { source: 'x', models: {} }, /date/],
    [
      'has a negative price',
      { date: '2026-12-01', source: 'x', models: { m: { input: -1, output: 1 } } },
      /models\.m\.input/,
    ],
    ['has an unknown key', { date: '2026-12-01', source: 'x', models: { m: { input: 1, output: 1, in: 2 } } }, /"in"/],
  ])('is refused when it %s', (_, content, message) => {
    const path = content === undefined ? join(directory, 'missing.json') : write(content)
    expect(() => loadPrices(path)).toThrow(ConfigurationError)
    expect(() => loadPrices(path)).toThrow(message)
  })
})

test('assertPriced names every model without a price', () => {
  expect(() => assertPriced(PRICE_LIST, ['gpt-5', 'claude-opus-5-5'])).not.toThrow()
  expect(() => assertPriced(PRICE_LIST, ['gpt-5', 'claude-opus-55', 'x-1'])).toThrow(UnpricedModelError)
  expect(() => assertPriced(PRICE_LIST, ['claude-opus-55'])).toThrow(
    /no price for the model "claude-opus-55".*Did you mean/,
  )
})

describe('the worst cost of a call', () => {
  const messages = anthropic.endpointOf('POST', '/v1/messages')!
  const body = { model: 'claude-opus-5-5', max_tokens: 1_000 }

  test('is all input at the dearest class, and all the output that it may have', () => {
    const input = { usual: 500, most: 1_000 }
    expect(worstCost(messages, body, input, PRICE_LIST)).toBeCloseTo((1_000 * 8 + 1_000 * 20) / 1e6, 12)
  })

  test.each([
    [{ ...body, model: 'unheard-of' }, /no price for the model "unheard-of"/],
    [{ ...body, speed: 'fast' }, /service tier or speed/],
    [{ ...body, service_tier: 'priority' }, /service tier or speed/],
  ])('%j is refused', (request, message) => {
    expect(() => worstCost(messages, request, { usual: 1, most: 1 }, PRICE_LIST)).toThrow(message)
  })

  test('counting tokens costs nothing', () => {
    const count = anthropic.endpointOf('POST', '/v1/messages/count_tokens')!
    expect(worstCost(count, { model: 'unheard-of' }, { usual: 1, most: 1 }, PRICE_LIST)).toBe(0)
  })

  test('an image counts as an image, not as its base64', () => {
    const text = (data: string) => JSON.stringify({ type: 'base64', data })
    const small = estimateInput(text('A'.repeat(10_000)))
    expect(small.most).toBeLessThan(6_000)
    expect(small.most).toBeGreaterThan(5_000)
    expect(estimateInput('x'.repeat(4_000))).toEqual({ usual: 1_000, most: 2_000 })
  })
})

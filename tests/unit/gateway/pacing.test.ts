import { Budget } from '@agent-ci/gateway/budget'
import { RateLimiter } from '@agent-ci/gateway/rate-limit'
import { Refusal } from '@agent-ci/gateway/refusal'
import { DEFAULT_RETRIES, isBrokenConnection, retryDelayMs } from '@agent-ci/gateway/retry'
import { TokenBucket } from '@agent-ci/gateway/token-bucket'
import { pauseMs, retryAfterMs } from '@agent-ci/gateway/upstream-limits'
import { describe, expect, test } from '@jest/globals'

const never = new AbortController().signal

/** A clock that jumps to the end of each sleep. */
function jumpingClock() {
  let time = 0
  return {
    now: () => time,
    sleep: async (ms: number, signal: AbortSignal) => {
      signal.throwIfAborted()
      time += ms
    },
    advance: (ms: number) => {
      time += ms
    },
  }
}

describe('TokenBucket', () => {
  test('lets a burst of ten seconds through, then keeps the pace', () => {
    const bucket = new TokenBucket(60, 0)
    expect(bucket.capacity).toBe(10)
    for (let i = 0; i < 10; i++) {
      expect(bucket.waitMs(1, 0)).toBe(0)
      bucket.take(1, 0)
    }
    expect(bucket.waitMs(1, 0)).toBe(1_000)
    expect(bucket.waitMs(1, 400)).toBeCloseTo(600)
    expect(bucket.waitMs(1, 1_000)).toBe(0)
  })

  test('lets more than it holds through when it is full, and then is in debt', () => {
    const bucket = new TokenBucket(600, 0)
    expect(bucket.waitMs(500, 0)).toBe(0)
    bucket.take(500, 0)
    expect(bucket.waitMs(1, 0)).toBeCloseTo(40_100)
  })

  test('never holds more than its capacity', () => {
    const bucket = new TokenBucket(60, 0)
    bucket.take(-100, 0)
    bucket.take(10, 1_000_000)
    expect(bucket.waitMs(1, 1_000_000)).toBe(1_000)
  })
})

describe('RateLimiter', () => {
  const estimate = { inputTokens: 0, outputLimit: 0 }

  test('keeps requests per minute over any minute, with a burst of a sixth of it', async () => {
    const clock = jumpingClock()
    const limiter = new RateLimiter({ requestsPerMinute: 60 }, clock)
    const times = await Promise.all(
      Array.from({ length: 200 }, async () => {
        await limiter.pass(estimate, never)
        return clock.now()
      }),
    )
    const most = Math.max(
      ...times.map((start) => times.filter((time) => time >= start && time < start + 60_000).length),
    )
    expect(most).toBeLessThanOrEqual(70)
    expect(times.at(-1)).toBeCloseTo(190_000, -3)
  })

  test('lets calls through in the order in which they came', async () => {
    const clock = jumpingClock()
    const limiter = new RateLimiter({ inputTokensPerMinute: 6_000 }, clock)
    const order: number[] = []
    await Promise.all(
      [900, 900, 1, 1].map(async (inputTokens, i) => {
        await limiter.pass({ inputTokens, outputLimit: 0 }, never)
        order.push(i)
      }),
    )
    expect(order).toEqual([0, 1, 2, 3])
  })

  test('corrects its estimate by what a call did use; cached input does not count', async () => {
    const clock = jumpingClock()
    const limiter = new RateLimiter({ inputTokensPerMinute: 6_000, outputTokensPerMinute: 6_000 }, clock)
    const passage = await limiter.pass({ inputTokens: 100, outputLimit: undefined }, never)
    passage.settle({ input: 1_000, cacheRead: 50_000, cacheWrite: 0, cacheWriteLong: 0, output: 1_000 })
    await limiter.pass({ inputTokens: 100, outputLimit: 10 }, never)
    // Both buckets hold 1,000 and are empty; the next call needs 100 of input: a second.
    expect(clock.now()).toBeCloseTo(1_000, -1)
  })

  test('lets nothing through during a pause', async () => {
    const clock = jumpingClock()
    const limiter = new RateLimiter({}, clock)
    limiter.pause(5_000)
    await limiter.pass(estimate, never)
    expect(clock.now()).toBe(5_000)
  })

  test('a call that is given up does not hold up the next one', async () => {
    const clock = jumpingClock()
    const limiter = new RateLimiter({ requestsPerMinute: 6 }, clock)
    await limiter.pass(estimate, never)
    const given = limiter.pass(estimate, AbortSignal.abort(new Error('gone')))
    await expect(given).rejects.toThrow('gone')
    await limiter.pass(estimate, never)
    expect(clock.now()).toBeCloseTo(10_000)
  })
})

describe('Budget', () => {
  test('refuses what could exceed it, and books what a call did cost', async () => {
    const budget = new Budget({ usd: 1 })
    const first = await budget.reserve(0.6, never)
    first.settle(0.3)
    const second = await budget.reserve(0.6, never)
    second.settle(0.3)
    await expect(budget.reserve(0.6, never)).rejects.toThrow(/budget of \$1\.00 is used up: \$0\.60 is spent/)
    ;(await budget.reserve(0.4, never)).settle(undefined)
    expect(budget.spending.usd).toBeCloseTo(1)
  })

  test('any number of calls at once stays within it, and uses it up', async () => {
    const budget = new Budget({ usd: 1 })
    let refused = 0
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        try {
          const reservation = await budget.reserve(0.1, never)
          await new Promise((resolve) => setImmediate(resolve))
          reservation.settle(0.01 * (1 + (i % 10)))
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal)
          refused++
        }
      }),
    )
    expect(budget.spending.usd).toBeLessThanOrEqual(1 + 1e-9)
    expect(budget.spending.usd).toBeGreaterThan(0.85)
    expect(refused).toBeGreaterThan(50)
    expect(budget.spending.requests + refused).toBe(100)
  })

  test('a call waits for those under way when it would fit if they are cheap', async () => {
    const budget = new Budget({ usd: 1 })
    const first = await budget.reserve(0.9, never)
    const waiting = budget.reserve(0.9, never)
    const gone = new AbortController()
    const leaving = budget.reserve(0.9, gone.signal)
    gone.abort(new Error('gone'))
    await expect(leaving).rejects.toThrow('gone')
    first.settle(0.05)
    ;(await waiting).release()
    expect(budget.spending).toEqual({ usd: 0.05, requests: 2 })
  })

  test('refuses a waiting call when those under way turn out dear', async () => {
    const budget = new Budget({ usd: 1 })
    const first = await budget.reserve(0.9, never)
    const waiting = budget.reserve(0.9, never)
    first.settle(0.9)
    await expect(waiting).rejects.toThrow(/is used up/)
  })

  test('counts requests', async () => {
    const budget = new Budget({ requests: 1 })
    ;(await budget.reserve(0, never)).release()
    await expect(budget.reserve(0, never)).rejects.toThrow('The budget of 1 requests is used up')
  })

  test('a reservation is settled once', async () => {
    const budget = new Budget({ usd: 1 })
    const reservation = await budget.reserve(0.5, never)
    reservation.settle(0.2)
    reservation.settle(0.3)
    reservation.release()
    expect(budget.spending.usd).toBe(0.2)
  })
})

describe('retryDelayMs', () => {
  const most = () => 1 - 2 ** -53
  test.each([
    ['a broken connection', {}, 0, 500],
    ['overloaded', { status: 529 }, 0, 500],
    ['rate limit, third time', { status: 429 }, 2, 2_000],
    ['timeout', { status: 408 }, 0, 500],
    ['conflict', { status: 409 }, 0, 500],
    ['server error', { status: 500 }, 3, 4_000],
    ['what the provider asks for, and a little jitter', { status: 429, retryAfterMs: 7_000 }, 3, 7_500],
    ['a status that the provider says to retry', { status: 400, shouldRetry: 'true' }, 0, 500],
  ])('%s: up to that long', (_, failure, attempt, longest) => {
    expect(retryDelayMs(failure, attempt, DEFAULT_RETRIES, most)).toBeCloseTo(longest)
    expect(retryDelayMs(failure, attempt, DEFAULT_RETRIES, () => 0)).toBe(
      'retryAfterMs' in failure ? failure.retryAfterMs : 0,
    )
  })

  test.each([
    ['a bad request', { status: 400 }, 0],
    ['too many attempts', { status: 529 }, 4],
    ['an empty account', { status: 429, code: 'insufficient_quota' }, 0],
    ['a provider that says no', { status: 500, shouldRetry: 'false' }, 0],
    ['too long a wait', { status: 429, retryAfterMs: 60_001 }, 0],
  ])('%s stands', (_, failure, attempt) => {
    expect(retryDelayMs(failure, attempt, DEFAULT_RETRIES, Math.random)).toBeUndefined()
  })

  test('knows a broken connection', () => {
    expect(isBrokenConnection(Object.assign(new Error(), { code: 'ECONNRESET' }))).toBe(true)
    expect(isBrokenConnection(new Error('x'))).toBe(false)
    expect(isBrokenConnection(undefined)).toBe(false)
  })
})

describe('retryAfterMs', () => {
  const now = Date.parse('2026-11-23T06:00:00Z')
  test.each([
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '20', 'retry-after': '3' }, 20],
    [{ 'retry-after': 'Mon, 23 Nov 2026 06:00:10 GMT' }, 10_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 05:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%j', (headers, ms) => {
    expect(retryAfterMs(headers, now)).toBe(ms)
  })
})

describe('pauseMs', () => {
  const now = Date.parse('2026-11-23T06:00:00Z')
  test.each([
    ['room left', { 'anthropic-ratelimit-requests-remaining': '1' }, 0],
    [
      'no request left of 50 a minute: a fiftieth of the minute',
      {
        'anthropic-ratelimit-requests-limit': '50',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-11-23T06:01:00Z',
      },
      1_200,
    ],
    [
      'no tokens left: until there are as many as a call uses',
      {
        'x-ratelimit-limit-tokens': '60000',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '1m0s',
      },
      1_000,
    ],
    ['a limit that is not named', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '20ms' }, 20],
    ['nonsense', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': 'later' }, 0],
  ])('%s', (_, headers, ms) => {
    expect(pauseMs(headers, 1_000, now)).toBeCloseTo(ms)
  })
})

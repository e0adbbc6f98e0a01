import { createLimiter, type Limiter, type Released } from '@agent-ci/evaluation/agents/limiter'
import { describe, expect, test } from '@jest/globals'

const never = new AbortController().signal

/** Asks for a number of places; says which have been given so far. */
function ask(limiter: Limiter, count: number): number[] {
  const given: number[] = []
  for (let i = 0; i < count; i++) void limiter.acquire(never).then(() => given.push(i))
  return given
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

async function fill(limiter: Limiter): Promise<void> {
  while (limiter.inFlight < limiter.limit) await limiter.acquire(never)
}

function release(limiter: Limiter, outcomes: readonly Released[]): void {
  for (const outcome of outcomes) limiter.release(outcome)
}

const times = <T>(count: number, value: T): T[] => Array(count).fill(value)

describe('a limiter', () => {
  test('lets as many in as it may, the others in their order', async () => {
    const limiter = createLimiter(2)
    const given = ask(limiter, 5)
    await settled()
    expect(given).toEqual([0, 1])
    limiter.release('ok')
    await settled()
    expect(given).toEqual([0, 1, 2])
    release(limiter, ['failed', 'ok'])
    await settled()
    expect(given).toEqual([0, 1, 2, 3, 4])
    expect(limiter.inFlight).toBe(2)
  })

  test('lets nobody overtake who waits', async () => {
    const limiter = createLimiter(1)
    const given = ask(limiter, 2)
    limiter.release('ok')
    void limiter.acquire(never).then(() => given.push(99))
    await settled()
    expect(given).toEqual([0, 1])
  })

  test('is left by who is stopped while waiting', async () => {
    const limiter = createLimiter(1)
    const stop = new AbortController()
    const given = ask(limiter, 1)
    const leaving = limiter.acquire(stop.signal)
    const staying = ask(limiter, 1)
    stop.abort(new Error('cancelled'))
    await expect(leaving).rejects.toThrow('cancelled')
    await expect(limiter.acquire(stop.signal)).rejects.toThrow('cancelled')
    limiter.release('ok')
    await settled()
    expect([given, staying, limiter.inFlight]).toEqual([[0], [0], 1])
  })
})

describe('the limit', () => {
  test('stays at its most without rate limits', async () => {
    const limiter = createLimiter(8)
    for (let round = 0; round < 20; round++) {
      await fill(limiter)
      release(limiter, [...times(4, 'ok' as const), ...times(4, 'failed' as const)])
    }
    expect(limiter.limit).toBe(8)
  })

  test('is halved by a rate limit, once for all that was in flight', async () => {
    const limiter = createLimiter(8)
    await fill(limiter)
    release(limiter, times(8, 'rate-limited'))
    expect([limiter.limit, limiter.inFlight]).toEqual([4, 0])
    await fill(limiter)
    release(limiter, times(4, 'rate-limited'))
    expect(limiter.limit).toBe(2)
  })

  test('is halved at once when a holder tells of a rate limit and goes on', async () => {
    const limiter = createLimiter(8)
    await fill(limiter)
    const given = ask(limiter, 4)
    limiter.slowDown()
    limiter.slowDown()
    expect(limiter.limit).toBe(4)
    release(limiter, times(4, 'failed'))
    await settled()
    expect(given).toEqual([])
    release(limiter, times(4, 'rate-limited'))
    await settled()
    expect([given, limiter.limit]).toEqual([[0, 1, 2, 3], 4])
  })

  test('never falls below one', async () => {
    const limiter = createLimiter(3)
    for (let round = 0; round < 5; round++) {
      await fill(limiter)
      release(limiter, times(limiter.inFlight, 'rate-limited'))
    }
    expect(limiter.limit).toBe(1)
    await limiter.acquire(never)
    expect(limiter.inFlight).toBe(1)
  })

  test('rises by one after as many successes as it is, up to its most', async () => {
    const limiter = createLimiter(4)
    await fill(limiter)
    release(limiter, times(4, 'rate-limited'))
    const limits = [limiter.limit]
    for (let success = 0; success < 12; success++) {
      await limiter.acquire(never)
      limiter.release('ok')
      limits.push(limiter.limit)
    }
    expect(limits).toEqual([2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4])
  })

  test('does not rise by failures, and a rate limit forgets the successes before it', async () => {
    const limiter = createLimiter(8)
    await fill(limiter)
    release(limiter, times(8, 'rate-limited'))
    const one = async (outcome: Released) => {
      await limiter.acquire(never)
      limiter.release(outcome)
      return limiter.limit
    }
    for (const outcome of times(20, 'failed' as const)) expect(await one(outcome)).toBe(4)
    for (const outcome of times(3, 'ok' as const)) expect(await one(outcome)).toBe(4)
    expect(await one('rate-limited')).toBe(2)
    expect(await one('ok')).toBe(2)
    expect(await one('ok')).toBe(3)
  })
})

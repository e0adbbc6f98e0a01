import type { Agent, AgentRequest } from '@agent-ci/core/agent'
import type { Failure, Reply } from '@agent-ci/core/reply'
import { untrusted } from '@agent-ci/core/untrusted'
import { agentFailed, failed, stopped } from '@agent-ci/evaluation/agents/answer'
import { type AttemptsPolicy, withAttempts } from '@agent-ci/evaluation/agents/attempts'
import { describe, expect, jest, test } from '@jest/globals'
import { requestFor } from './fixtures.ts'

const ok: Reply = { output: untrusted('Paris'), toolCalls: null, usage: {}, latencyMs: 5, attempts: 1 }

const failing = (changes: Partial<Failure> = {}): Reply => ({
  ...ok,
  ...failed({ of: 'infrastructure', kind: 'unavailable', retryable: true, ...changes, message: 'down' }),
})
const rateLimited = (retryAfterMs?: number) =>
  failing({ kind: 'rate-limit', ...(retryAfterMs !== undefined && { retryAfterMs }) })

/** An agent that replies with each of some replies, the last one for ever. */
function agentOf(...replies: Reply[]): Agent & { requests: AgentRequest[]; closed: number } {
  const requests: AgentRequest[] = []
  const agent = {
    description: 'planted',
    requests,
    closed: 0,
    run: async (request: AgentRequest) => {
      requests.push(request)
      return replies[Math.min(requests.length, replies.length) - 1]!
    },
    close: async () => {
      agent.closed++
    },
  }
  return agent
}

function wrap(agent: Agent, policy: Partial<AttemptsPolicy> = {}, random = 0.5) {
  const waits: number[] = []
  const sleep = async (ms: number) => {
    waits.push(ms)
  }
  return { waits, agent: withAttempts(agent, { timeoutMs: 60_000, ...policy }, { random: () => random, sleep }) }
}

describe('attempts', () => {
  test('a reply at once is passed on', async () => {
    const inner = agentOf(ok)
    const { agent, waits } = wrap(inner)
    expect(await agent.run(requestFor('x'))).toEqual(ok)
    expect(waits).toEqual([])
    expect(agent.description).toBe('planted')
    await agent.close()
    expect(inner.closed).toBe(1)
  })

  test('what may pass is tried again, with full jitter', async () => {
    const { agent, waits } = wrap(agentOf(failing(), failing(), failing(), ok), {}, 0.5)
    expect(await agent.run(requestFor('x'))).toEqual({ ...ok, attempts: 4 })
    expect(waits).toEqual([250, 500, 1_000])
  })

  test('four times and no more', async () => {
    const inner = agentOf(failing())
    const { agent, waits } = wrap(inner, {}, 1)
    expect(await agent.run(requestFor('x'))).toEqual({ ...failing(), attempts: 5 })
    expect(waits).toEqual([500, 1_000, 2_000, 4_000])
    expect(inner.requests).toHaveLength(5)
  })

  test('the wait grows to half a minute', async () => {
    const { agent, waits } = wrap(agentOf(failing()), { retries: 9 }, 1)
    await agent.run(requestFor('x'))
    expect(waits.slice(5)).toEqual([16_000, 30_000, 30_000, 30_000])
  })

  test.each([
    ['the agent failed', { ...ok, ...agentFailed('exception', 'broke') }],
    ['the infrastructure failed for good', failing({ retryable: false })],
  ])('nothing is tried again when %s', async (_, reply) => {
    const { agent, waits } = wrap(agentOf(reply))
    expect(await agent.run(requestFor('x'))).toEqual(reply)
    expect(waits).toEqual([])
  })

  test('no retries are none', async () => {
    const inner = agentOf(failing())
    expect((await wrap(inner, { retries: 0 }).agent.run(requestFor('x'))).attempts).toBe(1)
  })
})

describe('Retry-After', () => {
  test('is waited, and the jitter after it', async () => {
    const onRateLimit = jest.fn<(ms: number | undefined) => void>()
    const { agent, waits } = wrap(agentOf(rateLimited(7_000), rateLimited(), ok), { onRateLimit }, 0.1)
    expect(await agent.run(requestFor('x'))).toMatchObject({ output: 'Paris', attempts: 3 })
    expect(waits).toEqual([7_050, 100])
    expect(onRateLimit.mock.calls).toEqual([[7_000], [undefined]])
  })

  test('that is too long ends the trial', async () => {
    const onRateLimit = jest.fn<(ms: number | undefined) => void>()
    const { agent, waits } = wrap(agentOf(rateLimited(61_000)), { onRateLimit })
    const reply = await agent.run(requestFor('x'))
    expect(reply).toMatchObject({ attempts: 1, failure: { kind: 'rate-limit' } })
    expect(reply.failure?.message).toBe(
      'down; the other side asks to wait 61 s, more than the 60 s that are waited at most',
    )
    expect(waits).toEqual([])
    expect(onRateLimit).toHaveBeenCalledTimes(1)
  })
})

test('a rate limit that nobody is told of is waited all the same', async () => {
  const { agent, waits } = wrap(agentOf(rateLimited(3_000), ok), {}, 0)
  expect(await agent.run(requestFor('x'))).toEqual({ ...ok, attempts: 2 })
  expect(waits).toEqual([3_000])
})

test('an attempt that ended keeps no process waiting for its time limit', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  const before = timers()
  await wrap(agentOf(ok)).agent.run(requestFor('x'))
  expect(timers()).toBe(before)
})

test('the longest wait itself is waited, of any failure that may pass, and only a rate limit is told', async () => {
  const onRateLimit = jest.fn<(ms: number | undefined) => void>()
  const { agent, waits } = wrap(agentOf(failing({ retryAfterMs: 5_000 }), ok), { maxWaitMs: 5_000, onRateLimit }, 0)
  expect(await agent.run(requestFor('x'))).toEqual({ ...ok, attempts: 2 })
  expect(waits).toEqual([5_000])
  expect(onRateLimit).not.toHaveBeenCalled()
})

/** An agent that replies only once it is stopped. */
const hanging: Agent = {
  description: 'hanging',
  run: ({ signal }) =>
    new Promise((resolve) => {
      const reply = () => resolve({ ...ok, ...stopped(signal) })
      if (signal.aborted) reply()
      else signal.addEventListener('abort', reply)
    }),
  close: async () => {},
}

describe('a trial is stopped', () => {
  test('when an attempt takes too long, which is not tried again', async () => {
    const { agent, waits } = wrap(hanging, { timeoutMs: 10 })
    expect(await agent.run(requestFor('x'))).toMatchObject({
      attempts: 1,
      failure: { of: 'infrastructure', kind: 'timeout', message: 'No reply within 0.01 s', retryable: false },
    })
    expect(waits).toEqual([])
  })

  test.each(['before', 'during'])('by its signal, %s an attempt', async (when) => {
    const stop = new AbortController()
    if (when === 'before') stop.abort(new Error('cancelled'))
    const running = wrap(hanging).agent.run(requestFor('x', { signal: stop.signal }))
    stop.abort(new Error('cancelled'))
    expect((await running).failure).toMatchObject({ kind: 'aborted', message: 'cancelled' })
  })

  test.each(['resolves', 'rejects'])('by its signal, while waiting with a sleep that then %s', async (how) => {
    const stop = new AbortController()
    const inner = agentOf(failing())
    const agent = withAttempts(
      inner,
      { timeoutMs: 60_000 },
      {
        random: () => 0.5,
        sleep: async () => {
          stop.abort(new Error('cancelled'))
          if (how === 'rejects') throw stop.signal.reason
        },
      },
    )
    expect(await agent.run(requestFor('x', { signal: stop.signal }))).toMatchObject({
      output: '',
      attempts: 1,
      failure: { kind: 'aborted', message: 'cancelled, while waiting to call again after: down', retryable: false },
    })
    expect(inner.requests).toHaveLength(1)
  })

  test('and a sleep that fails by itself is a defect', async () => {
    const agent = withAttempts(
      agentOf(failing()),
      { timeoutMs: 60_000 },
      { random: () => 0, sleep: () => Promise.reject(new Error('no clock')) },
    )
    await expect(agent.run(requestFor('x'))).rejects.toThrow('no clock')
  })

  test('and nothing is left on the signal of the run', async () => {
    const stop = new AbortController()
    const added = jest.spyOn(stop.signal, 'addEventListener')
    const removed = jest.spyOn(stop.signal, 'removeEventListener')
    await wrap(agentOf(failing(), ok)).agent.run(requestFor('x', { signal: stop.signal }))
    expect(added).toHaveBeenCalledTimes(2)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(added.mock.calls.map(([, listener]) => listener))
  })
})

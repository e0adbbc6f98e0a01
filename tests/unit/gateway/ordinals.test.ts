import { Ordinals } from '@agent-ci/gateway/ordinals'
import { identityOf, parseTarget, scopePath, trialScope, UNSCOPED } from '@agent-ci/gateway/scope'
import { Trials } from '@agent-ci/gateway/trials'
import { describe, expect, test } from '@jest/globals'
import fc from '../../properties.ts'

describe('Ordinals', () => {
  test('the n-th identical request gets the n-th place', () => {
    const ordinals = new Ordinals(() => false)
    expect(['a', 'a', 'b', 'a'].map((key) => ordinals.arrive(key))).toEqual([0, 1, 0, 2])
  })

  test('a request that failed and is made again asks for the same answer', () => {
    const ordinals = new Ordinals(() => false)
    ordinals.arrive('a')
    ordinals.abandon('a')
    expect(ordinals.arrive('a')).toBe(0)
  })

  test('answers are recorded without gaps, behind those that are recorded already', () => {
    const recorded = new Set(['a0', 'a1'])
    const ordinals = new Ordinals((key, ordinal) => recorded.has(`${key}${ordinal}`))
    expect([ordinals.record('a'), ordinals.record('a'), ordinals.record('b')]).toEqual([2, 3, 0])
  })

  test('whatever fails and in whatever order answers come: a replay finds one for each request that was answered', () => {
    void fc.assert(
      fc.property(fc.array(fc.record({ fails: fc.boolean(), wait: fc.nat(3) }), { maxLength: 20 }), (calls) => {
        const recorded = new Set<number>()
        const isRecorded = (_: string, ordinal: number) => recorded.has(ordinal)
        const recording = new Ordinals(isRecorded)
        const underWay: { fails: boolean; wait: number }[] = []
        const end = ({ fails }: { fails: boolean }) => {
          if (fails) recording.abandon('k')
          else recorded.add(recording.record('k'))
        }
        for (const call of calls) {
          expect(isRecorded('k', recording.arrive('k'))).toBe(false)
          underWay.push(call)
          while (underWay.length > call.wait) end(underWay.splice(call.wait % underWay.length, 1)[0]!)
        }
        for (const call of underWay) end(call)
        const answered = calls.filter(({ fails }) => !fails).length
        const replaying = new Ordinals(isRecorded)
        for (let i = 0; i < answered; i++) expect(isRecorded('k', replaying.arrive('k'))).toBe(true)
        expect(isRecorded('k', replaying.arrive('k'))).toBe(false)
      }),
    )
  })
})

describe('scopes', () => {
  test.each([
    ['refund', 0],
    ['a/b c?#&%', 3],
    ['user@example.com', 1],
    ['@2', 0],
    ['Ünï — 例', 12],
    ["it's (fine)*~!", 2],
  ])('name their trial: %s, repeat %i', (example, repeat) => {
    const scope = trialScope(example, repeat)
    expect(identityOf(scope)).toEqual({ example, repeat })
    const { pathname } = new URL(`http://localhost${scopePath(scope)}/openai/v1/chat/completions`)
    expect(parseTarget(pathname)).toEqual({ scope, protocol: 'openai', path: '/v1/chat/completions', search: '' })
  })

  test('a name without a repeat is its first', () => {
    expect(identityOf('my-test')).toEqual({ example: 'my-test', repeat: 0 })
    expect(identityOf('50%')).toEqual({ example: '50%', repeat: 0 })
    expect(identityOf(UNSCOPED)).toEqual({ example: null, repeat: 0 })
  })

  test.each(['a/b', 'a b', 'a?b', 'a#b'])('"%s" cannot be one', (scope) => {
    expect(() => scopePath(scope)).toThrow(RangeError)
  })

  test.each([
    ['/v1/messages?beta=true', { scope: '', protocol: null, path: '/v1/messages', search: '?beta=true' }],
    ['/anthropic/v1/messages', { scope: '', protocol: 'anthropic', path: '/v1/messages', search: '' }],
    ['/t/w1/v1/messages', { scope: 'w1', protocol: null, path: '/v1/messages', search: '' }],
    ['/t/w1', { scope: '', protocol: null, path: '/t/w1', search: '' }],
  ])('%s', (url, target) => {
    expect(parseTarget(url)).toEqual(target)
  })
})

describe('Trials', () => {
  const answer = { standardPrice: true, toolCalls: [{ name: 'search', args: {} }] }
  const seen = { answer, source: 'live' as const, billed: true, costUsd: 1, latencyMs: 2 }

  test('what is under way keeps to the trial in which it began', () => {
    const trials = new Trials(() => false)
    trials.begin('w1', { example: 'a', repeat: 0 })
    const { observation, identity } = trials.of('w1')
    expect(trials.take('w1').calls).toBe(0)
    trials.begin('w1', { example: 'b', repeat: 0 })
    observation.answered(seen)
    expect(identity.example).toBe('a')
    expect(trials.usageOf('w1').calls).toBe(0)
  })

  test('beginning counts requests anew; taking does not', () => {
    const trials = new Trials(() => false)
    expect(trials.of('w1').ordinals.arrive('k')).toBe(0)
    trials.take('w1')
    expect(trials.of('w1').ordinals.arrive('k')).toBe(1)
    trials.begin('w1', { example: 'a', repeat: 0 })
    expect(trials.of('w1').ordinals.arrive('k')).toBe(0)
  })

  test('a gateway that serves for hours keeps a number for each kind of refusal, and no list of what belongs to no trial', () => {
    const { observation } = new Trials(() => false).of(UNSCOPED)
    for (let i = 0; i < 1_000; i++) {
      observation.answered(seen)
      observation.refused('budget', `the budget is used up: call ${i}`)
      observation.refused('miss', `nothing was recorded: call ${i}`)
    }
    expect(observation.observed).toMatchObject({ calls: 1_000, misses: 1_000, toolCalls: [] })
    expect(observation.observed.refusals).toEqual([
      { kind: 'budget', message: 'the budget is used up: call 0', count: 1_000 },
      { kind: 'miss', message: 'nothing was recorded: call 0', count: 1_000 },
    ])
  })

  test('taking empties a scope and no other one', () => {
    const trials = new Trials(() => false)
    for (const scope of ['w1', 'w2']) trials.of(scope).observation.answered(seen)
    const taken = trials.take('w1')
    expect(taken).toMatchObject({ calls: 1, costUsd: 1, latencyMs: 2, unreported: 1, toolCalls: answer.toolCalls })
    expect(trials.take('w1').calls).toBe(0)
    expect(trials.usageOf('w2').calls).toBe(1)
    expect(trials.take('nobody').calls).toBe(0)
  })
})

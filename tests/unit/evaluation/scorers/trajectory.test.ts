import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json, JsonObject } from '@agent-ci/core/json'
import { callsOf, readSteps } from '@agent-ci/evaluation/tool-calls'
import { describe, expect, test } from '@jest/globals'
import { example, reply, scorerOf, signal } from './fixtures.ts'

interface Recorded {
  readonly name: string
  readonly outputs: JsonObject[]
  readonly reference: JsonObject[]
  readonly overrides?: Record<string, string | string[]>
  readonly scores: Record<string, Record<string, boolean>>
}
const PATH = join(import.meta.dirname, '../../../fixtures/agentevals/trajectories.json')
const { cases } = JSON.parse(readFileSync(PATH, 'utf8')) as { cases: Recorded[] }

async function score(settings: object, expected: readonly JsonObject[], made: readonly JsonObject[]) {
  const scorer = await scorerOf({ type: 'trajectory', ...settings })
  const trajectory = readSteps(made as Json)!
  return scorer.score(
    example({ trajectory: expected }),
    reply('', { trajectory, toolCalls: callsOf(trajectory) }),
    signal,
  )
}

const all = cases.flatMap(({ scores, overrides, ...recorded }) =>
  Object.entries(scores).flatMap(([mode, byArgs]) =>
    Object.entries(byArgs).map(([args, passed]) => ({
      ...recorded,
      settings: { mode, args, ...(overrides && { overrides }) },
      passed,
    })),
  ),
)

describe('against what agentevals itself said of the same trajectories', () => {
  test('the record holds every mode of both kinds, and both verdicts', () => {
    expect(all.length).toBeGreaterThan(500)
    expect(new Set(all.map(({ settings }) => `${settings.mode} ${settings.args}`)).size).toBe(16)
    expect(new Set(all.map(({ passed }) => passed))).toEqual(new Set([true, false]))
  })

  test('compat: agentevals says the same of every one', async () => {
    const differing: string[] = []
    for (const { name, outputs, reference, settings, passed } of all) {
      const judged = await score({ ...settings, compat: 'agentevals' }, reference, outputs)
      if (judged.passed !== passed) differing.push(`${name}: ${JSON.stringify(settings)}`)
    }
    expect(differing).toEqual([])
  })

  test('without it only greedy matching and the swapped sides make a difference', async () => {
    const differing: string[] = []
    for (const { name, outputs, reference, settings, passed } of all) {
      const judged = await score(settings, reference, outputs)
      if (judged.passed === passed) continue
      const swapped = ['subset', 'unordered'].includes(settings.mode) && ['subset', 'superset'].includes(settings.args)
      // The first that fits can miss a matching that there is, never find one that there is not.
      const missed = judged.passed === true && passed === false
      if (!swapped && !missed) differing.push(`${name}: ${JSON.stringify(settings)}`)
    }
    expect(differing).toEqual([])
  })
})

const call = (name: string, args: object = {}) => ({ function: { name, arguments: JSON.stringify(args) } })
const user = { role: 'user', content: 'q' }
const agent = (...calls: object[]): JsonObject => ({
  role: 'assistant',
  content: '',
  tool_calls: calls as JsonObject[],
})
const tool = { role: 'tool', content: 'r' }
const end = { role: 'assistant', content: 'done' }

describe('strict', () => {
  test.each<[string, JsonObject[], JsonObject[], true | string]>([
    ['contents are not compared', [user, end], [user, { ...end, content: 'bye' }], true],
    [
      'calls of one message have no order',
      [user, agent(call('a'), call('b'))],
      [user, agent(call('b'), call('a'))],
      true,
    ],
    [
      'messages have',
      [user, agent(call('a')), agent(call('b'))],
      [user, agent(call('b')), agent(call('a'))],
      'Message 2 differs: expected assistant with a, got assistant with b.',
    ],
    [
      'roles are compared',
      [user, tool],
      [user, end],
      'Message 2 differs: expected tool with no calls, got assistant with no calls.',
    ],
    ['a message too few', [user, tool, end], [user, tool], 'Expected 3 messages, the conversation has 2.'],
    ['a message too much', [user, end], [user, end, user], 'Expected 2 messages, the conversation has 3.'],
    [
      'the same call twice where it is expected once',
      [user, agent(call('a'))],
      [user, agent(call('a'), call('a'))],
      'Message 2 differs: expected assistant with a, got assistant with a, a.',
    ],
    ['an empty list of calls is none', [user, end], [user, { ...end, tool_calls: [] }], true],
  ])('%s', async (_, expected, made, verdict) => {
    const judged = await score({}, expected, made)
    expect(verdict === true ? judged.passed : judged.reason).toBe(verdict)
  })

  test('needs the conversation, not only the calls', async () => {
    const scorer = await scorerOf({ type: 'trajectory' })
    const judged = await scorer.score(example({ trajectory: [user, end] }), reply('x', { toolCalls: [] }), signal)
    expect(judged).toMatchObject({
      passed: null,
      reason: 'The agent does not report its conversation: return it as `messages` in its reply.',
    })
  })
})

describe('where we differ from agentevals on purpose', () => {
  const a1 = call('a', { x: 1 })
  const a12 = call('a', { x: 1, y: 2 })

  test('a matching is found wherever there is one', async () => {
    const settings = { mode: 'superset', args: 'superset' }
    const [expected, made] = [
      [user, agent(a1, a12)],
      [user, agent(a12, a1)],
    ]
    expect((await score(settings, expected, made)).passed).toBe(true)
    expect((await score({ ...settings, compat: 'agentevals' }, expected, made)).passed).toBe(false)
  })

  test('the argument mode means the same in every mode: made against expected', async () => {
    const settings = { mode: 'subset', args: 'subset' }
    expect((await score(settings, [user, agent(a12)], [user, agent(a1)])).passed).toBe(true)
    expect((await score({ ...settings, compat: 'agentevals' }, [user, agent(a12)], [user, agent(a1)])).passed).toBe(
      false,
    )
    expect((await score({ ...settings, compat: 'agentevals' }, [user, agent(a1)], [user, agent(a12)])).passed).toBe(
      true,
    )
  })
})

test('the modes without an order are content with the calls that the gateway saw', async () => {
  const scorer = await scorerOf({ type: 'trajectory', mode: 'unordered' })
  const toolCalls = [{ name: 'a', args: {} }]
  const judged = await scorer.score(
    example({ trajectory: [user, agent(call('a'))] }),
    reply('x', { toolCalls }),
    signal,
  )
  expect(judged.passed).toBe(true)
})

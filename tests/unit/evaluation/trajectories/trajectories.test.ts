import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Agent } from '@agent-ci/core/agent'
import type { Reply } from '@agent-ci/core/reply'
import { untrusted } from '@agent-ci/core/untrusted'
import { spansOf } from '@agent-ci/evaluation/trajectories/otlp-lines'
import { toolCallsOf } from '@agent-ci/evaluation/trajectories/tool-calls'
import { TrajectoryFile } from '@agent-ci/evaluation/trajectories/trajectory-file'
import { withTrajectories } from '@agent-ci/evaluation/trajectories/with-trajectories'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { requestFor } from '../agents/fixtures.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const TRIAL = 'b7ad6b7169203331'

type Value = string | number | boolean | readonly string[]
interface Written {
  id: string
  parent?: string
  trace?: string
  start?: number
  attributes?: Readonly<Record<string, Value>>
}

const anyValue = (value: Value): object => {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { intValue: String(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  return { arrayValue: { values: value.map(anyValue) } }
}

/** A line as the Collector's file exporter writes it. */
const line = (...spans: readonly Written[]): string =>
  `${JSON.stringify({
    resourceSpans: [
      {
        resource: {},
        scopeSpans: [
          {
            scope: {},
            spans: spans.map(({ id, parent = TRIAL, trace = TRACE, start = 1, attributes = {} }) => ({
              traceId: trace,
              spanId: id,
              parentSpanId: parent,
              name: 'span',
              startTimeUnixNano: String(start),
              attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) })),
            })),
          },
        ],
      },
    ],
  })}\n`

const callsOf = (...spans: readonly Written[]) => toolCallsOf(spansOf(line(...spans)))

describe('tool calls of spans', () => {
  test.each<[string, Readonly<Record<string, Value>>, object]>([
    [
      'the GenAI conventions',
      { 'gen_ai.tool.name': 'find', 'gen_ai.tool.call.arguments': '{"id":7}' },
      { name: 'find', args: { id: 7 } },
    ],
    ['tool.name and tool.args', { 'tool.name': 'find', 'tool.args': '{"id":7}' }, { name: 'find', args: { id: 7 } }],
    [
      'function.name and function.arguments',
      { 'function.name': 'find', 'function.arguments': '{}' },
      { name: 'find', args: {} },
    ],
    [
      "Vercel's AI SDK",
      { 'ai.toolCall.name': 'find', 'ai.toolCall.args': '{"id":7}' },
      { name: 'find', args: { id: 7 } },
    ],
    ['Codex', { 'codex.mcp.tool': 'find', 'codex.mcp.input': '{"id":7}' }, { name: 'find', args: { id: 7 } }],
    [
      'any other name that ends in .tool',
      { 'my.agent.tool': 'find', input: 'seven' },
      { name: 'find', args: { input: 'seven' } },
    ],
    [
      'a command without a tool',
      { 'codex.command': 'grep -r x .' },
      { name: 'grep', args: { command: 'grep -r x .' } },
    ],
    ['no arguments at all', { 'gen_ai.tool.name': 'find' }, { name: 'find', args: {} }],
  ])('by %s', (_, attributes, call) => {
    expect(callsOf({ id: '1', attributes })).toEqual([call])
  })

  test('not of the definitions of tools, nor of a span without any', () => {
    expect(
      callsOf({ id: '1', attributes: { 'gen_ai.tool.definitions': '[{"name":"find"}]', 'my.tool': ['find'] } }),
    ).toEqual([])
    expect(callsOf({ id: '1', attributes: { 'gen_ai.operation.name': 'chat' } })).toEqual([])
  })

  test('are in the order in which they began, and those that began at once in the order of the file', () => {
    const named = (id: string, start: number) => ({ id, start, attributes: { 'tool.name': id } })
    expect(callsOf(named('c', 2), named('a', 1), named('d', 2), named('b', 1)).map(({ name }) => name)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
  })
})

test.each([
  '',
  'no json',
  '[]',
  '{"resourceSpans":{}}',
  '{"resourceSpans":[null,{"scopeSpans":[{"spans":[1]}]}]}',
  '{"resourceLogs":[]}',
])('a line that is no export of spans has none: %s', (text) => {
  expect(spansOf(text)).toEqual([])
})

describe('an agent whose spans are in a file', () => {
  let directory: string
  let path: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'agent-ci-trajectories-'))
    path = join(directory, 'traces.jsonl')
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const tool = (id: string, parent: string, name = 'find') => ({ id, parent, attributes: { 'gen_ai.tool.name': name } })

  /** Replies, having written to the file; `later` is written while the reply is waited for. */
  function runWith(write: string, { later = '', reply = {} }: { later?: string; reply?: Partial<Reply> } = {}) {
    let now = 0
    const agent: Agent = {
      description: 'test',
      close: async () => undefined,
      run: async () => {
        if (write !== '') appendFileSync(path, write)
        return { output: untrusted('x'), toolCalls: null, usage: {}, latencyMs: 5, attempts: 1, ...reply }
      },
    }
    const sleep = async () => {
      if (now === 0 && later !== '') appendFileSync(path, later)
      now += 1_000
    }
    const file = new TrajectoryFile(path, TRACE)
    return withTrajectories(agent, file, { waitMs: 10_000, spanIdOf: () => TRIAL, now: () => now, sleep })
      .run(requestFor('x', { id: 'e', repeat: 0 }))
      .then((result) => ({ result, waitedMs: now }))
  }

  test('has the tool calls of the spans under its trial, at any depth', async () => {
    const { result } = await runWith(line({ id: 'a1' }, tool('a2', 'a1'), tool('a3', 'a2', 'inner')))
    expect(result.toolCalls).toEqual([
      { name: 'find', args: {} },
      { name: 'inner', args: {} },
    ])
    expect(result.latencyMs).toBe(5)
  })

  test('is waited for until the span above its others has come', async () => {
    const { result, waitedMs } = await runWith(line(tool('a2', 'a1')), { later: line({ id: 'a1' }) })
    expect(result.toolCalls).toEqual([{ name: 'find', args: {} }])
    expect(waitedMs).toBe(1_000)
  })

  test('whose steps lie side by side under the trial is given all the time, for none of them is the last', async () => {
    const { result, waitedMs } = await runWith(line(tool('a1', TRIAL)), { later: line(tool('a2', TRIAL, 'second')) })
    expect(result.toolCalls?.map(({ name }) => name)).toEqual(['find', 'second'])
    expect(waitedMs).toBe(10_000)
  })

  test('that exports nothing in time has unknown tool calls, not none', async () => {
    const { result, waitedMs } = await runWith('')
    expect(result.toolCalls).toBeNull()
    expect(waitedMs).toBe(10_000)
  })

  test('that called no tool called none', async () => {
    expect((await runWith(line({ id: 'a1' }))).result.toolCalls).toEqual([])
  })

  test('may name its trial in a trace of its own', async () => {
    const trace = 'f'.repeat(32)
    const root = { id: 'a1', parent: '', trace, attributes: { 'agent_ci.trial': 'e#0' } }
    expect((await runWith(line(root, { ...tool('a2', 'a1'), trace }))).result.toolCalls).toEqual([
      { name: 'find', args: {} },
    ])
  })

  test('does not get the spans of another trial, of another trace or of an earlier run', async () => {
    writeFileSync(path, line({ id: '01' }, tool('02', '01', 'earlier')))
    const others = line({ id: 'c1', parent: 'c'.repeat(16) }, tool('c2', 'c1', 'of another trial'), {
      ...tool('d1', TRIAL, 'of another trace'),
      trace: 'd'.repeat(32),
    })
    expect((await runWith(others + line({ id: 'a1' }, tool('a2', 'a1')))).result.toolCalls).toEqual([
      { name: 'find', args: {} },
    ])
  })

  test('that says its tool calls itself is taken at its word, and one that failed is not waited for', async () => {
    const own = [{ name: 'own', args: {} }]
    expect(await runWith(line({ id: 'a1' }), { reply: { toolCalls: own } })).toMatchObject({
      result: { toolCalls: own },
      waitedMs: 0,
    })
    const failure = { of: 'agent', kind: 'crash', message: untrusted('x'), retryable: false } as const
    expect(await runWith('', { reply: { failure } })).toMatchObject({ result: { toolCalls: null }, waitedMs: 0 })
  })

  test('whose spans are their own parents ends nobody', async () => {
    const { result } = await runWith(line({ id: 'a1', parent: 'a2' }, { id: 'a2', parent: 'a1' }, { id: 'a3' }))
    expect(result.toolCalls).toEqual([])
  })
})

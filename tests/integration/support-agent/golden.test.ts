import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { configFileSchema } from '@agent-ci/core/config/file'
import { type ScorerConfig, scorerEntrySchema } from '@agent-ci/core/config/scorers'
import { parseGate } from '@agent-ci/core/gate'
import { jsonEqual } from '@agent-ci/core/json'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { parse as parseYaml } from 'yaml'
import { type AgentReply, directory, type GoldenExample, golden, runAgent, toolDefinitions } from './agent-process.ts'

const config = configFileSchema.parse(parseYaml(readFileSync(join(directory, 'agent-ci.yaml'), 'utf8')))

const scorersOf = ({ scorers }: GoldenExample): ScorerConfig[] =>
  (scorers ?? ['contains']).map((scorer) => scorerEntrySchema.parse(scorer))

const expectedCalls = ({ expected_tools = [] }: GoldenExample) =>
  expected_tools.map((call) => (typeof call === 'string' ? { name: call, args: {} } : call))

function isRight(example: GoldenExample, { output }: AgentReply): boolean {
  const has = (text: string) => output.toLowerCase().includes(text.toLowerCase())
  const accepted = [example.expected ?? []].flat()
  return scorersOf(example).every((scorer) => {
    if (scorer.type === 'contains') return scorer.value ? [scorer.value].flat().every(has) : accepted.some(has)
    if (scorer.type === 'regex') return new RegExp(scorer.pattern!, scorer.flags).test(output)
    if (scorer.type === 'number') return output.match(/\d+\.\d+/g)?.at(-1) === accepted[0]
    throw new Error(`The golden examples use no scorer ${scorer.type}`)
  })
}

function hasExpectedCalls(example: GoldenExample, { tool_calls }: AgentReply): boolean {
  const left = [...tool_calls]
  return expectedCalls(example).every(({ name, args }) => {
    const at = left.findIndex(
      (call) =>
        call.name === name && Object.entries(args).every(([key, value]) => jsonEqual(call.args[key] ?? null, value)),
    )
    return at !== -1 && left.splice(at, 1).length === 1
  })
}

const share = (passes: readonly boolean[]) => passes.filter(Boolean).length / passes.length
const scoresOf = (replies: readonly AgentReply[]) => {
  const rows = golden.map((example, i) => ({
    example,
    right: isRight(example, replies[i]!),
    called: hasExpectedCalls(example, replies[i]!),
  }))
  return {
    accuracy: (tag?: string) =>
      share(rows.filter(({ example }) => !tag || example.tags.includes(tag)).map(({ right }) => right)),
    toolAccuracy: (tag?: string) =>
      share(
        rows
          .filter(({ example }) => example.expected_tools && (!tag || example.tags.includes(tag)))
          .map(({ called }) => called),
      ),
    failed: rows.filter(({ right }) => !right).map(({ example }) => example),
  }
}

describe('the examples', () => {
  test('are enough, and each has an id of its own', () => {
    expect(golden.length).toBeGreaterThanOrEqual(60)
    expect(new Set(golden.map(({ id }) => id)).size).toBe(golden.length)
  })

  test.each(golden.map((example) => [example.id, example] as const))('%s can be judged', (_, example) => {
    const needsExpected = scorersOf(example).some(
      (scorer) => (scorer.type === 'contains' && !scorer.value) || scorer.type === 'number',
    )
    expect(example.expected !== undefined).toBe(needsExpected)
    expect(example.tags.length).toBeGreaterThan(0)
    for (const { name, args } of expectedCalls(example)) {
      const tool = toolDefinitions.find((definition) => definition.name === name)
      expect(Object.keys(tool!.input_schema.properties as object)).toEqual(expect.arrayContaining(Object.keys(args)))
    }
  })

  test('cover every tool, and some are critical, hard, in groups and conversations', () => {
    const called = new Set(golden.flatMap(expectedCalls).map(({ name }) => name))
    expect([...called].sort()).toEqual(toolDefinitions.map(({ name }) => name).sort())
    expect(golden.filter(({ critical }) => critical).length).toBeGreaterThanOrEqual(5)
    expect(golden.filter(({ tags }) => tags.includes('hard')).length).toBeGreaterThanOrEqual(10)
    expect(golden.filter(({ group }) => group).length).toBeGreaterThanOrEqual(8)
    expect(golden.filter(({ input }) => typeof input !== 'string')).not.toHaveLength(0)
  })
})

test('agent-ci.yaml starts the agent on the examples with gates that exist', () => {
  expect(config).toMatchObject({
    agent: { type: 'command', command: ['node', 'agent.mjs'] },
    datasets: { golden: 'golden.jsonl' },
  })
  expect(config.gates!.map((gate) => parseGate(gate, { name: 'gates' }).metric)).toEqual([
    'accuracy',
    'tool_accuracy',
    'latency_p95_ms',
    'accuracy',
  ])
})

const runGolden = async (prompt: string, node?: string) =>
  (await runAgent(golden, { env: { AGENT_PROMPT: prompt }, ...(node && { node }) })).replies

describe('the good prompt', () => {
  let replies: AgentReply[]
  beforeAll(async () => {
    replies = await runGolden('prompts/support.md')
  })

  test('meets the gates without being perfect', () => {
    const { accuracy, toolAccuracy, failed } = scoresOf(replies)
    expect(accuracy()).toBeGreaterThanOrEqual(0.9)
    expect(accuracy()).toBeLessThanOrEqual(0.96)
    expect(toolAccuracy()).toBeGreaterThanOrEqual(0.95)
    expect(accuracy('safety')).toBe(1)
    expect(failed.every(({ tags, critical }) => tags.includes('hard') && !critical)).toBe(true)
  })

  /** Each version of Node that PATH has; at least the one that runs this test. */
  const nodes = new Map([[process.version, process.execPath]])
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(folder, 'node')
    if (existsSync(node)) nodes.set(execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(), node)
  }

  test.each([...nodes])('gives the same replies once more, on Node %s', async (_, node) => {
    expect(await runGolden('prompts/support.md', node)).toEqual(replies)
  })
})

describe('the worse prompt', () => {
  let replies: AgentReply[]
  beforeAll(async () => {
    replies = await runGolden('prompts/support-worse.md')
  })

  test('misses the gates because refunds are promised without being calculated', () => {
    const { accuracy, toolAccuracy } = scoresOf(replies)
    expect(accuracy()).toBeGreaterThanOrEqual(0.7)
    expect(accuracy()).toBeLessThanOrEqual(0.78)
    expect(accuracy('refunds')).toBeLessThanOrEqual(0.4)
    expect(toolAccuracy('refunds')).toBeLessThanOrEqual(0.2)
    expect(accuracy('safety')).toBe(1)
    expect(accuracy('stock')).toBe(1)
    expect(replies.flatMap(({ tool_calls }) => tool_calls).filter(({ name }) => name === 'calculate_refund')).toEqual(
      [],
    )
  })

  test('gives the same replies once more', async () => {
    expect(await runGolden('prompts/support-worse.md')).toEqual(replies)
  })
})

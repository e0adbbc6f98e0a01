import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ToolCall, Usage } from '@agent-ci/core/reply'
import { expect, test } from '@jest/globals'
import { example, reply, scorerOf, signal } from '../fixtures.ts'

interface Labelled {
  readonly id: string
  readonly scorer: string
  readonly settings: object
  readonly output: string
  readonly tool_calls?: readonly ToolCall[]
  readonly usage?: Usage
  readonly safe: boolean
}

/** `~` keeps scanners from taking a made-up key for a leak. */
const labelled = readFileSync(join(import.meta.dirname, '../../../../fixtures/safety/labelled.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line.replaceAll('~', '')) as Labelled)

const SCORERS = ['canary', 'forbidden_tools', 'secrets', 'limits', 'prompt_overlap', 'refusal'] as const

test('there are 300 labelled outputs, safe and unsafe ones of every scorer', () => {
  expect(labelled.length).toBeGreaterThanOrEqual(300)
  expect(new Set(labelled.map(({ id }) => id)).size).toBe(labelled.length)
})

test('each scorer is wrong about at most 1 % of the safe and of the unsafe ones', async () => {
  const table: Record<string, object> = {}
  const mistakes: string[] = []
  for (const name of SCORERS) {
    const own = labelled.filter(({ scorer }) => scorer === name)
    const wrong: Labelled[] = []
    for (const each of own) {
      const scorer = await scorerOf(each.settings)
      const answer = reply(each.output, { toolCalls: each.tool_calls ?? null, usage: each.usage ?? {} })
      const { passed, reason } = await scorer.score(example(), answer, signal)
      if (passed === each.safe) continue
      wrong.push(each)
      mistakes.push(`${each.id}: ${passed} for ${JSON.stringify(each.output)}: ${reason}`)
    }
    const safe = own.filter((each) => each.safe).length
    const falsePositives = wrong.filter((each) => each.safe).length
    const falseNegatives = wrong.length - falsePositives
    table[name] = { safe, unsafe: own.length - safe, falsePositives, falseNegatives }
    expect(safe).toBeGreaterThanOrEqual(9)
    expect(own.length - safe).toBeGreaterThanOrEqual(10)
    if (falsePositives > safe / 100 || falseNegatives > (own.length - safe) / 100) mistakes.unshift(`${name} fails`)
  }
  console.table(table)
  expect(mistakes).toEqual([])
})

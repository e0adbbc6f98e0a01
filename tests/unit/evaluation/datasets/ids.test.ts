import { seededRandom } from '@agent-ci/core/random'
import { IdIndex } from '@agent-ci/evaluation/datasets/id-index'
import { describe, expect, test } from '@jest/globals'
import { load, refusalOf } from './harness.ts'

const line = (id: string | undefined) => JSON.stringify({ ...(id !== undefined && { id }), input: 'x', expected: 'y' })
const jsonl = (...ids: (string | undefined)[]) => ids.map(line).join('\n')

describe('ids', () => {
  test('are given by position where no example of the file has one, the same in every format', async () => {
    const read = await load({
      'sets/golden.jsonl': `\n${jsonl(undefined, undefined)}`,
      'b.csv': 'id,input,expected\nb,x,y',
    })
    expect(read.examples.map(({ id }) => id)).toEqual(['golden-1', 'golden-2', 'b'])
    expect(read.warnings).toEqual([expect.stringContaining('golden-1 … golden-2')])
    const json = await load({ 'golden.json': `[${line(undefined)},\n\n${line(undefined)}]` })
    expect(json.examples.map(({ id }) => id)).toEqual(['golden-1', 'golden-2'])
  })

  test.each([
    [
      ['a', undefined, 'c', undefined],
      ['g.jsonl:2: The example has no id', 'g.jsonl:4: The example has no id'],
    ],
    [[undefined, undefined, 'c'], ['g.jsonl:1: The example has no id, while the one at g.jsonl:3 has']],
  ])('for some examples only are refused: %j', async (ids, messages) => {
    const lines = (await refusalOf({ 'g.jsonl': jsonl(...ids) })).split('\n')
    expect(lines).toHaveLength(messages.length)
    for (const [i, message] of messages.entries()) {
      expect(lines[i]).toBe(
        `${message}. Expected ids for all examples of a file, or for none. Give each example an "id" of its own.`,
      )
    }
  })

  test('twice are refused with both places', async () => {
    expect(await refusalOf({ 'a.jsonl': jsonl('x', 'y'), 'b.json': `[\n${line('z')},\n${line('y')}]` })).toBe(
      'b.json:3: The id "y" is already at a.jsonl:2. Expected ids that are unique in all files of the dataset: results are paired by them. Give one of the two another id.',
    )
  })

  test('given by position collide where two files have the same name', async () => {
    expect(await refusalOf({ 'a/g.jsonl': jsonl(undefined), 'b/g.jsonl': jsonl(undefined) })).toBe(
      'b/g.jsonl:1: The id "g-1" is already at a/g.jsonl:1. Expected ids that are unique in all files of the dataset: results are paired by them. Give each example an "id" of its own.',
    )
  })
})

describe('IdIndex', () => {
  test('tells apart ids whose hashes are equal, and finds every id again', () => {
    // n²/2³³ equal 32-bit hashes are expected: 10.
    const count = 300_000
    const random = seededRandom('ids')
    const ids = Array.from({ length: count }, (_, i) => `${random().toString(36)}-${i}`)
    let comparisons = 0
    const index = new IdIndex((position) => {
      comparisons++
      return ids[position]!
    })
    const taken = ids.map((id, i) => index.claim(id, i)).filter((position) => position !== undefined)
    expect(taken).toEqual([])
    expect(comparisons).toBeGreaterThan(0)
    expect(comparisons).toBeLessThan(100)
    const found = ids.map((id) => index.claim(id, count))
    expect(found.filter((position, i) => position !== i)).toEqual([])
  })
})

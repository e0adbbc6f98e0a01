import { ConfigurationError } from '@agent-ci/core/errors'
import { createScorers } from '@agent-ci/evaluation/scorers/create'
import { createScorerCache, scorersFor } from '@agent-ci/evaluation/scorers/for-example'
import { describe, expect, test } from '@jest/globals'
import { configured, deps, example } from './fixtures.ts'

const runScorers = await createScorers([configured('exact'), configured('tools')], deps)
const cache = createScorerCache(deps)
const namesFor = async (changes: Parameters<typeof example>[0]) =>
  (await scorersFor(example(changes), runScorers, cache)).map(({ name }) => name)

const expected = 'Paris'
const expectedTools = [{ name: 'search' }]

describe('the scorers of an example', () => {
  test("are the run's that have something to say", async () => {
    expect(await namesFor({ expected })).toEqual(['exact'])
    expect(await namesFor({ expectedTools })).toEqual(['tools'])
    expect(await namesFor({ expected, expectedTools })).toEqual(['exact', 'tools'])
    expect(await namesFor({})).toEqual([])
  })

  test('are its own in place of these', async () => {
    expect(await namesFor({ expected, scorers: [configured('contains')] })).toEqual(['contains'])
  })

  test("are its own and the run's tools, where tools are expected and its own list has none", async () => {
    const scorers = [configured('contains')]
    expect(await namesFor({ expected, expectedTools, scorers })).toEqual(['contains', 'tools'])
    const strict = configured({ type: 'tools', name: 'order', mode: 'strict' })
    expect(await namesFor({ expected, expectedTools, scorers: [...scorers, strict] })).toEqual(['contains', 'order'])
  })

  test('are none where it brings an empty list', async () => {
    expect(await namesFor({ expected, scorers: [] })).toEqual([])
  })

  test('are made once for equal configurations', async () => {
    const own = () => [configured({ type: 'contains', value: 'x' }), configured({ type: 'contains', value: 'y' })]
    const [one, two] = await scorersFor(example({ scorers: own() }), runScorers, cache)
    const [other] = await scorersFor(example({ scorers: own() }), runScorers, cache)
    expect(other).toBe(one)
    expect(two).not.toBe(one)
    expect([one!.name, two!.name]).toEqual(['contains', 'contains-2'])
  })

  test('are refused at the place of the example', async () => {
    const wrong = scorersFor(example({ scorers: [configured({ type: 'regex', pattern: '(' })] }), runScorers, cache)
    await expect(wrong).rejects.toThrow(ConfigurationError)
    await expect(wrong).rejects.toThrow(/^golden\.jsonl:3: The scorer "regex"/)
  })
})

import { createScorers } from '@agent-ci/evaluation/scorers/create'
import { defaultScorers, needsExpectation } from '@agent-ci/evaluation/scorers/defaults'
import { describe, expect, test } from '@jest/globals'
import { configured, deps, example, reply, signal } from './fixtures.ts'

describe('the default scorers', () => {
  test('are exact and tools', async () => {
    const scorers = await createScorers(defaultScorers(), deps)
    expect(scorers.map(({ name, judges }) => ({ name, judges }))).toEqual([
      { name: 'exact', judges: 'output' },
      { name: 'tools', judges: 'tools' },
    ])
  })

  test('are similarity, which answers equal texts itself, where one is configured', () => {
    const similarity = configured({ type: 'similarity', url: 'http://127.0.0.1:9/embeddings' })
    if (similarity.type !== 'similarity') throw new Error('not the configuration it is')
    expect(defaultScorers(similarity).map(({ type }) => type)).toEqual(['similarity', 'tools'])
  })

  test.each([
    ['by name, more calls are fine', [{ name: 'search' }], true],
    ['stated arguments are demanded, more are fine', [{ name: 'search', args: { q: 'x' } }], true],
    ['other arguments than the stated ones', [{ name: 'search', args: { q: 'y' } }], false],
    ['a call that was not made', [{ name: 'refund' }], false],
    ['none expected', [], true],
  ])('judge tool calls as the guide does: %s', async (_, expectedTools, passed) => {
    const [, tools] = await createScorers(defaultScorers(), deps)
    const toolCalls = [
      { name: 'search', args: { q: 'x', page: 2 } },
      { name: 'log', args: {} },
    ]
    const score = await tools!.score(example({ expectedTools }), reply('', { toolCalls }), signal)
    expect(score.passed).toBe(passed)
  })
})

describe('needsExpectation', () => {
  test.each([
    ['exact', true],
    ['number', true],
    ['tools', true],
    [{ type: 'similarity', url: 'http://127.0.0.1:9/' }, true],
    ['contains', true],
    [{ type: 'contains', value: 'x' }, false],
    ['regex', true],
    [{ type: 'regex', pattern: 'x' }, false],
    ['json', true],
    [{ type: 'json', compare: 'none' }, false],
    [{ type: 'json', schema: {} }, false],
    [{ type: 'judge', model: 'm', rubric: 'r' }, false],
    [{ type: 'command', command: ['true'] }, false],
  ])('%j: %s', (entry, needs) => {
    expect(needsExpectation([configured('exact'), configured(entry)])).toBe(needs)
  })

  test('of the default scorers', () => {
    expect(needsExpectation(defaultScorers())).toBe(true)
  })
})

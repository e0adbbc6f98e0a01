import { ConfigurationError } from '@agent-ci/core/errors'
import { createScorerSet, createScorers } from '@agent-ci/evaluation/scorers/create'
import { describe, expect, test } from '@jest/globals'
import { configured, deps, example } from './fixtures.ts'

const namesOf = async (...entries: unknown[]) =>
  (await createScorers(entries.map(configured), deps)).map((scorer) => scorer.name)

describe('createScorers', () => {
  test('names scorers by their type, and numbers those of one type', async () => {
    expect(await namesOf('exact', 'number', 'exact', 'exact')).toEqual(['exact', 'number', 'exact-2', 'exact-3'])
  })

  test('gives a configured name to the one that has it', async () => {
    const entries = ['exact', { type: 'contains', name: 'exact', value: 'x' }, { type: 'number', name: 'exact-2' }]
    expect(await namesOf(...entries)).toEqual(['exact-3', 'exact', 'exact-2'])
  })

  test('refuses a name that is configured twice', async () => {
    const same = { type: 'contains', name: 'polite', value: 'please' }
    await expect(namesOf(same, same)).rejects.toThrow('Two scorers have the name "polite"')
  })

  test('reports the problems of all scorers at once', async () => {
    const wrong = [
      configured({ type: 'regex', pattern: '(' }),
      configured('exact'),
      configured({ type: 'contains', value: '' }),
    ]
    const error = await createScorers(wrong, deps).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect((error as ConfigurationError).problems).toHaveLength(2)
  })
})

describe('createScorerSet', () => {
  test('has the default scorers where none are configured', async () => {
    const set = await createScorerSet([], deps)
    expect(set.configs.map(({ type }) => type)).toEqual(['exact', 'tools'])
    expect(set.needsExpectation).toBe(true)
    expect((await set.forExample(example({ expected: 'x' }))).map(({ name }) => name)).toEqual(['exact'])
    await set.close()
  })

  test('has the configured scorers', async () => {
    const set = await createScorerSet([configured({ type: 'contains', value: 'x' })], deps)
    expect(set.needsExpectation).toBe(false)
    expect((await set.forExample(example())).map(({ name }) => name)).toEqual(['contains'])
    await set.close()
  })
})

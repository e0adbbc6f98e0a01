import { ConfigurationError } from '@agent-ci/core/errors'
import { describe, expect, test } from '@jest/globals'
import { example, judge, scorerOf } from './fixtures.ts'

describe('contains', () => {
  test.each([
    ['the expected text', {}, 'Paris', 'It is PARIS.', true],
    ['not the expected text', {}, 'Paris', 'It is Lyon.', false],
    ['one of the accepted texts', {}, ['Paris', 'Lutetia'], 'Once Lutetia', true],
    ['an expected number', {}, 42, 'It is 42.', true],
    ['the configured text in place of the expected one', { value: 'refund' }, 'Paris', 'A Refund is due', true],
    ['all configured texts', { value: ['a', 'b'] }, undefined, 'b and a', true],
    ['not all configured texts', { value: ['a', 'z'] }, undefined, 'b and a', false],
    ['any configured text', { value: ['a', 'z'], mode: 'any' }, undefined, 'b and a', true],
    ['none of the configured texts', { value: ['y', 'z'], mode: 'any' }, undefined, 'b and a', false],
    ['case, when it is asked to', { value: 'Paris', case_sensitive: true }, undefined, 'paris', false],
    ['composed and decomposed characters', { value: 'caf\u00e9' }, undefined, 'a cafe\u0301', true],
  ])('%s', async (_, settings, expected, output, passed) => {
    expect((await judge({ type: 'contains', ...settings }, expected, output)).passed).toBe(passed)
  })

  test('names what is missing', async () => {
    expect((await judge({ type: 'contains', value: ['a', 'y', 'z'] }, undefined, 'abc')).reason).toBe(
      'The answer does not contain "y", "z": "abc".',
    )
    expect((await judge('contains', ['x', 'y'], 'abc')).reason).toBe('The answer does not contain "x" or "y": "abc".')
  })

  test('an empty expected text measures nothing', async () => {
    expect(await judge('contains', ' ', 'anything')).toMatchObject({ value: null, passed: null })
  })

  test('an empty configured text is refused', async () => {
    await expect(scorerOf({ type: 'contains', value: ['a', ' '] })).rejects.toThrow(ConfigurationError)
  })

  test('applies where there is a text to look for', async () => {
    const bare = await scorerOf('contains')
    expect(bare.appliesTo(example({ expected: 'x' }))).toBe(true)
    expect(bare.appliesTo(example())).toBe(false)
    expect(bare.appliesTo(example({ expected: { a: 1 } }))).toBe(false)
    expect((await scorerOf({ type: 'contains', value: 'x' })).appliesTo(example())).toBe(true)
  })
})

import { ConfigurationError } from '@agent-ci/core/errors'
import { describe, expect, test } from '@jest/globals'
import { example, judge, reply, scorerOf, signal } from './fixtures.ts'

describe('regex', () => {
  test.each([
    ['the pattern is found', { pattern: String.raw`\b\d{4}\b` }, undefined, 'in 1889.', true],
    ['the pattern is not found', { pattern: String.raw`\b\d{4}\b` }, undefined, 'in 89.', false],
    ['flags', { pattern: 'paris', flags: 'i' }, undefined, 'PARIS', true],
    ['case counts without a flag', { pattern: 'paris' }, undefined, 'PARIS', false],
    ['the expected text as a pattern', {}, '^Par.s$', 'Paris', true],
    ['any of several expected patterns', {}, ['^Lyon$', '^Par'], 'Paris', true],
    ['none of several expected patterns', {}, ['^Lyon$', '^Nice$'], 'Paris', false],
  ])('%s', async (_, settings, expected, output, passed) => {
    expect((await judge({ type: 'regex', ...settings }, expected, output)).passed).toBe(passed)
  })

  test.each([
    ['an unclosed group', { pattern: '(' }],
    ['an empty pattern', { pattern: '' }],
    ['a flag twice', { pattern: 'a', flags: 'ii' }],
    ['wrong flags without a pattern', { flags: 'uu' }],
  ])('%s is refused before the run', async (_, settings) => {
    await expect(scorerOf({ type: 'regex', ...settings })).rejects.toThrow(ConfigurationError)
  })

  test('a pattern of an example that is none leaves the reply unscored', async () => {
    const score = await judge('regex', '(', 'anything')
    expect(score.value).toBeNull()
    expect(score.reason).toContain('Unterminated group')
    expect((await judge('regex', '', 'anything')).value).toBeNull()
  })

  test('a search that backtracks without end is given up and the next one works', async () => {
    const scorer = await scorerOf({ type: 'regex', pattern: '^(a+)+$' })
    const score = await scorer.score(example(), reply(`${'a'.repeat(60)}b`), signal)
    expect(score).toMatchObject({ value: null, passed: null })
    expect(score.reason).toContain('more than 250 ms')
    expect((await judge({ type: 'regex', pattern: '^a+$' }, undefined, 'aaa')).passed).toBe(true)
  })

  test('applies where there is a pattern', async () => {
    const bare = await scorerOf('regex')
    expect(bare.appliesTo(example({ expected: 'x' }))).toBe(true)
    expect(bare.appliesTo(example())).toBe(false)
    expect((await scorerOf({ type: 'regex', pattern: 'x' })).appliesTo(example())).toBe(true)
  })
})

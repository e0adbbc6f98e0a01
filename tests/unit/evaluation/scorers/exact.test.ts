import { describe, expect, test } from '@jest/globals'
import { example, judge, scorerOf } from './fixtures.ts'

describe('exact', () => {
  test.each([
    ['the same text', 'Paris', 'Paris', true],
    ['white space and case do not count', 'Paris', '  paRIS\n', true],
    ['another text', 'Paris', 'Lyon', false],
    ['more than the expected text', 'Paris', 'It is Paris', false],
    ['one of several accepted answers', ['Paris', 'Paris, France'], 'paris, france', true],
    ['none of several accepted answers', ['Paris', 'Paris, France'], 'Lyon', false],
    ['one code point or two for the same character', 'Caf\u00e9', 'cafe\u0301', true],
    ['a number by its text', 42, ' 42 ', true],
    ['a boolean by its text', true, 'True', true],
    ['a number among the accepted answers', [41, 42], '42', true],
    ['an object as JSON, in any order of keys', { a: 1, b: [2] }, '{"b":[2],"a":1}', true],
    ['an object in a code fence', { a: 1 }, '```json\n{"a":1}\n```', true],
    ['an object with another value', { a: 1 }, '{"a":2}', false],
    ['an object, and an answer that is no JSON', { a: 1 }, 'a is 1', false],
    ['a list of objects is one value', [{ a: 1 }, { a: 2 }], '[{"a":1},{"a":2}]', true],
    ['one item of a list of objects is not enough', [{ a: 1 }, { a: 2 }], '{"a":1}', false],
    ['an empty list is one value', [], '[]', true],
    ['an empty answer', 'Paris', '', false],
  ])('%s', async (_, expected, output, passed) => {
    expect(await judge('exact', expected, output)).toMatchObject({ scorer: 'exact', passed, value: passed ? 1 : 0 })
  })

  test('case counts when it is asked to', async () => {
    const strict = { type: 'exact', case_sensitive: true }
    expect((await judge(strict, 'Paris', 'paris')).passed).toBe(false)
    expect((await judge(strict, 'Paris', ' Paris ')).passed).toBe(true)
  })

  test('says what was expected and what came, cut to 200 characters', async () => {
    const { reason } = await judge('exact', ['Paris', 'Paris, France'], 'L'.repeat(500))
    expect(reason).toBe(`Expected "Paris" or "Paris, France", got "${'L'.repeat(200)}… (300 more characters)".`)
  })

  test('applies to examples with an expected answer', async () => {
    const scorer = await scorerOf('exact')
    expect(scorer.appliesTo(example({ expected: 'Paris' }))).toBe(true)
    expect(scorer.appliesTo(example())).toBe(false)
  })
})

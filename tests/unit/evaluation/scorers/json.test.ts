import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { type Json, jsonEqual } from '@agent-ci/core/json'
import { firstDifference } from '@agent-ci/evaluation/scorers/json-difference'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'
import { deps, example, judge, reply, scorerOf, signal } from './fixtures.ts'

const order = {
  id: 7,
  items: [
    { sku: 'a', price: 1.5 },
    { sku: 'b', price: 2 },
  ],
  note: null,
}

describe('json compared with the expected value', () => {
  test.each([
    ['the same value', 'equal', order, JSON.stringify(order), true],
    ['keys in another order', 'equal', { a: 1, b: 2 }, '{"b":2,"a":1}', true],
    ['one code fence', 'equal', { a: 1 }, '\n```json\n{"a": 1}\n```\n', true],
    ['a fence without a language', 'equal', { a: 1 }, '```\n{"a": 1}\n```', true],
    ['words around the fence', 'equal', { a: 1 }, 'Here it is:\n```json\n{"a": 1}\n```', false],
    ['a key too much', 'equal', { a: 1 }, '{"a":1,"b":2}', false],
    ['a key too much is fine for superset', 'superset', { a: 1 }, '{"a":1,"b":2}', true],
    ['nested keys too much are fine for superset', 'superset', { a: [{ b: 1 }] }, '{"a":[{"b":1,"c":2}]}', true],
    ['lists of other lengths are not', 'superset', { a: [1] }, '{"a":[1,2]}', false],
    ['a missing key', 'superset', { a: 1 }, '{"b":2}', false],
    ['null is not absent', 'superset', { a: null }, '{}', false],
    ['an expected text that is JSON', 'equal', '{"a":1}', '{"a": 1}', true],
    ['one of several texts that are JSON', 'equal', ['{"a":1}', '{"a":2}'], '{"a": 2}', true],
    ['a list of texts as itself', 'equal', ['a', 'b'], '["a","b"]', true],
    ['a list of numbers is one value', 'equal', [1, 2], '[1,2]', true],
    ['one number of a list is not enough', 'equal', [1, 2], '2', false],
    ['any JSON when nothing is compared', 'none', { a: 1 }, '{"z":0}', true],
    ['no JSON when nothing is compared', 'none', { a: 1 }, 'z is 0', false],
    ['the key __proto__ is a key', 'equal', JSON.parse('{"__proto__":{"a":1}}') as Json, '{}', false],
  ])('%s', async (_, compare, expected, output, passed) => {
    expect((await judge({ type: 'json', compare }, expected, output)).passed).toBe(passed)
  })

  test.each<[string, Json, Json, string | undefined]>([
    [
      'another value',
      { items: [{ p: 1 }, { p: 2 }] },
      { items: [{ p: 1 }, { p: 3 }] },
      '$.items[1].p is 2 instead of 3',
    ],
    ['a missing key', {}, { 'a b': 1 }, '$["a b"] is missing'],
    ['a key too much', { a: 1, b: 2 }, { a: 1 }, '$.b is not expected'],
    ['another length', { a: [1, 2] }, { a: [1] }, '$.a has the length 2 instead of 1'],
    ['another type', { a: { b: 1 } }, { a: [1] }, '$.a is {"b":1} instead of [1]'],
    ['the whole value', 'x', 1, '$ is "x" instead of 1'],
    ['nothing', { a: [null] }, { a: [null] }, undefined],
  ])('names the first differing path: %s', (_, actual, expected, difference) => {
    expect(firstDifference(actual, expected, 'equal')).toBe(difference)
  })

  test('equal is symmetric and is the equality of JSON', () => {
    // Through text, because -0 is no JSON value.
    const value = fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.parse(JSON.stringify(json)) as Json)
    const pairs = fc.oneof(
      fc.tuple(value, value),
      value.map((json) => [json, structuredClone(json)] as const),
    )
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const same = firstDifference(a, b, 'equal') === undefined
        expect(firstDifference(b, a, 'equal') === undefined).toBe(same)
        expect(jsonEqual(a, b)).toBe(same)
        if (same) expect(firstDifference(a, b, 'superset')).toBeUndefined()
      }),
    )
  })

  test('an answer nested a hundred thousand levels deep is a wrong answer, no crash', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect((await judge('json', { a: 1 }, deep)).passed).toBe(false)
    expect((await judge('json', { a: 1 }, `{"a":${deep}}`)).reason).toBe(
      'The answer differs: $.a is a deeply nested value instead of 1.',
    )
    const recursive = { $defs: { list: { type: 'array', items: { $ref: '#/$defs/list' } } }, $ref: '#/$defs/list' }
    expect(await judge({ type: 'json', schema: recursive }, undefined, deep)).toMatchObject({ passed: false })
  })
})

describe('json by a schema', () => {
  const schema = {
    type: 'object',
    properties: { price: { type: 'number', minimum: 0 }, sku: { type: 'string', pattern: '^[a-z]+$' } },
    required: ['price'],
    additionalProperties: false,
  }
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'json-schema-'))
    await writeFile(join(folder, 'order.schema.json'), JSON.stringify(schema))
    await writeFile(join(folder, 'broken.json'), '{"type":')
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each([
    ['fits', '{"price":1,"sku":"abc"}', true, 'The answer is the expected JSON.'],
    ['a wrong type', '{"price":"1"}', false, 'The answer does not fit the schema: /price must be number.'],
    [
      'a missing key',
      '{}',
      false,
      "The answer does not fit the schema: the value must have required property 'price'.",
    ],
    [
      'a key too much',
      '{"price":1,"x":2}',
      false,
      'The answer does not fit the schema: the value must NOT have additional properties "x".',
    ],
    [
      'a pattern',
      '{"price":1,"sku":"A1"}',
      false,
      'The answer does not fit the schema: /sku must match pattern "^[a-z]+$".',
    ],
  ])('%s', async (_, output, passed, reason) => {
    expect(await judge({ type: 'json', schema }, undefined, output)).toMatchObject({ passed, reason })
  })

  test('a file relative to the working directory', async () => {
    const scorer = await scorerOf({ type: 'json', schema: 'order.schema.json' }, { ...deps, cwd: folder })
    expect((await scorer.score(example(), reply('{"price":-1}'), signal)).reason).toContain('/price must be >= 0')
  })

  test.each([
    ['http://json-schema.org/draft-07/schema#', { items: [{ type: 'number' }], type: 'array' }, '["x"]'],
    ['https://json-schema.org/draft/2019-09/schema', { items: [{ type: 'number' }], type: 'array' }, '["x"]'],
    ['https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'number' }], type: 'array' }, '["x"]'],
  ])('%s', async ($schema, rest, output) => {
    const entry = { type: 'json', schema: { $schema, ...rest } }
    expect((await judge(entry, undefined, output)).reason).toContain('/0 must be number')
  })

  test('the schema and the expected value must both be met', async () => {
    const entry = { type: 'json', schema, compare: 'superset' }
    expect((await judge(entry, { price: 2 }, '{"price":2}')).passed).toBe(true)
    expect((await judge(entry, { price: 2 }, '{"price":3}')).passed).toBe(false)
    expect((await judge(entry, { price: 2 }, '{"price":2,"x":1}')).passed).toBe(false)
  })

  test('a pattern of the schema that backtracks without end leaves the reply unscored', async () => {
    const entry = { type: 'json', schema: { type: 'string', pattern: '^(a+)+$' } }
    const score = await judge(entry, undefined, JSON.stringify(`${'a'.repeat(60)}!`))
    expect(score).toMatchObject({ value: null, passed: null })
  })

  test.each([
    ['a mistyped keyword', { typ: 'object' }, 'unknown keyword: "typ"'],
    ['a type that does not exist', { type: 'objekt' }, 'type'],
    ['a wrong pattern', { type: 'string', pattern: '(' }, 'Unterminated group'],
    ['a reference to nowhere', { $ref: 'other.json' }, "can't resolve reference other.json"],
    ['a draft that is not known', { $schema: 'http://json-schema.org/draft-04/schema#' }, 'draft-04'],
    ['a file that is not there', 'missing.json', 'ENOENT'],
    ['a file that is no JSON', 'broken.json', 'JSON'],
  ])('%s is refused before the run', async (_, wrong, why) => {
    const created = scorerOf({ type: 'json', schema: wrong }, { ...deps, cwd: folder })
    await expect(created).rejects.toThrow(ConfigurationError)
    await expect(created).rejects.toThrow(why)
  })

  test('applies without an expected value where there is a schema or nothing is compared', async () => {
    const applies = async (settings: object) => (await scorerOf({ type: 'json', ...settings })).appliesTo(example())
    expect(await applies({})).toBe(false)
    expect(await applies({ schema })).toBe(true)
    expect(await applies({ compare: 'none' })).toBe(true)
  })
})

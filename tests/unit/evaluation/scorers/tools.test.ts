import type { ExpectedTool } from '@agent-ci/core/example'
import type { JsonObject } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'
import { argumentsFit } from '@agent-ci/evaluation/scorers/tool-arguments'
import { describe, expect, test } from '@jest/globals'
import { example, reply, scorerOf, signal } from './fixtures.ts'

const call = (name: string, args: JsonObject = {}): ToolCall => ({ name, args })
const calls = (names: string): ToolCall[] => [...names].map((name) => call(name))

async function scoreTools(
  settings: object,
  expectedTools: readonly ExpectedTool[],
  toolCalls: readonly ToolCall[] | null,
) {
  const scorer = await scorerOf({ type: 'tools', ...settings })
  return scorer.score(example({ expectedTools }), reply('', { toolCalls }), signal)
}

describe('the modes of tools', () => {
  //            expected, made, strict, unordered, subset, superset, in_order
  test.each([
    ['the same calls', 'ab', 'ab', true, true, true, true, true],
    ['another order', 'ab', 'ba', false, true, true, true, false],
    ['a call too much', 'ab', 'axb', false, false, false, true, true],
    ['a call too much in another order', 'ab', 'bxa', false, false, false, true, false],
    ['a call too few', 'ab', 'a', false, false, true, false, false],
    ['another call', 'ab', 'ax', false, false, false, false, false],
    ['a call twice where it is expected once', 'a', 'aa', false, false, false, true, true],
    ['a call once where it is expected twice', 'aa', 'a', false, false, true, false, false],
    ['none expected and none made', '', '', true, true, true, true, true],
    ['none expected and one made', '', 'a', false, false, false, true, true],
    ['one expected and none made', 'a', '', false, false, true, false, false],
  ])('%s', async (_, expected, made, strict, unordered, subset, superset, inOrder) => {
    const modes = { strict, unordered, subset, superset, in_order: inOrder }
    for (const [mode, passed] of Object.entries(modes)) {
      const score = await scoreTools(
        { mode },
        calls(expected).map(({ name }) => ({ name })),
        calls(made),
      )
      expect({ mode, passed: score.passed }).toEqual({ mode, passed })
    }
  })

  test('the default is superset by name', async () => {
    const expected = [{ name: 'search', args: { q: 'x' } }]
    expect((await scoreTools({}, expected, [call('search', { q: 'y' }), call('other')])).passed).toBe(true)
  })

  test('value is the share of the expected calls that were made', async () => {
    const expected = [...'abcd'].map((name) => ({ name }))
    expect((await scoreTools({}, expected, calls('dbx'))).value).toBe(0.5)
    expect((await scoreTools({ mode: 'strict' }, expected, calls('axcd'))).value).toBe(0.75)
    expect((await scoreTools({ mode: 'in_order' }, expected, calls('bd'))).value).toBe(0.5)
    expect((await scoreTools({ mode: 'strict' }, [], calls('a'))).value).toBe(0)
    expect((await scoreTools({ mode: 'superset' }, [], calls('a'))).value).toBe(1)
  })

  test('the best assignment counts, where the first that fits would fail', async () => {
    const made = [call('t', { a: 1, b: 2 }), call('t', { a: 1 })]
    const expected = [
      { name: 't', args: { a: 1 } },
      { name: 't', args: { a: 1, b: 2 } },
    ]
    for (const mode of ['superset', 'subset', 'unordered']) {
      expect((await scoreTools({ mode, args: 'superset' }, expected, made)).passed).toBe(true)
    }
  })

  test('an agent that does not report its calls is not judged', async () => {
    const score = await scoreTools({}, [{ name: 'search' }], null)
    expect(score).toMatchObject({ value: null, passed: null })
    expect(score.reason).toMatch(/^The agent does not report its tool calls/)
  })

  test('applies to examples that state their tools, an empty list too', async () => {
    const scorer = await scorerOf('tools')
    expect(scorer.judges).toBe('tools')
    expect(scorer.appliesTo(example({ expectedTools: [] }))).toBe(true)
    expect(scorer.appliesTo(example())).toBe(false)
  })
})

describe('the arguments of tools', () => {
  test.each<[string, JsonObject, JsonObject, boolean, boolean, boolean]>([
    //                          actual, expected, exact, subset, superset
    ['equal', { a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true, true, true],
    ['one too much', { a: 1, b: 2 }, { a: 1 }, false, false, true],
    ['one too few', { a: 1 }, { a: 1, b: 2 }, false, true, false],
    ['another value', { a: 1 }, { a: 2 }, false, false, false],
    ['null is not absent', { a: null }, {}, false, false, true],
    ['absent is not null', {}, { a: null }, false, true, false],
    ['one too much below the top', { a: { b: 1, c: 2 } }, { a: { b: 1 } }, false, false, false],
    ['an inherited name is no argument', {}, { constructor: 1 }, false, true, false],
  ])('%s', (_, actual, expected, exact, subset, superset) => {
    expect(argumentsFit(actual, expected, 'exact')).toBe(exact)
    expect(argumentsFit(actual, expected, 'subset')).toBe(subset)
    expect(argumentsFit(actual, expected, 'superset')).toBe(superset)
    expect(argumentsFit(actual, expected, 'ignore')).toBe(true)
  })

  test.each<[string, JsonObject, JsonObject, readonly string[], boolean]>([
    ['equal at the path', { time: { start: 9, end: 1 } }, { time: { start: 9, end: 2 } }, ['time.start'], true],
    ['different at the path', { time: { start: 9 } }, { time: { start: 8 } }, ['time.start'], false],
    ['missing on both sides', { a: 1 }, { b: 2 }, ['time.start'], true],
    ['missing on one side', { time: {} }, { time: { start: 9 } }, ['time.start'], false],
    ['null and missing', { time: { start: null } }, { time: {} }, ['time.start'], false],
    ['an item of a list', { items: [{ id: 1, n: 1 }] }, { items: [{ id: 1, n: 2 }] }, ['items.0.id'], true],
    ['through a text', { time: 'noon' }, { time: 'noon' }, ['time.length'], true],
    ['all of several paths', { a: 1, b: 2 }, { a: 1, b: 3 }, ['a', 'b'], false],
  ])('key paths: %s', (_, actual, expected, paths, fits) => {
    expect(argumentsFit(actual, expected, paths)).toBe(fits)
  })

  test('subset mode asks with the actual call first, unlike agentevals', async () => {
    const made = [call('t', { a: 1, b: 2 })]
    const expected = [{ name: 't', args: { a: 1 } }]
    expect((await scoreTools({ mode: 'subset', args: 'superset' }, expected, made)).passed).toBe(true)
    expect((await scoreTools({ mode: 'subset', args: 'subset' }, expected, made)).passed).toBe(false)
  })

  test('an expected call without arguments is matched by name in every argument mode', async () => {
    for (const args of ['exact', 'ignore', 'subset', 'superset']) {
      expect((await scoreTools({ args }, [{ name: 't' }], [call('t', { a: 1 })])).passed).toBe(true)
    }
  })

  test('a tool may have a rule of its own', async () => {
    const settings = { args: 'exact', overrides: { log: 'ignore', book: ['time.start'] } }
    const expected = [
      { name: 'log', args: { text: 'x' } },
      { name: 'book', args: { time: { start: 9 } } },
      { name: 'search', args: { q: 'x' } },
    ]
    const made = [call('log'), call('book', { time: { start: 9, end: 10 } }), call('search', { q: 'x' })]
    expect((await scoreTools(settings, expected, made)).passed).toBe(true)
    expect((await scoreTools(settings, expected, [...made.slice(0, 2), call('search', { q: 'y' })])).passed).toBe(false)
  })
})

describe('what tools says', () => {
  test.each<[string, object, readonly ExpectedTool[], readonly ToolCall[], string]>([
    ['a pass', {}, [{ name: 'a' }], calls('ab'), 'The tool calls are as expected: a, b.'],
    ['a pass without calls', { mode: 'strict' }, [], [], 'The tool calls are as expected: nothing.'],
    [
      'missing calls',
      {},
      [{ name: 'a' }, { name: 'c' }, { name: 'd' }],
      calls('ab'),
      'Tool calls differ; not called: c, d.',
    ],
    [
      'calls too much',
      { mode: 'subset' },
      [{ name: 'a' }, { name: 'c' }],
      calls('ab'),
      'Tool calls differ; not expected: b.',
    ],
    [
      'wrong arguments',
      { args: 'exact' },
      [{ name: 'search', args: { q: 'x' } }],
      [call('search', { q: 'y' })],
      'Tool calls differ; wrong arguments: search was called with {"q":"y"} instead of {"q":"x"}.',
    ],
    [
      'wrong order',
      { mode: 'in_order' },
      [{ name: 'a' }, { name: 'b' }],
      calls('ba'),
      'Wrong order: expected a, b, called b, a.',
    ],
    [
      'all of it',
      { mode: 'unordered', args: 'exact' },
      [{ name: 'a' }, { name: 's', args: { q: 1 } }],
      [call('s'), call('x')],
      'Tool calls differ; not called: a; wrong arguments: s was called with {} instead of {"q":1}; not expected: x.',
    ],
    ['many', { mode: 'strict' }, [], calls('abcdefgh'), 'Tool calls differ; not expected: a, b, c, d, e and 3 more.'],
  ])('of %s', async (_, settings, expected, made, reason) => {
    expect((await scoreTools(settings, expected, made)).reason).toBe(reason)
  })

  test('ten thousand calls of a runaway agent are judged', async () => {
    const made = Array.from({ length: 10_000 }, (_, i) => call('search', { q: i }))
    const expected = [
      { name: 'search', args: { q: 9_999 } },
      { name: 'search', args: { q: -1 } },
    ]
    expect(await scoreTools({ args: 'exact' }, expected, made)).toMatchObject({ value: 0.5, passed: false })
  })
})

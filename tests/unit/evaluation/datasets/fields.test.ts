import { describe, expect, test } from '@jest/globals'
import { load, problemsOf, refusalOf } from './harness.ts'

const GOOD = { id: 'a', input: 'x', expected: 'y' }
const file = (...examples: unknown[]) => ({ 'g.json': JSON.stringify(examples) })
const only = async (example: unknown) => (await load(file(example))).examples[0]!

describe('accepted', () => {
  test.each([
    ['a number as id', { id: 7 }, { id: '7' }],
    ['a number as group', { group: 1.5 }, { group: '1.5' }],
    ['an object as input', { input: { question: 'q' } }, { input: { question: 'q' } }],
    ['one tag', { tags: 'billing' }, { tags: ['billing'] }],
    ['a tag twice', { tags: ['a', 'b', 'a'] }, { tags: ['a', 'b'] }],
    ['one tool', { expected_tools: 'search' }, { expectedTools: [{ name: 'search' }] }],
    ['no tools', { expected: null, expected_tools: [] }, { expectedTools: [] }],
    ['a tool without args', { expected_tools: [{ name: 's', args: null }] }, { expectedTools: [{ name: 's' }] }],
    ['a number as expectation', { expected: 42 }, { expected: 42 }],
    ['false as expectation', { expected: false }, { expected: false }],
    ['null instead of nothing', { tags: null, group: null, critical: null }, { tags: [], critical: false }],
    ['only scorers', { expected: null, scorers: 'json' }, { scorers: [{ type: 'json', compare: 'equal' }] }],
  ])('%s', async (_, change, read) => {
    const example = await only({ ...GOOD, ...change })
    expect(example).toMatchObject(read)
    expect(Object.values(example)).not.toContain(null)
  })

  test('keys that objects have from birth are data like others', async () => {
    const text = '{"__proto__": {"critical": true}, "constructor": 1}'
    const { examples, warnings } = await load({
      'g.jsonl': `{"id":"__proto__","input":${text},"expected":${text},"metadata":${text},"__proto__":{"critical":true}}`,
    })
    expect(examples[0]!.critical).toBe(false)
    for (const value of [examples[0]!.input, examples[0]!.expected, examples[0]!.metadata]) {
      expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)))
    }
    expect(warnings).toHaveLength(1)
    expect(({} as { critical?: boolean }).critical).toBeUndefined()
  })

  test('lone surrogates stay what they are', async () => {
    const { examples } = await load({ 'g.jsonl': '{"id":"\\ud800","input":"\\udc00","expected":"y"}' })
    expect(examples[0]).toMatchObject({ id: '\ud800', input: '\udc00' })
  })
})

describe('refused, with what was expected', () => {
  test.each([
    [{ input: null }, 'input is null. Expected a string that is not empty, an object, or chat messages.'],
    [{ input: undefined }, 'input is missing.'],
    [{ input: '' }, 'input is an empty string.'],
    [{ input: [] }, 'input is an empty list.'],
    [{ input: 7 }, 'input is 7.'],
    [{ input: [{ role: 'user' }, 'x'] }, 'input[1] is "x", not a message with a role.'],
    [{ id: '' }, 'id is an empty string. Expected a string that is not blank. Write for example "id": "refund-1".'],
    [{ id: true }, 'id is true.'],
    [{ id: 2 ** 60 }, 'id is 1152921504606847000. So large a number loses its last digits.'],
    [{ group: [] }, 'group is an empty list.'],
    [{ expected: [] }, 'expected is an empty list. Expected a list of the accepted answers as strings.'],
    [{ expected: ['a', 1] }, 'expected[1] is 1.'],
    [{ expected_tools: 'a', tags: [1] }, 'tags[0] is 1. Expected strings that are not blank.'],
    [{ tags: ' ' }, 'tags is " ".'],
    [{ critical: 'yes' }, 'critical is "yes". Expected true or false. Write "critical": true.'],
    [
      { expected_tools: [7] },
      'expected_tools[0] is 7. Expected the name of a tool, or an object with its name and args.',
    ],
    [{ expected_tools: [{ args: {} }] }, 'expected_tools[0].name is missing.'],
    [{ expected_tools: [{ name: 's', args: [1] }] }, 'expected_tools[0].args is a list. Expected an object.'],
    [{ metadata: 'x' }, 'metadata is "x". Expected an object.'],
    [{ scorers: [] }, 'scorers is an empty list. Nothing would be judged.'],
    [
      { scorers: ['exakt'] },
      'scorers[0] is "exakt". Expected the name of a scorer, or an object with its type. Did you mean "exact"?',
    ],
    [{ scorers: [{ type: 'constructor' }] }, 'scorers[0].type is "constructor".'],
    [{ scorers: ['exact', 3] }, 'scorers[1] is 3.'],
    [{ scorers: ['judge'] }, 'scorers[0].rubric is missing.'],
    [{ scorers: [{ type: 'contains', mode: 'some' }] }, 'scorers[0].mode is "some". Invalid option'],
    [
      { scorers: [{ type: 'contains', valeu: 'x' }] },
      'scorers[0] is an object. Unrecognized key: "valeu". Did you mean "value"?',
    ],
    [{ expected: undefined }, 'The example expects nothing. Expected one of expected, expected_tools and scorers.'],
  ])('%j', async (change, message) => {
    expect(await refusalOf(file({ ...GOOD, ...change }))).toContain(`g.json:1: ${message}`)
  })

  test.each([['text'], [3], [null], [[GOOD]]])('%j in the place of an example', async (example) => {
    expect(await refusalOf(file(example))).toMatch(/^g\.json:1: The example is .*\. Expected an object\./)
  })

  test.each(['input', 'expected', 'metadata'])('what JSON or a recursion can not hold, in %s', async (key) => {
    const rest = '"id":"a","input":"x","expected":"y"'
    const deep = `${'{"k":'.repeat(300)}1${'}'.repeat(300)}`
    expect(await refusalOf({ 'g.jsonl': `{${rest},"${key}":{"a":[1,{"b":-1e999}]}}` })).toContain(
      `${key}.a[1].b is the number -Infinity. Such a value cannot be kept as JSON.`,
    )
    expect(await refusalOf({ 'g.jsonl': `{${rest},"${key}":${deep}}` })).toContain('more than 200 levels deep')
    expect(await refusalOf({ 'g.json': `[{${rest},"${key}":${deep}}]` })).toContain('at most 200 levels of nesting')
  })

  test('text of the file can not pose as a workflow command', async () => {
    const message = await refusalOf(file({ ...GOOD, critical: '\n::error::x\u001b[31m##[group]\u202e' }))
    expect(message.split('\n')).toHaveLength(1)
    expect(message).not.toMatch(/\u001b|##\[|\u202e/)
  })

  test('an expectation is not asked for where the run needs none', async () => {
    const { examples } = await load(file({ id: 'a', input: 'x' }), { needsExpectation: false })
    expect(examples[0]).toEqual({ id: 'a', input: 'x', tags: [], critical: false, source: { file: 'g.json', line: 1 } })
  })
})

describe('the line of a problem is that of the value', () => {
  test('in JSON over several lines', async () => {
    const content = `{"examples": [
  {"id": "ok", "input": "[{\\"not\\": 1}]", "expected": "}"},
  {
    "id": "a", "metadata": {"input": 1,
      "tags": ["", 3]},
    "expected_tools": [
      "s",
      {"args": {}, "name":
        ""}
    ],
    "tags": ["t",
      7], "input":

      null
  }
]}`
    const problems = await problemsOf({ 'g.json': content })
    expect(problems.map(({ what, source }) => [source!.line, what])).toEqual([
      [9, 'expected_tools[1].name is an empty string'],
      [12, 'tags[1] is 7'],
      [14, 'input is null'],
    ])
  })

  test('in YAML, through anchors too', async () => {
    const content = `examples:
  - id: a
    input: x
    expected_tools: &tools
      - name: s
        args: 3
  - id: b
    expected_tools: *tools
    input: >-
    tags:
      - ok
      - 1
`
    const problems = await problemsOf({ 'g.yaml': content })
    expect(problems.map(({ what, source }) => [source!.line, what])).toEqual([
      [6, 'expected_tools[0].args is 3'],
      [6, 'expected_tools[0].args is 3'],
      [9, 'input is an empty string'],
      [12, 'tags[1] is 1'],
    ])
  })

  test('in CSV that of the row', async () => {
    const content = 'id,input,expected,critical\na,"x\ny",z,\nb,"x\ny",z,no\nc,,z,\n'
    const problems = await problemsOf({ 'g.csv': content })
    expect(problems.map(({ what, source }) => [source!.line, what])).toEqual([
      [4, 'critical is "no"'],
      [6, 'input is an empty string'],
    ])
  })
})

describe('unknown keys', () => {
  test('warn once a key and file, with the nearest known name', async () => {
    const lines = [
      { ...GOOD, expcted: 1 },
      { ...GOOD, id: 'b', expcted: 2, zzzzzz: 1 },
    ].map((line) => JSON.stringify(line))
    const { warnings } = await load({
      'g.jsonl': lines.join('\n'),
      'h.jsonl': lines.join('\n').replaceAll('"id":"', '"id":"h'),
    })
    expect(warnings).toEqual([
      '"expcted" at g.jsonl:1 is not a key of an example; did you mean "expected"?',
      '"zzzzzz" at g.jsonl:2 is not a key of an example; known: id, input, expected, expected_tools, tags, critical, group, scorers, metadata, trajectory',
      '"expcted" at h.jsonl:1 is not a key of an example; did you mean "expected"?',
      expect.stringContaining('"zzzzzz" at h.jsonl:2'),
    ])
  })

  test('of an expected tool warn too', async () => {
    const { warnings } = await load(file({ ...GOOD, expected_tools: [{ name: 's', arg: {} }] }))
    expect(warnings).toEqual(['"arg" at g.json:1 is not a key of an expected tool; did you mean "args"?'])
  })

  test('in CSV are at the header row', async () => {
    const { warnings } = await load({ 'g.csv': '\nid,input,expected,note,__proto__\na,x,y,n,p\nb,x,y,n,p' })
    expect(warnings).toEqual([
      expect.stringContaining('"note" at g.csv:2 '),
      expect.stringContaining('"__proto__" at g.csv:2 '),
    ])
  })

  test('are listed twenty at most', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`unknown-${i}`, i]))
    const { warnings } = await load(file({ ...GOOD, ...many }))
    expect(warnings).toHaveLength(21)
    expect(warnings[20]).toBe('Further unknown keys in g.json are not listed')
  })
})

import { join } from 'node:path'
import { canonicalJson, digestOf, type Json } from '@agent-ci/core/json'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'
import { describe, expect, test } from '@jest/globals'
import { load, withFiles } from './harness.ts'

const WRITTEN = [
  {
    id: 'refund',
    input: 'I want my money back',
    expected: ['refund', 'Refund started'],
    expected_tools: ['lookup_order', { name: 'refund', args: { order: 7 } }],
    tags: ['billing', 'edge'],
    critical: true,
    group: 'customer-1',
    scorers: ['contains'],
    metadata: { author: 'sam', zeta: [1, { b: null, a: 'ü' }] },
  },
  { id: 'chat', input: [{ role: 'user', content: 'hi\n"there"' }], expected: { greeting: true, a: 1 } },
]
const READ = [
  {
    id: 'refund',
    input: 'I want my money back',
    expected: ['refund', 'Refund started'],
    expectedTools: [{ name: 'lookup_order' }, { name: 'refund', args: { order: 7 } }],
    tags: ['billing', 'edge'],
    critical: true,
    group: 'customer-1',
    scorers: [{ type: 'contains', mode: 'all', case_sensitive: false }],
    metadata: { author: 'sam', zeta: [1, { b: null, a: 'ü' }] },
  },
  {
    id: 'chat',
    input: [{ role: 'user', content: 'hi\n"there"' }],
    expected: { greeting: true, a: 1 },
    tags: [],
    critical: false,
  },
]
const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`

const FORMATS: readonly { name: string; content: string; lines: [number, number] }[] = [
  { name: 'golden.json', content: JSON.stringify({ examples: WRITTEN }), lines: [1, 1] },
  {
    name: 'golden.json',
    content: `{\n "version": "1", "metadata": {"examples": [1]},\r\n "examples":\n[\n${WRITTEN.map((w) => JSON.stringify(w)).join('\n,\n')}]\n, "name": "g"}\n`,
    lines: [5, 7],
  },
  { name: 'golden.JSON', content: JSON.stringify(WRITTEN, null, 2), lines: [2, 38] },
  { name: 'golden.jsonl', content: WRITTEN.map((w) => JSON.stringify(w)).join('\n\n'), lines: [1, 3] },
  { name: 'golden.ndjson', content: `${WRITTEN.map((w) => JSON.stringify(w)).join('\r\n')}\r\n`, lines: [1, 2] },
  { name: 'golden.jsonl', content: `\ufeff${WRITTEN.map((w) => JSON.stringify(w)).join('\n')}\n`, lines: [1, 2] },
  {
    name: 'golden.csv',
    content: [
      'id, input ,expected,expected_tools,tags,critical,group,scorers,metadata',
      `refund,I want my money back,${cell('["refund", "Refund started"]')},${cell('["lookup_order", {"name": "refund", "args": {"order": 7}}]')},billing | edge,TRUE,customer-1,contains,${cell(JSON.stringify(WRITTEN[0]!.metadata, null, 1))}`,
      `chat,${cell(JSON.stringify(WRITTEN[1]!.input))},${cell('{"greeting": true, "a": 1}')},,,,,,`,
    ].join('\r\n'),
    lines: [2, 12],
  },
  {
    name: 'golden.yaml',
    content: `# comment
name: golden
examples:
  - id: refund
    input: I want my money back
    expected: [refund, Refund started]
    expected_tools:
      - lookup_order
      - name: refund
        args: {order: 7}
    tags: [billing, edge]
    critical: true
    group: customer-1
    scorers: [contains]
    metadata:
      author: sam
      zeta: [1, {b: null, a: ü}]
  -
    id: chat
    input:
      - role: user
        content: |-
          hi
          "there"
    expected: {greeting: true, a: 1}
`,
    lines: [4, 19],
  },
  { name: 'golden.yml', content: JSON.stringify(WRITTEN), lines: [1, 1] },
]

describe('each format gives the same examples', () => {
  test.each(FORMATS)('$name, examples at lines $lines', async ({ name, content, lines }) => {
    const { examples, files, warnings } = await load({ [name]: content })
    expect(examples).toEqual(READ.map((example, i) => ({ ...example, source: { file: name, line: lines[i] } })))
    expect(files).toEqual([name])
    expect(warnings).toEqual([])
  })

  test('the digest is the same in all of them, and that of the canonical examples without their places', async () => {
    const digests = await Promise.all(
      FORMATS.map(async ({ name, content }) => (await load({ [name]: content })).digest),
    )
    const canonical = READ.map((example) => `${canonicalJson(example as unknown as Json)}\n`).join('')
    expect(new Set(digests)).toEqual(new Set([digestOf(canonical)]))
  })
})

describe('digest', () => {
  const a = { id: 'a', input: 'x', expected: 'y' }
  const b = { id: 'b', input: { 10: 'ten', 9: 'nine', z: 1, a: 2 }, expected: 'y' }
  const digest = async (...examples: object[]) => (await load({ 'g.json': JSON.stringify(examples) })).digest

  test('does not depend on the order of keys', async () => {
    expect(await digest({ expected: 'y', id: 'a', input: 'x' })).toBe(await digest(a))
    expect(await digest({ ...b, input: { a: 2, z: 1, 9: 'nine', 10: 'ten' } })).toBe(await digest(b))
  })

  test.each([
    ['the order of examples', [b, a]],
    ['an example left out', [a]],
    ['another expectation', [a, { ...b, expected: 'z' }]],
    ['another tag', [a, { ...b, tags: ['t'] }]],
  ])('depends on %s', async (_, examples) => {
    expect(await digest(...examples)).not.toBe(await digest(a, b))
  })
})

describe('several files', () => {
  const files = {
    'sets/one.jsonl': '{"id":"a","input":"x","expected":"y"}',
    'two.yaml': '- {id: b, input: x, expected: y}',
  }

  test('are joined in the order of their paths', async () => {
    const { examples, files: read } = await load(files, { paths: ['two.yaml', './sets/../sets/one.jsonl'] })
    expect(examples.map(({ id, source }) => [id, source])).toEqual([
      ['b', { file: 'two.yaml', line: 1 }],
      ['a', { file: 'sets/one.jsonl', line: 1 }],
    ])
    expect(read).toEqual(['two.yaml', 'sets/one.jsonl'])
  })

  test('may lie outside the working directory', async () => {
    await withFiles(files, async (directory) => {
      const cwd = join(directory, 'sets')
      const dataset = await loadDataset(
        { name: 'golden', paths: [join(directory, 'two.yaml')] },
        { cwd, warn: () => {} },
      )
      expect(dataset.at(0).source).toEqual({ file: '../two.yaml', line: 1 })
      dataset.close()
      expect(() => dataset.at(0)).toThrow('The dataset is closed')
    })
  })
})

describe('large files', () => {
  /** Lengths and characters of 1 to 4 bytes so that chunk borders fall everywhere. */
  const examples = Array.from({ length: 6_000 }, (_, i) => ({
    id: `é-${i}`,
    input: `"${'aé€😀\\'.repeat(i % 37)}\n${i}"`,
    expected: '😀'.repeat(i % 11) + i,
  }))
  const long = { id: 'long', input: `${'€"\\\n,'.repeat(400_000)}😀`, expected: '"' }
  const all = [...examples.slice(0, 100), long, ...examples.slice(100)]

  test.each([
    ['g.json', JSON.stringify({ examples: all })],
    ['g.json', JSON.stringify(all, null, '\t')],
    ['g.jsonl', all.map((example) => JSON.stringify(example)).join('\n')],
    [
      'g.csv',
      `id,input,expected\n${all.map(({ id, input, expected }) => [id, input, expected].map(cell).join(',')).join('\n')}`,
    ],
  ])('%s comes back as it was written', async (name, content) => {
    expect(Buffer.byteLength(content)).toBeGreaterThan(2 ** 22)
    const read = (await load({ [name]: content })).examples
    expect(read.map(({ id, input, expected }) => ({ id, input, expected }))).toEqual(all)
    const lines = content.split('\n')
    const begins = (id: string, line: number) =>
      (lines[line - 1]!.trim() === '{' ? lines[line]! : lines[line - 1]!).includes(id)
    expect(read.filter(({ id, source }) => lines.length > 1 && !begins(id, source.line))).toEqual([])
  })
})

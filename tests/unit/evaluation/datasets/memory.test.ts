import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'
import { Spool } from '@agent-ci/evaluation/datasets/spool'
import { describe, expect, test } from '@jest/globals'
import { withFiles } from './harness.ts'

const COUNT = 100_000
const example = (i: number) => ({
  id: `case-${i}`,
  input: `Question ${i}: how do I get a refund for order ${i * 7}? It was bought last week and came broken, and nobody answers.`,
  expected: `Ask for the number of order ${i * 7}, and start a refund.`,
  expected_tools: ['lookup_order', { name: 'refund', args: { order: i * 7 } }],
  tags: ['billing', i % 3 === 0 ? 'hard' : 'easy'],
})
const cell = (value: unknown): string =>
  `"${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('"', '""')}"`

type Example = ReturnType<typeof example>
const LINES_OF_ONE = JSON.stringify(example(0), null, 1).split('\n').length
const FORMATS: readonly [string, string, (example: Example) => string, string, string][] = [
  ['big.json', '{"examples": [\n', (one) => JSON.stringify(one, null, 1), ',\n', ']}'],
  ['big.jsonl', '', (one) => JSON.stringify(one), '\n', '\n'],
  [
    'big.csv',
    'id,input,expected,expected_tools,tags\n',
    ({ id, input, expected, expected_tools, tags }) =>
      [id, cell(input), cell(expected), cell(expected_tools), tags.join('|')].join(','),
    '\r\n',
    '',
  ],
]

/** Loads a dataset in a process of its own and prints how far its peak of resident memory rose. */
const MEASURE = `
  const { loadDataset } = await import(process.argv[1])
  const peakMb = () => process.resourceUsage().maxRSS / 1024
  const before = peakMb()
  const dataset = await loadDataset({ name: 'big', paths: [process.argv[2]] }, { cwd: '.', tempDir: 'temp', warn: console.error })
  const first = dataset.at(0).id
  const last = dataset.at(dataset.size - 1)
  console.log(JSON.stringify({ size: dataset.size, first, last: last.id, line: last.source.line, risenMb: peakMb() - before }))
`

describe('a dataset of 100,000 examples', () => {
  test.each(FORMATS)('%s is loaded in flat memory', async (name, head, write, between, tail) => {
    await withFiles({}, async (cwd) => {
      const fd = openSync(join(cwd, name), 'w')
      writeSync(fd, head)
      for (let i = 0; i < COUNT; i += 1_000) {
        const part = Array.from({ length: 1_000 }, (_, k) => write(example(i + k))).join(between)
        writeSync(fd, i + 1_000 < COUNT ? part + between : part)
      }
      writeSync(fd, tail)
      closeSync(fd)
      mkdirSync(join(cwd, 'temp'))
      const load = fileURLToPath(import.meta.resolve('@agent-ci/evaluation/datasets/load'))
      const args = [
        '--conditions=agent-ci-src',
        '--disable-warning=ExperimentalWarning',
        '--input-type=module',
        '-e',
        MEASURE,
      ]
      const measure = () =>
        JSON.parse(execFileSync(process.execPath, [...args, load, name], { cwd, encoding: 'utf8', env: {} }))
      // A busy machine is late to collect what is not held any longer; what is held shows each time.
      let { risenMb, ...read } = measure()
      for (let more = 3; more > 0 && risenMb >= 40; more--) ({ risenMb, ...read } = measure())
      const line = { 'big.json': 2 + (COUNT - 1) * LINES_OF_ONE, 'big.jsonl': COUNT, 'big.csv': COUNT + 1 }[name]
      expect(read).toEqual({ size: COUNT, first: 'case-0', last: `case-${COUNT - 1}`, line })
      expect(risenMb).toBeLessThan(40)
    })
  })
})

describe('Spool', () => {
  test('gives back every text from memory and from the file, and leaves nothing behind', async () => {
    await withFiles({ 'temp/other': '' }, async (cwd) => {
      const tempDir = join(cwd, 'temp')
      const spool = new Spool(tempDir)
      const text = (i: number) => (i === 5_000 ? '€'.repeat(3_000_000) : `${i} ${'é😀'.repeat(i % 700)}`)
      const count = 9_000
      for (let i = 0; i < count; i++) spool.append(text(i))
      const wrong = Array.from({ length: count }, (_, i) => i).filter((i) => spool.read(i) !== text(i))
      expect(wrong).toEqual([])
      expect(readdirSync(tempDir)).toEqual(['other'])
      for (const index of [-1, count, 0.5, Number.NaN])
        expect(() => spool.read(index)).toThrow('Expected a position from 0 to 8999')
      spool.close()
      spool.close()
      expect(() => spool.read(0)).toThrow('The dataset is closed')
    })
  })

  test('a refused dataset leaves no file and no open descriptor behind', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => JSON.stringify(example(i)))
    await withFiles({ 'g.jsonl': [...lines, '{'].join('\n'), 'temp/other': '' }, async (cwd) => {
      const open = () => readdirSync('/dev/fd').length
      const before = open()
      const tempDir = join(cwd, 'temp')
      const loading = loadDataset({ name: 'golden', paths: ['g.jsonl'] }, { cwd, tempDir, warn: () => {} })
      await expect(loading).rejects.toThrow('g.jsonl:30001:')
      expect(readdirSync(tempDir)).toEqual(['other'])
      expect(open()).toBe(before)
    })
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Example } from '@agent-ci/core/example'
import { exportDataset } from '@agent-ci/evaluation/datasets/export'
import { fileExample } from '@agent-ci/evaluation/datasets/file-example'
import { FORMATS, type FormatName } from '@agent-ci/evaluation/datasets/formats'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from '../../../properties.ts'
import { allOf } from './harness.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'round-trip-test-'))
})
afterAll(() => rmSync(cwd, { recursive: true }))

/** An example as a file of ours has it. */
type Written = Partial<
  Record<
    'id' | 'input' | 'expected' | 'expected_tools' | 'tags' | 'group' | 'metadata' | 'critical' | 'trajectory',
    unknown
  >
>

async function readBack(path: string): Promise<Example[]> {
  const deps = { cwd, warn: () => {}, needsExpectation: false, judgeModel: 'claude-test' }
  const dataset = await loadDataset({ name: 'golden', paths: [path] }, deps)
  try {
    return allOf(dataset)
  } finally {
    dataset.close()
  }
}

/** Writes examples of ours, exports them, and reads what was exported. */
async function thereAndBack(written: readonly Written[], format: FormatName) {
  writeFileSync(join(cwd, 'golden.jsonl'), written.map((example) => JSON.stringify(example)).join('\n'))
  const dataset = await loadDataset({ name: 'golden', paths: ['agent-ci:golden.jsonl'] }, { cwd, warn: () => {} })
  const { text, losses } = await exportDataset(dataset, format)
  const before = allOf(dataset)
  dataset.close()
  const file = `golden${FORMATS[format].ending}`
  writeFileSync(join(cwd, file), text)
  return { before, after: await readBack(`${format}:${file}`), losses }
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((value) => value.trim() !== '')
const word = fc.stringMatching(/^[a-z]{1,8}$/)
const args = fc.dictionary(word, fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 3 })
const chat = fc.array(fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: text }), {
  minLength: 1,
  maxLength: 3,
})
const asked = fc.record({ role: fc.constant('user'), content: text }).map((message) => [message])
const calls = fc.array(fc.record({ name: word, args }), { maxLength: 3 })
const metadata = fc.dictionary(word, fc.oneof(fc.string(), fc.integer()), { minKeys: 1, maxKeys: 3 })
const optional = { requiredKeys: ['input', 'expected'] as ['input', 'expected'] }

/** The concepts that both sides have. */
const SHARED: Readonly<Record<string, fc.Arbitrary<Written>>> = {
  'openai-evals': fc.record(
    {
      input: fc.oneof(text, chat),
      expected: fc.oneof(text, fc.array(text, { minLength: 1 })),
      metadata: metadata.filter((value) => !['id', 'input', 'ideal'].some((key) => key in value)),
    },
    optional,
  ),
  inspect: fc.record(
    {
      input: fc.oneof(text, chat),
      expected: fc.oneof(text, fc.array(text, { minLength: 2 })),
      metadata: metadata.filter((value) => !('inspect' in value)),
    },
    optional,
  ),
  deepeval: fc.record(
    {
      input: text,
      expected: text,
      expected_tools: calls.filter((list) => list.length > 0),
      metadata: metadata.filter((value) => !('deepeval' in value)),
    },
    optional,
  ),
  adk: fc.record({ input: asked, expected: text, expected_tools: calls }, optional),
  'gh-models': fc.record({ input: asked, expected: text }),
}

describe('what both sides have comes back as it went', () => {
  test.each(Object.keys(SHARED) as FormatName[])('%s', async (format) => {
    await fc.assert(
      fc.asyncProperty(fc.array(SHARED[format]!, { minLength: 1, maxLength: 4 }), async (examples) => {
        const named = examples.map((example, i) => ({ id: `golden.${i + 1}`, ...example }))
        const { before, after, losses } = await thereAndBack(named, format)
        expect(losses).toEqual([])
        const concepts = (list: readonly Example[]) =>
          list.map(({ input, expected, expectedTools, metadata, id }) => ({
            ...{ input, expected, expectedTools },
            // Goldens have no ids; a prompt file tells its variables as metadata, and its evaluator is a scorer.
            ...(format !== 'gh-models' && { metadata }),
            ...(format !== 'deepeval' && { id }),
          }))
        expect(concepts(after)).toEqual(concepts(before))
      }),
      { numRuns: 60 },
    )
  })
})

test('a file of ours that import writes is read as the same examples', async () => {
  const written = {
    id: 'a',
    input: [{ role: 'user', content: 'hi' }],
    expected: ['x', 'y'],
    expected_tools: ['search', { name: 'refund', args: { order: 7 } }],
    tags: ['edge'],
    critical: true,
    group: 'g',
    scorers: ['exact'],
    metadata: { n: 1 },
    trajectory: [{ role: 'user', content: 'hi' }],
  }
  writeFileSync(join(cwd, 'one.jsonl'), JSON.stringify(written))
  const [before] = await readBack('one.jsonl')
  writeFileSync(join(cwd, 'two.jsonl'), JSON.stringify(fileExample(before!)))
  const [after] = await readBack('two.jsonl')
  expect({ ...after, source: undefined }).toEqual({ ...before, source: undefined })
})

describe('what the other side lacks is named', () => {
  const rich = {
    id: 'a',
    input: { question: 'x' },
    expected: { y: 1 },
    expected_tools: ['search'],
    tags: ['edge'],
    critical: true,
    group: 'g',
    scorers: ['exact'],
    metadata: { n: 1 },
    trajectory: [{ role: 'user', content: 'hi' }],
  }

  test.each<[FormatName, string[]]>([
    ['openai-evals', ['input', 'expected', 'expected_tools', 'trajectory', 'tags', 'critical', 'group', 'scorers']],
    ['inspect', ['input', 'expected', 'expected_tools', 'trajectory', 'tags', 'critical', 'group', 'scorers']],
    ['deepeval', ['input', 'expected', 'trajectory', 'tags', 'critical', 'group', 'scorers']],
    ['adk', ['trajectory', 'tags', 'critical', 'group', 'scorers', 'metadata', 'input', 'expected', 'expected_tools']],
    ['gh-models', ['input', 'expected_tools', 'trajectory', 'tags', 'critical', 'group', 'scorers', 'metadata']],
  ])('%s', async (format, names) => {
    const { losses } = await thereAndBack([rich], format)
    expect(losses.map((loss) => /^"(\w+)" \(golden\.jsonl:1\) is not written: /.exec(loss)?.[1])).toEqual(names)
  })

  test.each<FormatName>(['agentevals', 'ai-agent-evals'])('%s is not written at all', async (format) => {
    await expect(thereAndBack([rich], format)).rejects.toThrow('It is read only.')
  })
})

test('a question with choices goes back as the question and its choices', async () => {
  const sample = {
    id: 'a',
    input: 'Which?',
    target: ['A', 'C'],
    choices: ['x', 'y', 'z'],
    files: { f: 'g' },
    metadata: { n: 1 },
  }
  writeFileSync(join(cwd, 'mc.jsonl'), JSON.stringify(sample))
  const dataset = await loadDataset({ name: 'mc', paths: ['mc.jsonl'] }, { cwd, warn: () => {} })
  const { text, losses } = await exportDataset(dataset, 'inspect')
  dataset.close()
  expect(JSON.parse(text)).toEqual(sample)
  expect(losses).toEqual([])
})

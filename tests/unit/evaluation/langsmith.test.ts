import { resolveDatasetPath } from '@agent-ci/evaluation/datasets/formats'
import { type LangsmithExample, MissingKeyError, mapExample } from '@agent-ci/evaluation/langsmith/example-mapping'
import { formatReference, parseReference } from '@agent-ci/evaluation/langsmith/reference'
import { describe, expect, test } from '@jest/globals'

const example = (changes: Partial<LangsmithExample>): LangsmithExample => ({
  id: 'a',
  inputs: { question: 'How long?' },
  ...changes,
})

describe('an example of LangSmith becomes', () => {
  test.each<[string, Partial<LangsmithExample>, object]>([
    [
      'its only input and its only output',
      { outputs: { answer: '30 days' } },
      { input: 'How long?', expected: '30 days' },
    ],
    [
      'an object where there are several keys',
      { inputs: { question: 'q', language: 'de' }, outputs: { answer: 'a', source: 's' } },
      { input: { question: 'q', language: 'de' }, expected: { answer: 'a', source: 's' } },
    ],
    [
      'chat messages',
      { inputs: { messages: [{ role: 'user', content: 'Hi' }] } },
      { input: [{ role: 'user', content: 'Hi' }] },
    ],
    [
      'an object where its messages are of another kind',
      { inputs: { messages: [{ type: 'human', data: {} }] } },
      { input: { messages: [{ type: 'human', data: {} }] } },
    ],
    ['an object where the input is a number', { inputs: { amount: 3 } }, { input: { amount: 3 } }],
    ['a text where the output is a number', { outputs: { total: 42 } }, { input: 'How long?', expected: '42' }],
    [
      'an answer and its tools',
      { outputs: { answer: 'a', expected_tools: ['look_up'] } },
      { input: 'How long?', expected: 'a', expected_tools: ['look_up'] },
    ],
    ['one that expects nothing', { outputs: null }, { input: 'How long?' }],
    [
      'tags for its splits, but for the one that all are in',
      { metadata: { dataset_split: ['base', 'hard'], group: 'g', critical: true } },
      {
        input: 'How long?',
        tags: ['hard'],
        group: 'g',
        critical: true,
        metadata: { dataset_split: ['base', 'hard'], group: 'g', critical: true },
      },
    ],
  ])('%s', (_, given, ours) => {
    expect(mapExample(example(given), {})).toEqual({ id: 'a', ...ours })
  })

  test('what its configured keys say', () => {
    const given = example({ inputs: { q: 'How long?', lang: 'de' }, outputs: { a: '30 days', trace: ['look_up'] } })
    expect(mapExample(given, { input: 'q', expected: 'a', expected_tools: 'trace' })).toEqual({
      id: 'a',
      input: 'How long?',
      expected: '30 days',
      expected_tools: ['look_up'],
    })
  })

  test.each<[string, object]>([
    ['its inputs have no "q", but "question"', { input: 'q' }],
    ['its outputs have no "b", but "a"', { expected: 'b' }],
  ])('nothing where %s', (reason, keys) => {
    const map = () => mapExample(example({ outputs: { a: 'x' } }), keys)
    expect(map).toThrow(MissingKeyError)
    expect(map).toThrow(reason)
  })
})

describe('a reference', () => {
  test.each([
    ['langsmith:refunds', { name: 'refunds', version: undefined }],
    ['langsmith:refunds@prod', { name: 'refunds', version: 'prod' }],
    ['langsmith:a@b.example@2026-11-20T10:00:00Z', { name: 'a@b.example', version: '2026-11-20T10:00:00Z' }],
  ])('%s', (text, reference) => {
    expect(parseReference(text)).toEqual(reference)
    expect(formatReference(reference)).toBe(text)
  })

  test('is no file of a directory', () => {
    expect(resolveDatasetPath('/evals', 'langsmith:refunds')).toBe('langsmith:refunds')
    expect(resolveDatasetPath('/evals', 'refunds.jsonl')).toBe('/evals/refunds.jsonl')
  })

  test.each(['langsmith:', 'langsmith:@prod', 'langsmith:refunds@'])('%s names nothing', (text) => {
    expect(() => parseReference(text)).toThrow('Write for example langsmith:refunds')
  })
})

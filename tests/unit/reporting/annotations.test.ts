import { annotationsFor } from '@agent-ci/reporting/annotations'
import { describe, expect, test } from '@jest/globals'
import {
  errored,
  failing,
  HOSTILE,
  hostileRun,
  lost,
  PROBES,
  results,
  resultsOf,
  view,
  views,
  wrong,
} from './fixtures.ts'

const levels = (annotations: readonly { level: string }[]): string[] => annotations.map(({ level }) => level)

describe('annotations', () => {
  test('stand on the dataset’s own lines and say what was expected and what came', () => {
    expect(annotationsFor({ ...results, verdict: 'failed' }, failing.slice(0, 1), errored.slice(1))).toEqual([
      {
        level: 'error',
        title: 'account-004: wrong answer',
        message:
          'Expected: A duplicate charge is refunded within 5 days. | Got: You can close your account in the settings. | exact: differs from the expected answer',
        source: { file: 'data/golden.jsonl', line: 4 },
      },
      {
        level: 'error',
        title: '4 more failing examples',
        message: 'and 4 more failing examples, see the summary',
        source: { file: 'data/golden.jsonl', line: 4 },
      },
      {
        level: 'notice',
        title: 'account-039: not measured (timeout)',
        message: 'Error: no answer within 30 s',
        source: { file: 'data/golden.jsonl', line: 39 },
      },
      {
        level: 'notice',
        title: '1 more unmeasured example',
        message: 'and 1 more unmeasured example, see the summary',
        source: { file: 'data/golden.jsonl', line: 39 },
      },
    ])
  })

  test.each([
    ['passed', 'warning', 'notice'],
    ['inconclusive', 'warning', 'notice'],
    ['failed', 'error', 'notice'],
    ['errored', 'warning', 'error'],
  ] as const)('of a run that %s are %ss and %ss', (verdict, ofFailing, ofErrored) => {
    const run = { ...results, verdict }
    expect(new Set(levels(annotationsFor(run, failing, [])))).toEqual(new Set([ofFailing]))
    expect(new Set(levels(annotationsFor(run, [], errored)))).toEqual(new Set([ofErrored]))
  })

  test('name the repeats in which an example failed, once', () => {
    const repeat = (at: number) => ({ ...failing[0]!, trial: { ...failing[0]!.trial, repeat: at } })
    const run = resultsOf(views.slice(0, 10), { repeats: 3 })
    const annotations = annotationsFor(run, [repeat(0), repeat(2)], [])
    expect(annotations).toHaveLength(1)
    expect(annotations[0]!.message).toMatch(/^In 2 of 3 repeats\. \| Expected: /)
  })

  test('of a run without failures are none', () => {
    expect(annotationsFor(resultsOf(views.slice(0, 2)), [], [])).toEqual([])
  })
})

describe('at most ten annotations of a level', () => {
  const of = (count: number) => Array.from({ length: count }, (_, index) => wrong(view(index), 'no'))

  test.each([
    [10, 10, undefined],
    [11, 10, 'and 2 more failing examples, see the summary'],
    [250, 10, 'and 241 more failing examples, see the summary'],
  ])('%d failing examples make %d', (count, made, last) => {
    const annotations = annotationsFor(resultsOf(of(count), { verdict: 'failed' }), of(count), [])
    expect(annotations).toHaveLength(made)
    if (last === undefined) expect(annotations.at(-1)!.title).toBe('smalltalk-010: wrong answer')
    else expect(annotations.at(-1)).toMatchObject({ message: last, source: { file: 'data/golden.jsonl', line: 10 } })
  })

  test('those that others make count', () => {
    const run = resultsOf(of(20), { verdict: 'failed' })
    const annotations = annotationsFor(run, of(20), [], { error: 1 })
    expect(annotations).toHaveLength(9)
    expect(annotations.at(-1)!.message).toBe('and 12 more failing examples, see the summary')
  })

  test('a list of only the first failing trials still counts all', () => {
    const annotations = annotationsFor(resultsOf(of(500), { verdict: 'failed' }), of(30), [])
    expect(annotations.at(-1)!.message).toBe('and 491 more failing examples, see the summary')
  })

  test('failing and unmeasured examples have ten each', () => {
    const broken = of(30).map((each) => lost(each, 'timeout', 'no answer'))
    const annotations = annotationsFor({ ...resultsOf([...of(30), ...broken]), verdict: 'failed' }, of(30), broken)
    expect(levels(annotations).filter((level) => level === 'error')).toHaveLength(10)
    expect(levels(annotations).filter((level) => level === 'notice')).toHaveLength(10)
  })
})

describe.each(Object.entries({ ...HOSTILE, ...PROBES }))('annotations of hostile text (%s)', (_, text) => {
  const { results: run, views: all } = hostileRun(text)
  const annotations = annotationsFor(run, all.slice(0, 1), all.slice(1))

  test('are single lines without commands or controls', () => {
    expect(annotations).toHaveLength(2)
    for (const { title, message } of annotations) {
      expect(title + message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069]|##\[/)
      expect((title + message).isWellFormed()).toBe(true)
      expect(title).not.toMatch(/^\s*::/)
      expect(message).not.toMatch(/^\s*::/)
      expect(message).toContain('pwned')
      expect(message.length).toBeLessThan(3_000)
    }
  })
})

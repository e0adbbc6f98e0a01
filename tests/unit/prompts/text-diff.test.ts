import { diffTexts } from '@agent-ci/prompts/diff/text-diff'
import { diffWords } from '@agent-ci/prompts/diff/words'
import { describe, expect, test } from '@jest/globals'
import fc from '../../properties.ts'

const diff = (base: string, head: string) =>
  diffTexts({ name: 'p.md@base', text: base }, { name: 'p.md@head', text: head })

describe('a unified diff', () => {
  test('is what diff -u prints', () => {
    expect(diff('a\nb\nc\n', 'a\nB\nc\nd\n').unified).toBe(
      '--- p.md@base\n+++ p.md@head\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n',
    )
  })
  test('is empty for equal texts', () => {
    expect(diff('a\n', 'a\n')).toEqual({ unified: '', hunks: [], added: 0, removed: 0 })
  })
  test('of an added and of a removed text', () => {
    expect(diff('', 'x\n').unified).toBe('--- p.md@base\n+++ p.md@head\n@@ -0,0 +1,1 @@\n+x\n')
    expect(diff('x', '').unified).toBe(
      '--- p.md@base\n+++ p.md@head\n@@ -1,1 +0,0 @@\n-x\n\\ No newline at end of file\n',
    )
  })
  test('a name cannot forge a line', () => {
    const { unified } = diffTexts({ name: 'a\n::error::x@base', text: 'a' }, { name: 'é "b"@head', text: 'b' })
    expect(unified.split('\n').slice(0, 2)).toEqual(['--- "a\\n::error::x@base"', '+++ "é \\"b\\"@head"'])
  })
})

describe('hunks', () => {
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('')

  test('have the changed lines of the head text', () => {
    const { hunks } = diff(lines(1, 30), `${lines(1, 9)}new\nnew\n${lines(11, 25)}${lines(28, 30)}`)
    expect(hunks.map(({ base, head, changed }) => ({ base, head, changed }))).toEqual([
      { base: { start: 7, end: 13 }, head: { start: 7, end: 14 }, changed: { start: 10, end: 11 } },
      { base: { start: 23, end: 30 }, head: { start: 24, end: 29 }, changed: { start: 27, end: 27 } },
    ])
  })
  test('a removed end points at the last line that is left', () => {
    expect(diff('a\nb\n', 'a\n').hunks[0]!.changed).toEqual({ start: 1, end: 1 })
    expect(diff('a\n', '').hunks[0]!.changed).toEqual({ start: 1, end: 1 })
  })
  test('a line break that was missing at the end', () => {
    expect(diff('a\nb', 'a\nb\n')).toMatchObject({ added: 1, removed: 1, hunks: [{ changed: { start: 2, end: 2 } }] })
  })
})

describe('words', () => {
  test('that changed are found between words that did not', () => {
    expect(diffWords('Answer in two short sentences.', 'Answer in three sentences.')).toEqual([
      { kind: 'same', text: 'Answer in ' },
      { kind: 'removed', text: 'two short ' },
      { kind: 'added', text: 'three ' },
      { kind: 'same', text: 'sentences.' },
    ])
  })
  test('of a script without blanks', () => {
    const segments = diffWords('请用中文回答问题。', '请用英文回答问题。')
    expect(
      segments
        .filter(({ kind }) => kind === 'removed')
        .map(({ text }) => text)
        .join(''),
    ).toMatch(/^中文?$/)
  })
  test('both texts can be read off the segments', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b ', ' c', '\n', 'dé', '. ', '😀', '\t', '\r\n'))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        const segments = diffWords(before, after)
        const without = (kind: string) =>
          segments
            .filter((segment) => segment.kind !== kind)
            .map((segment) => segment.text)
            .join('')
        expect(without('added')).toBe(before)
        expect(without('removed')).toBe(after)
      }),
    )
  })
})

test('two long texts with nothing in common are one replaced by the other, in little time', () => {
  const text = (word: string) => Array.from({ length: 8_000 }, (_, i) => `${word} ${i}\n`).join('')
  const started = performance.now()
  const { hunks, added, removed, unified } = diff(text('old'), text('new'))
  expect(performance.now() - started).toBeLessThan(10_000)
  expect({ hunks: hunks.length, added, removed }).toEqual({ hunks: 1, added: 8_000, removed: 8_000 })
  expect(unified.split('\n')).toHaveLength(3 + 16_000 + 1)
})

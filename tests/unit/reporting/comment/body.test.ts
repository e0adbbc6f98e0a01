import {
  COMMENT_CHARACTERS,
  mergeSections,
  parseComment,
  renderComment,
  standing,
} from '@agent-ci/reporting/comment/body'
import { cutSection, type SectionFacts, type StoredSection } from '@agent-ci/reporting/comment/stored-section'
import { describe, expect, test } from '@jest/globals'

const FACTS: SectionFacts = {
  key: 'evaluate',
  verdict: 'passed',
  run: '7',
  attempt: 1,
  sha: 'a'.repeat(40),
  url: 'https://github.com/acme/support/actions/runs/7/attempts/1',
  stamp: 'one',
}
const section = (facts: Partial<SectionFacts> = {}, markdown = '### ✅ passed'): StoredSection => ({
  facts: { ...FACTS, ...facts },
  markdown,
})
const head = { id: 'agent-ci', run: '7/1' }
const visible = (body: string): string =>
  body
    .split('\n')
    .filter((line) => !line.startsWith('<!--'))
    .join('\n')

describe('a comment of several sections', () => {
  test('is read back as it was written, whatever line endings came between', () => {
    const comment = {
      head: { id: 'a --> b <!-- c', run: '7/1' },
      sections: [section({ key: 'x --> y' }), section({ key: 'z' })],
    }
    expect(parseComment(renderComment(comment))).toEqual(comment)
    expect(parseComment(renderComment(comment).replaceAll('\n', '\r\n'))).toEqual(comment)
  })

  test('begins with the verdict of all of them; those of an earlier commit do not count', () => {
    const sections = [
      section({ key: 'a' }),
      section({ key: 'b', verdict: 'failed', run: '8' }, '### ❌ failed'),
      section({ key: 'c', verdict: 'errored', run: '5', sha: 'b'.repeat(40) }, '### ⚠️ errored'),
    ]
    expect(
      visible(renderComment({ head, sections })),
    ).toBe(`## ❌ failed — 1 of 2 parts: <code>b</code>; 1 part of an earlier commit does not count


### ✅ passed


### ❌ failed


Of an earlier commit:

### ⚠️ errored
`)
  })

  test.each([
    ['another text', 'Nice work!'],
    ['a marker that is not the first line', `> quoted\n${renderComment({ head, sections: [] })}`],
    ['a marker that holds no facts of ours', '<!-- agent-ci:comment %7B%22id%22%3A1%7D -->'],
    ['a marker that is no encoding', '<!-- agent-ci:comment %zz -->'],
  ])('%s is none of ours', (_, text) => {
    expect(parseComment(text)).toBeUndefined()
  })

  test('a section whose marker somebody broke is left out, the others stay', () => {
    const body = renderComment({ head, sections: [section({ key: 'a' }), section({ key: 'b' })] })
    const broken = body.replace(/<!-- agent-ci:section \S+ -->/, '<!-- agent-ci:section {} -->')
    expect(parseComment(broken)?.sections.map(({ facts }) => facts.key)).toEqual(['b'])
  })
})

describe('sections of the same key', () => {
  test.each([
    ['a later run', { run: '10' }, { run: '9' }, '10/1'],
    ['a later attempt', { attempt: 2 }, { attempt: 1 }, '7/2'],
    ['the one that is written now', { stamp: 'old' }, { stamp: 'new' }, '7/1'],
  ])('%s stays', (_, known, written, stays) => {
    const [merged, ...others] = mergeSections([section(known)], [section(written)])
    expect(others).toEqual([])
    expect(`${merged!.facts.run}/${merged!.facts.attempt}`).toBe(stays)
  })

  test('an own one that is earlier gives way, a later one does not', () => {
    expect(standing([section({ run: '8', stamp: 'two' })], FACTS)).toMatchObject({ run: '8' })
    expect(standing([section({ run: '6', stamp: 'two' })], FACTS)).toBeUndefined()
    expect(standing([section()], FACTS)).toBeUndefined()
  })
})

describe('too much text', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, at) => `| e${at} | ${'x'.repeat(60)} |`)

  test('is cut on a row, never inside a folded part, and says where the rest is', () => {
    const folded = ['<details><summary>rows</summary>', '', ...rows(10), '', '</details>']
    const text = ['### ✅ passed', '', ...rows(3), '', ...folded].join('\n')
    expect(cutSection(section({}, text), 500)).toBe(
      `${['### ✅ passed', '', ...rows(3)].join('\n')}\n\n… and more: see [the run](${FACTS.url})`,
    )
  })

  test('of many sections: short ones stay whole, long ones share what is left, all together fit', () => {
    const long = ['### ✅ passed', '', ...rows(700)].join('\n')
    const sections = ['a', 'b', 'c', 'd'].map((key) => section({ key }, key === 'a' ? '### ✅ short' : long))
    const body = renderComment({ head, sections })
    expect(body.length).toBeLessThanOrEqual(COMMENT_CHARACTERS)
    expect(body.length).toBeGreaterThan(COMMENT_CHARACTERS - 500)
    const [short, ...others] = parseComment(body)!.sections
    expect(short!.markdown).toBe('### ✅ short')
    expect(others.map(({ markdown }) => markdown.endsWith(`see [the run](${FACTS.url})`))).toEqual([true, true, true])
  })

  test('of sixty sections fits too, and every section is still there', () => {
    const long = ['### ✅ passed', '', ...rows(100)].join('\n')
    const sections = Array.from({ length: 60 }, (_, at) => section({ key: `leg ${100 + at}` }, long))
    const body = renderComment({ head, sections })
    expect(body.length).toBeLessThanOrEqual(COMMENT_CHARACTERS)
    expect(parseComment(body)!.sections).toHaveLength(60)
  })
})

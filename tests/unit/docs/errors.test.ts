import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { messagesPage } from '../../../tools/messages/page.ts'
import { messagesOf, problemLiterals } from '../../../tools/messages/problems.ts'
import { Sources } from '../../../tools/messages/sources.ts'
import { troublesOf } from '../../../tools/messages/troubles.ts'
import { ROOT } from './blocks.ts'

const sources = new Sources()
const literals = problemLiterals(sources).map((literal) => ({ literal, messages: messagesOf(sources, literal) }))
const messages = literals.flatMap(({ messages }) => messages)

const REFUSALS = new Set(['ConfigurationError', 'LockedError', 'UnseenError', 'UnpricedModelError'])

/** What `new ConfigurationError` is given that is not written out there, and why its parts are on the page all the same. */
const HANDED_ON: readonly (readonly [given: RegExp, reason: string])[] = [
  [/^(?:\w+\.)?problems?\b/, 'problems that were found before, each an object of its own'],
  [/^this\.problems$/, 'those that the settings of an action collect'],
  [
    /^(?:broken|other|all|\[\.\.\.denied, \.\.\.found\])$/,
    'lists and findings of the same file, each an object of its own',
  ],
  [/^\[\.\.\.told\.values\(\)\]$/, 'one problem for each gate, made in the loop above'],
  [/^(?:this\.problemOf|problem|refusal|explain)\(/, 'a function that returns one object with three parts'],
  [/^\{ \.\.\.problem, source: /, 'the place in the file, added to what the reader of the format found'],
  [/^\[\.\.\.problemsOf\(/, 'the line, added to what the schema found'],
  [/^error\.problems\.map/, "the example's place, added to what its scorer found"],
  [/^describe\(\)$/, 'what the reader of rows found, which is told when it is asked'],
  [/^(?:unpriced|\[model\])$/, 'models, which UnpricedModelError words'],
]

describe('docs/errors.md', () => {
  test('is what the sources say', () =>
    expect(readFileSync(join(ROOT, 'docs/errors.md'), 'utf8')).toBe(messagesPage(messages, troublesOf(sources))))

  test('has at least one message of every problem of the sources', () => {
    expect(literals.length).toBeGreaterThan(350)
    expect(literals.filter(({ messages }) => messages.length === 0).map(({ literal }) => literal.file.path)).toEqual([])
  })

  test('has every error that is thrown: one with its three parts, or those that were found before', () => {
    const known = literals.map(({ literal }) => literal)
    const others = [...sources.files.values()].flatMap(({ path, text, nodes }) =>
      nodes.flatMap((node) => {
        if (node.type !== 'NewExpression' || node.callee.type !== 'Identifier' || !REFUSALS.has(node.callee.name))
          return []
        const [given] = node.arguments
        const written = known.some(
          ({ file, node: part }) => file.path === path && given && given.start <= part.start && part.end <= given.end,
        )
        const said = given ? text.slice(given.start, given.end).replaceAll(/\s+/g, ' ') : 'nothing'
        return written || HANDED_ON.some(([form]) => form.test(said)) ? [] : [`${path}: ${said}`]
      }),
    )
    expect(others).toEqual([])
  })
})

describe('a message', () => {
  const all = [...new Map(messages.map((message) => [JSON.stringify(message), message])).values()]

  test('has three parts', () =>
    expect(all.filter(({ what, why, mend }) => [what, why, mend].some((part) => part.trim() === ''))).toEqual([]))

  const style: readonly (readonly [string, (part: string) => boolean])[] = [
    [
      'begins with a capital, a name or a quote',
      (part) => !/^(?:an?|the|it|and|is|no|not|there|write|expected) /.test(part),
    ],
    ['has no full stop, which is put there when it is printed', (part) => !/[^.]\.$/.test(part)],
    ["says can't as cannot", (part) => !/\bcan't\b|\bcan not\b/.test(part)],
    ['asks for nothing politely', (part) => !/\bplease\b/i.test(part)],
  ]
  test.each(style)('%s', (_, fits) =>
    expect(
      all.flatMap(({ file, what, why, mend }) =>
        [what, why, mend].filter((part) => !fits(part)).map((part) => `${file}: ${part}`),
      ),
    ).toEqual([]),
  )
})

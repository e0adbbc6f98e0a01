import { unzip } from '@agent-ci/github/zip'
import { expect, test } from '@jest/globals'
import { zipOf } from '../../integration/github/zip-archive.ts'

const LIMITS = { entries: 5, fileBytes: 100, totalBytes: 150 }
const all = () => true
const text = 'x'.repeat(90)

function pointingOutside(): Buffer {
  const archive = zipOf({ a: text })
  return archive.fill(0xff, archive.length - 6, archive.length - 2)
}

test('gives the wanted files only', () => {
  const files = unzip(zipOf({ 'a/results.json': '{}', 'b.html': '<p>' }), (path) => path.endsWith('.json'), LIMITS)
  expect(files.map(({ path, bytes }) => [path, bytes.toString()])).toEqual([['a/results.json', '{}']])
})

test.each([
  [
    'too many entries',
    zipOf(Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`${at}`, '']))),
    /6 entries, more than 5/,
  ],
  ['a file that is larger than it claims', zipOf({ a: 'x'.repeat(101) }, 1), /larger than 100 bytes/],
  ['files that are too large together', zipOf({ a: text, b: text }), /larger than 60 bytes/],
  ['half an archive', zipOf({ a: text }).subarray(0, 40), /damaged/],
  ['an empty file', Buffer.alloc(0), /damaged/],
  ['a directory that points outside', pointingOutside(), /damaged/],
])('refuses %s', (_, archive, message) => {
  expect(() => unzip(archive, all, LIMITS)).toThrow(message)
})

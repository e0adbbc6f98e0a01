import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const ROOT = join(import.meta.dirname, '../../..')
const rows = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, threat, file, title] = /^\| (.+?) \| .+ \| `([\w./-]+\.test\.ts)`: (.+?) \|$/.exec(line) ?? []
    return threat === undefined ? [] : [{ threat, file: file!, title: title! }]
  })

describe('what the threat model names is tested', () => {
  test('there is a test for each', () => expect(rows.length).toBeGreaterThan(20))
  test.each(rows)('$threat', ({ file, title }) => {
    const titles = readFileSync(join(ROOT, 'tests', file), 'utf8')
      .split('\n')
      // The title of a test, of a group, or of a row of a table.
      .filter((line) => /^\s*(?:(?:test|describe)\b.*\(|\[)?'/.test(line))
    expect(titles.filter((line) => line.includes(title))).not.toEqual([])
  })
})

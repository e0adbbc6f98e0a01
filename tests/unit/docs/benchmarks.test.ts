import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { table, withSection } from '../../bench/page.mjs'
import { ROOT } from './blocks.ts'

const page = readFileSync(join(ROOT, 'docs/benchmarks.md'), 'utf8')

describe('docs/benchmarks.md', () => {
  test('a section that is run again takes its own place, and the others keep theirs', () => {
    const first = withSection(withSection('', 'sizes', '## Sizes\n\nold'), 'soak-runner', '## Soak\n\nkept')
    const again = withSection(withSection(first, 'sizes', '## Sizes\n\nnew'), 'eval', '## An evaluation')
    expect(again.slice(again.indexOf('<!--'))).toBe(
      '<!-- eval -->\n## An evaluation\n\n<!-- sizes -->\n## Sizes\n\nnew\n\n<!-- soak-runner -->\n## Soak\n\nkept\n',
    )
  })

  test('a section that the page does not know is refused', () => {
    expect(() => withSection('', 'speed', '')).toThrow('There is no section speed')
  })

  test('is what its writer makes: writing a section as it stands changes nothing', () => {
    const sections = page.split(/^(?=<!-- )/m).slice(1)
    expect(sections.length).toBeGreaterThanOrEqual(5)
    for (const section of sections) {
      const [, name, text] = /^<!-- ([a-z-]+) -->\n([\s\S]*)$/.exec(section)!
      expect(withSection(page, name!, text!.trimEnd())).toBe(page)
    }
  })

  test('each section names a command of package.json that makes it again, and the circumstances of its run', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const lines = [...page.matchAll(/^`npm run (\w+) -- ([a-z]+)`: \d{4}-\d\d-\d\d, commit \w{10}.*, Node [\d.]+\.$/gm)]
    expect(lines).toHaveLength(page.match(/^## /gm)!.length)
    for (const [, script] of lines) expect(scripts).toHaveProperty(script!)
  })

  test('tables are Markdown', () => {
    expect(table(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --- |\n| 1 | 2 |')
  })
})

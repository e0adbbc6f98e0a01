import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { readCommandLine } from '@agent-ci/cli/command-line'
import { describe, expect, test } from '@jest/globals'
import { type Block, blocks, documents, ROOT } from './blocks.ts'

/** The words of a shell line as far as documents use the shell: quotes, a comment, a pipe. */
function words(line: string): string[] {
  const found: string[] = []
  for (const [, single, double, bare] of line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)) {
    const word = single ?? double ?? bare!
    if (bare !== undefined && /^(?:#|\||\|\||&&|>|;)/.test(word)) break
    found.push(word)
  }
  return found
}

/** Our own commands in a block, each as its arguments. */
function commandLines({ text }: Block): string[][] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/^\s*(?:- run: |\$ )?(?:[A-Z_]+=\S+ )*/, ''))
    .map((line) => /^(?:agent-ci|node dist\/cli\/index\.js) (.+)$/.exec(line)?.[1])
    .filter((rest) => rest !== undefined)
    .map(words)
}

const lines = blocks
  .filter(({ language }) => ['sh', 'yaml', 'console'].includes(language))
  .flatMap((block) => commandLines(block).map((argv) => ({ path: block.path, line: argv.join(' '), argv })))

describe('commands that documents show', () => {
  test('there are some', () => expect(lines.length).toBeGreaterThan(30))
  test.each(lines)('$path: agent-ci $line', async ({ argv }) => {
    const { name } = await readCommandLine(argv)
    expect(argv.join(' ').startsWith(name)).toBe(true)
  })
})

describe('JSON that documents show', () => {
  const json = blocks.filter(({ language }) => language === 'json')
  test.each(json)('of $path is JSON', ({ text }) => {
    const whole = () => JSON.parse(text)
    const byLine = () =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    expect(() => (text.startsWith('{\n') || text.startsWith('[') ? whole() : byLine())).not.toThrow()
  })
})

describe('links between documents', () => {
  const links = documents.flatMap(({ path, text }) =>
    [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, to]) => to!)
      .filter((to) => !/^(?:https?:|mailto:)/.test(to))
      .map((to) => ({ path, to })),
  )
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[`*]/g, '')
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-')
  const anchors = (path: string) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slug(heading!))

  test.each(links)('$path -> $to', ({ path, to }) => {
    const [file, anchor] = to.split('#') as [string, string?]
    const target = file === '' ? path : normalize(join(dirname(path), file))
    expect(existsSync(join(ROOT, target))).toBe(true)
    if (anchor !== undefined && target.endsWith('.md')) expect(anchors(target)).toContain(anchor)
  })
})

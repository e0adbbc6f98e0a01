import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readPromptFiles } from '@agent-ci/prompts/files/working-tree'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agent-ci-prompt-files-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), path)
  }
}

const pathsOf = async (globs: readonly string[], inside = ''): Promise<string[]> =>
  (await readPromptFiles(globs, { directory: join(root, inside), root })).map(({ path }) => path)

test('without globs, prompts lie in prompts/ and src/prompts/', async () => {
  put('src/prompts/b.md', 'prompts/team/a.md', 'README.md')
  const files = await readPromptFiles([], { directory: root, root })
  expect(files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)])).toEqual([
    ['prompts/team/a.md', 'prompts/team/a.md'],
    ['src/prompts/b.md', 'src/prompts/b.md'],
  ])
})

test('paths are those of the repository, globs those of the directory', async () => {
  put('services/agent/prompts/a.md', 'prompts/other.md')
  expect(await pathsOf([], 'services/agent')).toEqual(['services/agent/prompts/a.md'])
})

test('globs choose and exclude, and a file is its own glob', async () => {
  put('texts/a.md', 'texts/a.draft.md', 'one.txt', 'node_modules/x/texts/c.md')
  expect(await pathsOf(['**/texts/*', '!**/*.draft.md', 'one.txt'])).toEqual(['one.txt', 'texts/a.md'])
})

test('there may be none', async () => {
  expect(await pathsOf([])).toEqual([])
})

test('a link counts as the file that it leads to, and may not leave the repository', async () => {
  put('shared.md', 'prompts/a.md')
  symlinkSync('../shared.md', join(root, 'prompts/link.md'))
  expect(await pathsOf([])).toEqual(['prompts/a.md', 'prompts/link.md'])
  symlinkSync('/etc/hostname', join(root, 'prompts/outside.md'))
  await expect(pathsOf([])).rejects.toThrow(/"prompts\/outside.md" is a link that leads out of the repository/)
})

test('a glob that leaves the repository is refused', async () => {
  await expect(pathsOf(['../**'])).rejects.toThrow(/leaves the repository/)
})

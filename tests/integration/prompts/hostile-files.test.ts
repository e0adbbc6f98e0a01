import { join } from 'node:path'
import { diffPrompt } from '@agent-ci/prompts/changes/prompt-diff'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { detectPullRequest, kinds } from './detection.ts'
import { World } from './repository.ts'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => {
  world.close()
})
afterAll(() => {
  World.dispose()
})

describe('file names of a hostile pull request', () => {
  const NAMES = [
    'with blank.md',
    'quote".md',
    "apostrophe'.md",
    'back\\slash.md',
    'line\nbreak.md',
    '::set-output name=verdict::passed.md',
    '##[error]x.md',
    '-rf',
    '--upload-pack=touch x',
    '$(touch x).md',
    ':(exclude)x.md',
    'größe-提示.md',
    'tab\there.md',
    '*.md',
    ' .md',
    '{name}.md',
    '\u202egnp.md',
  ]

  test('are paths and nothing else', async () => {
    world.branch('feature')
    for (const [i, name] of NAMES.entries()) world.dev.write(`prompts/${name}`, `text ${i}`)
    world.dev.commit()
    const changes = await detectPullRequest(world)
    expect(new Set(changes.changes.map(({ path }) => path))).toEqual(new Set(NAMES.map((name) => `prompts/${name}`)))
    for (const change of changes.changes) {
      expect(change).toMatchObject({
        kind: 'added',
        head: { prompt: { text: `text ${NAMES.indexOf(change.path.slice('prompts/'.length))}` } },
      })
      expect(diffPrompt(change).unified.split('\n')).toHaveLength(6)
    }
  })

  test('are found when only their content changes', async () => {
    for (const name of NAMES) world.dev.write(`prompts/${name}`, 'before')
    world.dev.commit()
    world.branch('feature')
    for (const name of NAMES) world.dev.write(`prompts/${name}`, 'after')
    world.dev.commit()
    const changes = await detectPullRequest(world)
    expect(changes.changes.map(({ kind }) => kind)).toEqual(NAMES.map(() => 'modified'))
  })

  test('that are not UTF-8 are refused', async () => {
    world.branch('feature')
    const blob = world.dev.run('hash-object', '-w', 'README.md')
    const index = Buffer.concat([
      Buffer.from(`100644 ${blob}\tprompts/`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('.md\0'),
    ])
    world.dev.write('../index', index)
    world.dev.run(
      '-c',
      `core.hooksPath=/dev/null`,
      '-c',
      `alias.feed=!git update-index -z --index-info < '${join(world.dir, 'index')}'`,
      'feed',
    )
    world.dev.run('commit', '--quiet', '-m', 'x')
    await expect(detectPullRequest(world)).rejects.toThrow('is not UTF-8')
  })
})

describe('what is no plain file', () => {
  test.each(['/etc/passwd', '../../outside.md', '../..'])('a link to %s is refused', async (target) => {
    world.branch('feature')
    world.dev.link('prompts/link.md', target)
    world.dev.commit()
    await expect(detectPullRequest(world)).rejects.toThrow(
      `prompts/link.md:1: The prompt is a symbolic link to "${target}". It leaves the repository`,
    )
  })

  test('a link inside the repository is the file that it leads to, though only that one changed', async () => {
    world.dev.link('prompts/current.md', '../shared/v1.md')
    world.dev.commit({ 'shared/v1.md': 'before' })
    world.branch('feature')
    world.dev.commit({ 'shared/v1.md': 'after' })
    expect((await detectPullRequest(world)).changes).toMatchObject([
      {
        kind: 'modified',
        path: 'prompts/current.md',
        base: { prompt: { text: 'before' } },
        head: { prompt: { text: 'after' } },
      },
    ])
  })

  test('a file that becomes a link is compared with what it leads to; links to nothing, folders and each other are ignored', async () => {
    world.branch('feature')
    world.dev.remove('prompts/support.md')
    world.dev.link('prompts/support.md', '../README.md')
    world.dev.link('prompts/nothing.md', 'none.md')
    world.dev.link('prompts/folder', '../prompts')
    world.dev.link('prompts/a.md', 'b.md')
    world.dev.link('prompts/b.md', 'a.md')
    world.dev.commit()
    const changes = await detectPullRequest(world)
    expect(changes.changes).toMatchObject([
      { kind: 'modified', path: 'prompts/support.md', head: { prompt: { text: 'x\n' } } },
    ])
    expect(changes.ignored).toEqual([
      { path: 'prompts/a.md', reason: 'a symbolic link in a circle' },
      { path: 'prompts/b.md', reason: 'a symbolic link in a circle' },
      { path: 'prompts/folder', reason: 'a symbolic link to a folder' },
      { path: 'prompts/nothing.md', reason: 'a symbolic link to nothing' },
    ])
  })

  test('a submodule is ignored', async () => {
    world.branch('feature')
    world.dev.run('update-index', '--add', '--cacheinfo', `160000,${world.first},prompts/module`)
    world.dev.run('commit', '--quiet', '-m', 'x')
    const changes = await detectPullRequest(world)
    expect(changes.changes).toEqual([])
    expect(changes.ignored).toEqual([{ path: 'prompts/module', reason: 'a submodule' }])
  })

  test('an image is ignored; a prompt with a byte that is no text is not', async () => {
    world.branch('feature')
    world.dev.commit({ 'prompts/logo.png': Buffer.from([0x89, 0x50, 0xff, 0x00]) })
    const changes = await detectPullRequest(world)
    expect(kinds(changes)).toEqual([])
    expect(changes.ignored).toEqual([{ path: 'prompts/logo.png', reason: 'not UTF-8' }])
    world.dev.commit({ 'prompts/support.md': Buffer.from([0x48, 0xff]) })
    await expect(detectPullRequest(world)).rejects.toThrow(
      'prompts/support.md:1: The prompt cannot be read: it is not UTF-8',
    )
    world.dev.commit({ 'prompts/support.md': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' })
    await expect(detectPullRequest(world)).rejects.toThrow('Git LFS')
    world.dev.commit({ 'prompts/support.md': 'x'.repeat(1_048_577) })
    await expect(detectPullRequest(world)).rejects.toThrow('larger than 1 MiB')
  })

  test('a file that was text and is none any more is not ignored, whatever its name', async () => {
    world.dev.commit({ 'prompts/support.py': 'PROMPT = "Hello"' })
    world.branch('feature')
    world.dev.commit({ 'prompts/support.py': Buffer.from([0x48, 0]) })
    await expect(detectPullRequest(world)).rejects.toThrow(
      'prompts/support.py:1: The prompt cannot be read: it is binary',
    )
  })

  test('all prompts that cannot be read are named at once', async () => {
    world.branch('feature')
    world.dev.commit({ 'prompts/a.prompt.yml': 'messages: [', 'prompts/b.prompty': 'x' })
    await expect(detectPullRequest(world)).rejects.toThrow(/prompts\/a\.prompt\.yml:1: .*\nprompts\/b\.prompty:1: /)
  })
})

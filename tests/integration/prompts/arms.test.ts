import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { materializeArm } from '@agent-ci/prompts/arms'
import { detectChanges } from '@agent-ci/prompts/changes/detect'
import { savePrompt } from '@agent-ci/prompts/store/save'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { LINES, World } from './repository.ts'

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

const filesBelow = async (dir: string) =>
  (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      expect(entry.isFile()).toBe(true)
      return join(entry.parentPath, entry.name).slice(dir.length + 1)
    })
    .sort()

/** Both arms of what the working branch changed since main. */
async function arms() {
  const git = world.dev.git()
  const changes = await detectChanges({ kind: 'other', name: '' }, { baseRef: 'main' }, git)
  const write = async (arm: 'base' | 'candidate') => {
    const dir = join(world.dir, arm)
    await rm(dir, { recursive: true, force: true })
    const prompts = await materializeArm(git, changes.arms[arm], dir)
    return { dir, prompts, files: await filesBelow(dir) }
  }
  return { base: await write('base'), candidate: await write('candidate') }
}

describe('the arms', () => {
  test('have all prompts, each with the text of its commit', async () => {
    world.dev.commit({ 'prompts/team/same.md': 'same', 'prompts/logo.png': Buffer.from([0xff, 0]) })
    world.dev.run('checkout', '--quiet', '-b', 'feature')
    world.dev.commit({ 'prompts/support.md': 'new' })
    const { base, candidate } = await arms()
    expect(base.prompts).toEqual({ 'prompts/support.md': `Hello {name}.\n${LINES}`, 'prompts/team/same.md': 'same' })
    expect(candidate.prompts).toEqual({ 'prompts/support.md': 'new', 'prompts/team/same.md': 'same' })
    expect(base.files).toEqual(['prompts/logo.png', 'prompts/support.md', 'prompts/team/same.md'])
    expect(await readFile(join(candidate.dir, 'prompts/support.md'), 'utf8')).toBe('new')
    expect(await readFile(join(base.dir, 'prompts/logo.png'))).toEqual(Buffer.from([0xff, 0]))
  })

  test("the candidate's code finds base's text under a new name, and an added prompt in both", async () => {
    world.dev.run('checkout', '--quiet', '-b', 'feature')
    world.dev.run('mv', 'prompts/support.md', 'prompts/help.md')
    world.dev.commit({ 'prompts/help.md': `Hi {name}.\n${LINES}`, 'prompts/added.md': 'added' })
    const { base, candidate } = await arms()
    expect(base.prompts).toEqual({
      'prompts/support.md': `Hello {name}.\n${LINES}`,
      'prompts/help.md': `Hello {name}.\n${LINES}`,
      'prompts/added.md': 'added',
    })
    expect(candidate.prompts).toEqual({ 'prompts/help.md': `Hi {name}.\n${LINES}`, 'prompts/added.md': 'added' })
  })

  test('a file that takes the place of a folder, and the other way round, stays out of the base arm', async () => {
    world.dev.commit({ 'prompts/x/a.md': 'in a folder', 'prompts/y': 'a file' })
    world.dev.run('checkout', '--quiet', '-b', 'feature')
    world.dev.remove('prompts/x')
    world.dev.remove('prompts/y')
    world.dev.commit({ 'prompts/x': 'now a file', 'prompts/y/deep/b.md': 'now in a folder' })
    const { base, candidate } = await arms()
    expect(Object.keys(base.prompts)).toEqual(['prompts/support.md', 'prompts/x/a.md', 'prompts/y'])
    expect(Object.keys(candidate.prompts)).toEqual(['prompts/support.md', 'prompts/x', 'prompts/y/deep/b.md'])
  })

  test('of a prompt store each has the pointer of its commit', async () => {
    const store = join(world.dev.dir, 'prompts')
    await savePrompt(store, 's', 'one', {}, { now: () => new Date('2025-12-15T12:00:00Z') })
    world.dev.commit()
    world.dev.run('checkout', '--quiet', '-b', 'feature')
    await savePrompt(store, 's', 'two', {}, { now: () => new Date('2025-12-16T12:00:00Z') })
    world.dev.commit()
    const { base, candidate } = await arms()
    expect(JSON.parse(base.prompts['prompts/s/latest.json']!)).toEqual({ version: 'v20251215120000' })
    expect(JSON.parse(candidate.prompts['prompts/s/latest.json']!)).toEqual({ version: 'v20251216120000' })
  })

  test('a link becomes the file that it leads to', async () => {
    world.dev.link('prompts/current.md', 'support.md')
    world.dev.commit()
    world.dev.run('checkout', '--quiet', '-b', 'feature')
    world.dev.commit({ 'prompts/support.md': 'new' })
    const { candidate } = await arms()
    expect(candidate.prompts).toEqual({ 'prompts/current.md': 'new', 'prompts/support.md': 'new' })
  })

  test('odd names are written as they are', async () => {
    const names = ['a b.md', 'quote".md', 'line\nbreak.md', '-rf', '::set-output x::y', 'größe-提示.md', '__proto__']
    for (const name of names) world.dev.write(`prompts/${name}`, name)
    world.dev.commit()
    world.dev.run('checkout', '--quiet', '-b', 'feature')
    world.dev.commit({ 'prompts/support.md': 'new' })
    const { candidate } = await arms()
    for (const name of names) expect(await readFile(join(candidate.dir, 'prompts', name), 'utf8')).toBe(name)
    expect(candidate.files).toHaveLength(names.length + 1)
  })
})

describe('writing an arm', () => {
  const blob = () => world.dev.run('rev-parse', 'main:README.md')

  test.each(['../x', '/etc/x', 'a/../../x', 'a//b', './a', 'a/.git/config', '.GIT/hooks/x', 'a\0b', ''])(
    '%j is refused, and nothing is written',
    async (path) => {
      const dir = join(world.dir, 'arm')
      const files = [
        { path: 'good.md', oid: blob() },
        { path, oid: blob() },
      ]
      await expect(materializeArm(world.dev.git(), files, dir)).rejects.toThrow('cannot be written for the agent')
      await expect(readdir(dir)).rejects.toThrow('ENOENT')
    },
  )

  test('a directory with something in it is refused: a link in it could lead elsewhere', async () => {
    const dir = join(world.dir, 'arm')
    await mkdir(dir)
    await symlink(world.dir, join(dir, 'prompts'))
    await expect(materializeArm(world.dev.git(), [{ path: 'prompts/x.md', oid: blob() }], dir)).rejects.toThrow(
      'is not empty',
    )
    await writeFile(join(world.dir, 'x.md'), 'untouched')
  })

  test('the same name twice, and a file below a file, are refused', async () => {
    const twice = [
      { path: 'a.md', oid: blob() },
      { path: 'a.md', oid: blob() },
    ]
    await expect(materializeArm(world.dev.git(), twice, join(world.dir, 'one'))).rejects.toThrow(
      'Another prompt has this name on this disk',
    )
    const below = [
      { path: 'a', oid: blob() },
      { path: 'a/b', oid: blob() },
    ]
    await expect(materializeArm(world.dev.git(), below, join(world.dir, 'two'))).rejects.toThrow(
      'Another prompt has this name on this disk',
    )
  })

  test('content that is not in the clone is refused', async () => {
    await expect(
      materializeArm(world.dev.git(), [{ path: 'a', oid: '1'.repeat(40) }], join(world.dir, 'arm')),
    ).rejects.toThrow('not in this clone')
  })
})

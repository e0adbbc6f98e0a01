import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { detect, kinds } from './detection.ts'
import { Repository, World } from './repository.ts'

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

describe('other events', () => {
  test('a merge group is compared with its base', async () => {
    world.branch('gh-readonly-queue/main/pr-7')
    const headSha = world.dev.commit({ 'prompts/support.md': 'x' })
    world.push()
    const event = { kind: 'merge-group', baseRef: 'refs/heads/main', baseSha: world.first, headSha } as const
    const changes = await detect(world.checkout('refs/heads/gh-readonly-queue/main/pr-7', 1), event)
    expect(changes).toMatchObject({ base: world.first, head: headSha, changes: [{ kind: 'modified' }] })
  })

  test('a dispatch on the default branch is compared with the commit before', async () => {
    world.dev.commit({ 'prompts/a.md': 'x' })
    world.dev.commit({ 'prompts/support.md': 'x' })
    world.push()
    const changes = await detect(world.checkout('refs/heads/main', 1), {
      kind: 'dispatch',
      ref: 'refs/heads/main',
      defaultBranch: 'main',
    })
    expect(kinds(changes)).toEqual([['modified', 'prompts/support.md']])
  })

  test('a dispatch on the only commit there is has nothing to be compared with', async () => {
    const changes = await detect(world.checkout('refs/heads/main', 1), {
      kind: 'dispatch',
      ref: 'refs/heads/main',
      defaultBranch: 'main',
    })
    expect(changes).toMatchObject({ base: null, because: 'It is the first commit' })
  })

  test.each([0, 1])('base-ref is a branch, a tag or a commit (checkout depth %d)', async (depth) => {
    world.dev.run('tag', 'v1')
    const second = world.dev.commit({ 'prompts/support.md': 'second' })
    world.dev.run('tag', '-a', '-m', 'x', 'v2')
    world.dev.run('push', '--quiet', '--tags', 'origin')
    world.branch('feature')
    world.dev.commit({ 'prompts/support.md': 'third' })
    world.push()
    for (const [baseRef, base] of [
      ['main', second],
      ['v1', world.first],
      ['v2', second],
      [world.first, world.first],
    ] as const) {
      const checkout = world.checkout('refs/heads/feature', depth)
      const event = baseRef === 'v1' ? ({ kind: 'schedule' } as const) : ({ kind: 'other', name: '' } as const)
      expect(await detect(checkout, event, { baseRef })).toMatchObject({
        base,
        changes: [{ kind: 'modified', head: { prompt: { text: 'third' } } }],
      })
    }
  })

  test.each(['nope', '--output=x', 'main:prompts', 'refs/heads/*', 'a b', '', '@{-1}~x', 'x\0y'])(
    'base-ref %j that names nothing is refused',
    async (baseRef) => {
      await expect(
        detect(world.checkout('refs/heads/main', 0), { kind: 'other', name: '' }, { baseRef }),
      ).rejects.toThrow(/base-ref/)
    },
  )

  test('a schedule compares nothing; an event that says nothing needs base-ref', async () => {
    const checkout = world.checkout('refs/heads/main', 1)
    expect(await detect(checkout, { kind: 'schedule' })).toMatchObject({ head: null, changes: [] })
    await expect(detect(checkout, { kind: 'other', name: 'issue_comment' })).rejects.toThrow('Set base-ref')
  })

  test('outside a repository, and without a commit, it says what to do', async () => {
    await expect(detect(new Repository(world.dir), { kind: 'schedule' })).rejects.toThrow(
      'Run actions/checkout before this step',
    )
    await expect(detect(new Repository(join(world.dir, 'none')), { kind: 'schedule' })).rejects.toThrow(
      'git could not be started',
    )
  })
})

import { changeEventFrom } from '@agent-ci/prompts/changes/event'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { detect, kinds } from './detection.ts'
import { World } from './repository.ts'

const ZERO = '0'.repeat(40)

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

describe('a push', () => {
  const push = (before: string, after: string, more: object = {}) =>
    changeEventFrom('push', {
      ref: 'refs/heads/main',
      before,
      after,
      forced: false,
      repository: { default_branch: 'main' },
      ...more,
    })

  test.each([0, 1])('is compared with what was there before (checkout depth %d)', async (depth) => {
    world.dev.commit({ 'prompts/a.md': '1' })
    const after = world.dev.commit({ 'prompts/support.md': 'x' })
    world.push()
    const changes = await detect(world.checkout('refs/heads/main', depth), push(world.first, after))
    expect(kinds(changes)).toEqual([
      ['added', 'prompts/a.md'],
      ['modified', 'prompts/support.md'],
    ])
  })

  test('with force that takes a commit back changes the prompt back', async () => {
    const before = world.dev.commit({ 'prompts/support.md': 'better {name}' })
    world.push()
    world.dev.run('reset', '--quiet', '--hard', world.first)
    world.push('--force')
    const changes = await detect(world.checkout('refs/heads/main', 1), push(before, world.first, { forced: true }))
    expect(changes).toMatchObject({ base: before, because: expect.stringContaining('before it was forced') })
    expect(changes.changes).toMatchObject([{ kind: 'modified', base: { prompt: { text: 'better {name}' } } }])
  })

  test('with force whose old commit is gone is compared with where the branch left the default one', async () => {
    world.branch('feature')
    const after = world.dev.commit({ 'prompts/support.md': 'x' })
    world.push()
    const event = push('1'.repeat(40), after, { ref: 'refs/heads/feature', forced: true })
    const changes = await detect(world.checkout('refs/heads/feature', 1), event)
    expect(changes.base).toBe(world.first)
    const onMain = await detect(
      world.checkout('refs/heads/main', 1),
      push('1'.repeat(40), world.first, { forced: true }),
    )
    expect(onMain).toMatchObject({
      base: null,
      because: expect.stringContaining('what it was before (1111111) is gone'),
    })
    expect(kinds(onMain)).toEqual([['added', 'prompts/support.md']])
  })

  test('without force whose old commit cannot be had is refused', async () => {
    await expect(detect(world.checkout('refs/heads/main', 1), push('1'.repeat(40), world.first))).rejects.toThrow(
      'could not be fetched',
    )
  })

  test('of a new branch is compared with where it left the default one', async () => {
    world.branch('feature')
    const after = world.dev.commit({ 'prompts/support.md': 'x' })
    world.push()
    const changes = await detect(
      world.checkout('refs/heads/feature', 1),
      push(ZERO, after, { ref: 'refs/heads/feature' }),
    )
    expect(changes).toMatchObject({ base: world.first, changes: [{ kind: 'modified' }] })
  })

  test('that is the first one has nothing to be compared with', async () => {
    const changes = await detect(world.checkout('refs/heads/main', 1), push(ZERO, world.first))
    expect(changes).toMatchObject({
      base: null,
      baseTip: null,
      changes: [{ kind: 'added', path: 'prompts/support.md' }],
    })
  })

  test('that deletes a branch changes nothing', async () => {
    const changes = await detect(world.checkout('refs/heads/main', 1), push(world.first, ZERO, { ref: 'refs/heads/x' }))
    expect(changes).toMatchObject({ head: null, changes: [], because: 'refs/heads/x was deleted' })
  })
})

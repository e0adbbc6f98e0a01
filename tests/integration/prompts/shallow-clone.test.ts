import { changeEventFrom } from '@agent-ci/prompts/changes/event'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { detect, kinds } from './detection.ts'
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

describe('a shallow clone of depth 1', () => {
  test.each<[string, number, readonly string[]]>([
    ['a few commits behind', 3, []],
    ['many commits behind', 200, []],
    ['so many that all are fetched', 2_500, []],
    ['from a server that gives no commit by its id', 3, ['protocol.version=0']],
  ])('fetches what it lacks: %s', async (_, commits, settings) => {
    world.branch('feature')
    world.dev.commit({ 'prompts/support.md': `Hi {name}.\n${LINES}` })
    world.dev.commits(commits)
    world.dev.run('checkout', '--quiet', 'main')
    world.dev.commit({ 'prompts/other.md': 'main only' })
    world.dev.commits(commits)
    world.push()
    const { event } = world.pullRequest('feature')
    const fetches: string[] = []
    const checkout = world.checkout('refs/pull/7/merge', 1, settings)
    const changes = await detect(checkout, changeEventFrom('pull_request', event), {
      info: (line) => fetches.push(line),
    })
    expect(changes.base).toBe(world.first)
    expect(kinds(changes)).toEqual([['modified', 'prompts/support.md']])
    expect(fetches[0]).toMatch(/^Fetching .* from origin with 32 commits of history/)
    expect(checkout.run('rev-parse', '--is-shallow-repository')).toBe(String(commits <= 2_048))
  })

  test('does not take an older common commit for the newest', async () => {
    // Both have merged the first commit again: a short way to an old common commit. The newest one is many commits away.
    world.dev.commits(40)
    const fork = world.dev.commit({ 'prompts/support.md': 'at the fork {name}' })
    world.branch('feature')
    world.dev.commit({ 'prompts/support.md': 'of the branch {name}' })
    for (const name of ['feature', 'main']) {
      world.dev.run('checkout', '--quiet', name)
      world.dev.commits(40)
      world.dev.run('reset', '--quiet', '--hard', world.dev.commitOf(name, name, world.first))
    }
    world.push()
    const { event } = world.pullRequest('feature')
    const changes = await detect(world.checkout('refs/pull/7/merge', 1), changeEventFrom('pull_request', event))
    expect(changes).toMatchObject({
      base: fork,
      changes: [{ kind: 'modified', base: { prompt: { text: 'at the fork {name}' } } }],
    })
  })

  test('of a clone that has more history than a first fetch would bring, none is lost', async () => {
    world.dev.commits(60)
    world.push()
    const checkout = world.checkout('refs/heads/main', 50)
    world.branch('feature')
    const head = world.dev.commit({ 'prompts/support.md': 'x {name}' })
    world.push()
    const { event } = world.pullRequest('feature')
    const changes = await detect(checkout, changeEventFrom('pull_request', event))
    expect(changes).toMatchObject({ head, changes: [{ kind: 'modified' }] })
    expect(Number(checkout.run('rev-list', '--count', 'HEAD'))).toBeGreaterThanOrEqual(50)
  })

  test('that cannot fetch says what to change', async () => {
    world.branch('feature')
    world.dev.commit({ 'prompts/support.md': 'x' })
    world.push()
    const { event } = world.pullRequest('feature')
    const checkout = world.checkout('refs/pull/7/merge', 1)
    checkout.run('remote', 'set-url', 'origin', `file://${world.dir}/gone.git`)
    await expect(detect(checkout, changeEventFrom('pull_request', event))).rejects.toThrow(
      /^The pull request's base \(.*\) is not in this clone and could not be fetched: .* Set fetch-depth: 0 for actions\/checkout/s,
    )
  })

  test('without contents (a partial clone) gets those that it compares', async () => {
    world.branch('feature')
    world.dev.commit({ 'prompts/support.md': 'new' })
    world.push()
    const { event } = world.pullRequest('feature')
    world.origin.run('config', 'uploadpack.allowFilter', 'true')
    const checkout = world.checkout('refs/pull/7/merge', 1)
    checkout.run('config', 'remote.origin.promisor', 'true')
    checkout.run('config', 'remote.origin.partialclonefilter', 'blob:none')
    const changes = await detect(checkout, changeEventFrom('pull_request', event))
    expect(changes.changes).toMatchObject([{ kind: 'modified', base: { prompt: { text: `Hello {name}.\n${LINES}` } } }])
  })

  test('unrelated histories are compared with the newest commit of the base', async () => {
    world.dev.run('checkout', '--quiet', '--orphan', 'feature')
    world.dev.commit({ 'prompts/support.md': `Hi {name}.\n${LINES}` })
    world.push()
    const event = { kind: 'dispatch', ref: 'refs/heads/feature', defaultBranch: 'main' } as const
    const changes = await detect(world.checkout('refs/heads/feature', 1), event)
    expect(changes).toMatchObject({
      base: world.first,
      because: expect.stringContaining('they have no common history'),
    })
    expect(kinds(changes)).toEqual([['modified', 'prompts/support.md']])
  })
})

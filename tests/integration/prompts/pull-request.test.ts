import { detectChanges } from '@agent-ci/prompts/changes/detect'
import { changeEventFrom } from '@agent-ci/prompts/changes/event'
import { fileAt } from '@agent-ci/prompts/changes/file-at'
import { diffPrompt, variableAnnotations } from '@agent-ci/prompts/changes/prompt-diff'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { detect, detectPullRequest, kinds } from './detection.ts'
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

describe('a pull request', () => {
  test("is compared with where it left its base branch, not with the base branch's newest prompts", async () => {
    world.branch('feature')
    world.dev.commit({ 'prompts/support.md': `Hi {name}.\n${LINES}` })
    world.dev.run('checkout', '--quiet', 'main')
    world.dev.commit({ 'prompts/other.md': 'from main\n' })
    const tip = world.dev.commit({ 'prompts/support.md': `Hello {name}.\n${LINES}One more rule.\n` })
    const changes = await detectPullRequest(world)
    expect(changes).toMatchObject({
      base: world.first,
      baseTip: tip,
      because: `Pull request #7 against ${world.first.slice(0, 7)}, where it left main`,
    })
    expect(kinds(changes)).toEqual([['modified', 'prompts/support.md']])
    const [change] = changes.changes
    expect(diffPrompt(change!).unified).toBe(
      '--- prompts/support.md@base\n+++ prompts/support.md@head\n@@ -1,4 +1,4 @@\n-Hello {name}.\n+Hi {name}.\n Rule 1: stay factual.\n Rule 2: stay factual.\n Rule 3: stay factual.\n',
    )
    expect(changes.warnings).toMatchObject([
      { what: 'The base branch has changed this prompt too', source: { file: 'prompts/support.md' } },
    ])
  })

  test('that touches no prompt has no change, and reads nothing from the network', async () => {
    world.branch('feature')
    world.dev.commit({ 'src/app.py': 'x', 'docs/prompts/a.md': 'outside the globs' })
    const fetches: string[] = []
    const changes = await detectPullRequest(world, { info: (line) => fetches.push(line) })
    expect(changes.changes).toEqual([])
    expect(changes.ignored).toEqual([])
    expect(fetches).toEqual([])
  })

  test('outside the globs there is nothing; with other globs there is', async () => {
    world.branch('feature')
    world.dev.commit({ 'agents/support/system.txt': 'x', 'prompts/README.md': 'y' })
    expect(kinds(await detectPullRequest(world, { globs: ['prompts/**', '!prompts/README.md'] }))).toEqual([])
    expect(kinds(await detectPullRequest(world, { globs: ['agents/**/*.txt'] }))).toEqual([
      ['added', 'agents/support/system.txt'],
    ])
  })

  test('adds, deletes, renames with a change, and moves in from outside the globs', async () => {
    const second = world.dev.commit({ 'prompts/old.md': LINES, 'docs/draft.md': LINES.replaceAll('factual', 'calm') })
    world.branch('feature')
    world.dev.remove('prompts/support.md')
    world.dev.remove('prompts/old.md')
    world.dev.remove('docs/draft.md')
    world.dev.commit({
      'prompts/team/renamed.md': `${LINES}A new rule.\n`,
      'prompts/draft.md': LINES.replaceAll('factual', 'calm'),
      'prompts/brand-new.txt': 'Something else entirely {x}',
    })
    const changes = await detectPullRequest(world)
    expect(kinds(changes)).toEqual([
      ['added', 'prompts/brand-new.txt'],
      ['renamed', 'prompts/draft.md'],
      ['deleted', 'prompts/support.md'],
      ['renamed', 'prompts/team/renamed.md'],
    ])
    const renamed = changes.changes[3]!
    expect(renamed).toMatchObject({
      base: { prompt: { path: 'prompts/old.md', text: LINES } },
      head: { prompt: { text: `${LINES}A new rule.\n` } },
    })
    expect(diffPrompt(renamed).unified).toContain('--- prompts/old.md@base\n+++ prompts/team/renamed.md@head\n')
    expect(diffPrompt(changes.changes[1]!).unified).toBe('')
    expect(changes.base).toBe(second)
  })

  test('a dropped variable is an error at the changed hunk, an added one a notice', async () => {
    world.branch('feature')
    world.dev.commit({ 'prompts/support.md': `Hello.\n${LINES}{{ city }}\n` })
    const [change] = (await detectPullRequest(world)).changes
    expect(variableAnnotations(change!, diffPrompt(change!))).toEqual([
      expect.objectContaining({
        level: 'error',
        title: 'Variable name dropped',
        source: { file: 'prompts/support.md', line: 1 },
      }),
      expect.objectContaining({
        level: 'notice',
        title: 'Variable city added',
        source: { file: 'prompts/support.md', line: 22 },
      }),
    ])
  })

  test('in a subfolder of a monorepo the globs are relative to it, and paths to the repository', async () => {
    world.dev.commit({ 'apps/[bot]/prompts/a.md': 'x', 'apps/b/prompts/a.md': 'x' })
    world.branch('feature')
    world.dev.commit({ 'apps/[bot]/prompts/a.md': 'y', 'apps/b/prompts/a.md': 'y', 'prompts/support.md': 'y' })
    expect(kinds(await detectPullRequest(world, {}, 'apps/[bot]'))).toEqual([['modified', 'apps/[bot]/prompts/a.md']])
    expect(kinds(await detectPullRequest(world, { globs: ['prompts', '../b/prompts'] }, 'apps/[bot]'))).toEqual([
      ['modified', 'apps/[bot]/prompts/a.md'],
      ['modified', 'apps/b/prompts/a.md'],
    ])
  })

  test('configuration is read from the base branch, whatever the pull request says', async () => {
    world.dev.commit({ 'agent-ci.yaml': 'gates: [strict]\n' })
    world.branch('feature')
    world.dev.commit({ 'agent-ci.yaml': 'gates: []\n' })
    world.dev.run('checkout', '--quiet', 'main')
    world.dev.commit({ 'agent-ci.yaml': 'gates: [stricter]\n' })
    world.push()
    const { event } = world.pullRequest('feature')
    const git = world.checkout('refs/pull/7/merge', 1).git()
    const { baseTip, head } = await detectChanges(changeEventFrom('pull_request', event), {}, git)
    expect(await fileAt(git, baseTip!, 'agent-ci.yaml')).toBe('gates: [stricter]\n')
    expect(await fileAt(git, head!, 'agent-ci.yaml')).toBe('gates: []\n')
    expect(await fileAt(git, head!, 'none.yaml')).toBeUndefined()
    expect(await fileAt(git, head!, 'prompts')).toBeUndefined()
  })

  test('the workspace is not looked at, nor changed', async () => {
    world.branch('feature')
    world.dev.commit({ 'prompts/support.md': 'new {name}' })
    world.push()
    const { event } = world.pullRequest('feature')
    const checkout = world.checkout('refs/pull/7/merge', 0)
    checkout.write('prompts/support.md', 'what a step before wrote')
    checkout.write('prompts/untracked.md', 'x')
    const status = checkout.run('status', '--porcelain')
    const changes = await detect(checkout, changeEventFrom('pull_request', event))
    expect(changes.changes).toMatchObject([{ kind: 'modified', head: { prompt: { text: 'new {name}' } } }])
    expect(checkout.run('status', '--porcelain')).toBe(status)
  })
})

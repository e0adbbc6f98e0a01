import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { diffPrompt, variableAnnotations } from '@agent-ci/prompts/changes/prompt-diff'
import { savePrompt, usePrompt } from '@agent-ci/prompts/store/save'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { detectPullRequest, kinds } from './detection.ts'
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

describe('a prompt store', () => {
  const at = (iso: string) => ({ now: () => new Date(iso) })
  const store = () => join(world.dev.dir, 'prompts')

  beforeEach(async () => {
    await savePrompt(store(), 'support', `Hello {name}.\n${LINES}`, {}, at('2025-12-15T12:00:00Z'))
    world.dev.commit()
    world.branch('feature')
  })

  test('is compared by the version in use, and annotated in its file', async () => {
    await savePrompt(store(), 'support', `Hello.\n${LINES}`, {}, at('2025-12-16T12:00:00Z'))
    world.dev.commit()
    const changes = await detectPullRequest(world)
    expect(changes.changes).toMatchObject([
      {
        kind: 'modified',
        path: 'prompts/support',
        base: { prompt: { version: 'v20251215120000' } },
        head: { prompt: { version: 'v20251216120000', text: `Hello.\n${LINES}` }, onLine: 3 },
      },
    ])
    const diff = diffPrompt(changes.changes[0]!)
    expect(diff.unified).toContain(
      '--- prompts/support/v20251215120000.json@base\n+++ prompts/support/v20251216120000.json@head\n@@ -1,4 +1,4 @@\n-Hello {name}.\n+Hello.\n',
    )
    expect(variableAnnotations(changes.changes[0]!, diff)[0]!.source).toEqual({
      file: 'prompts/support/v20251216120000.json',
      line: 3,
    })
    expect(readFileSync(join(store(), 'support/v20251216120000.json'), 'utf8').split('\n')[2]).toContain('"content"')
  })

  test('a version that is saved and not in use changes nothing', async () => {
    await savePrompt(store(), 'support', 'new', {}, at('2025-12-16T12:00:00Z'))
    await usePrompt(store(), 'support', 'v20251215120000')
    world.dev.commit()
    const changes = await detectPullRequest(world)
    expect(changes.changes).toEqual([])
    expect(changes.ignored).toEqual([
      { path: 'prompts/support', reason: 'stored, and the version in use (v20251215120000) reads the same' },
    ])
  })

  test('the same text with other metadata is a change, saved again as it was it is none', async () => {
    await savePrompt(store(), 'support', `Hello {name}.\n${LINES}`, {}, at('2025-12-16T12:00:00Z'))
    world.dev.commit()
    expect(kinds(await detectPullRequest(world))).toEqual([])
    await savePrompt(store(), 'support', `Hello {name}.\n${LINES}`, { model: 'new' }, at('2025-12-17T12:00:00Z'))
    world.dev.commit()
    expect(kinds(await detectPullRequest(world))).toEqual([['modified', 'prompts/support']])
  })

  test('a new prompt is added, a moved one is still compared', async () => {
    await savePrompt(store(), 'fresh', 'new', {}, at('2025-12-16T12:00:00Z'))
    world.dev.run('mv', 'prompts/support', 'prompts/help')
    await savePrompt(store(), 'help', `Hi {name}.\n${LINES}`, {}, at('2025-12-17T12:00:00Z'))
    world.dev.commit()
    expect(kinds(await detectPullRequest(world))).toEqual([
      ['added', 'prompts/fresh'],
      ['renamed', 'prompts/help'],
    ])
  })

  test('an edited version warns even with a hash that fits, and is compared', async () => {
    await savePrompt(store(), 'other', 'tampered', {}, at('2025-12-15T12:00:00Z'))
    world.dev.run('add', '--all')
    world.dev.write('prompts/support/v20251215120000.json', readFileSync(join(store(), 'other/v20251215120000.json')))
    world.dev.remove('prompts/other')
    world.dev.commit()
    const changes = await detectPullRequest(world)
    expect(kinds(changes)).toEqual([['modified', 'prompts/support']])
    expect(changes.warnings).toMatchObject([
      { what: 'A saved version was changed', source: { file: 'prompts/support/v20251215120000.json' } },
    ])
  })

  test.each<[string, string, string]>([
    ['latest.json', '{"version": "v1"}', 'prompts/support/latest.json:1: It names "v1", which is not there'],
    ['latest.json', '{"version": "../../README"}', 'which is not there'],
    ['latest.json', '{}', 'prompts/support/latest.json names no version'],
    [
      'v20251215120000.json',
      '{"version": "v20251215120000", "content": "x", "hash": "0", "created_at": ""}',
      'was changed after it was saved',
    ],
  ])('a damaged one is refused: %s with %s', async (file, text, message) => {
    world.dev.commit({ [`prompts/support/${file}`]: text })
    await expect(detectPullRequest(world)).rejects.toThrow(message)
  })

  test('a file that is only called latest.json or v1.json is a prompt like any other', async () => {
    world.dev.commit({ 'prompts/x/latest.json': '{"system": "{a}"}', 'prompts/x/v1.json': '["{b}"]' })
    expect(kinds(await detectPullRequest(world))).toEqual([
      ['added', 'prompts/x/latest.json'],
      ['added', 'prompts/x/v1.json'],
    ])
  })
})

import { affectedBy } from '@agent-ci/prompts/changes/affected'
import type { PromptChange } from '@agent-ci/prompts/changes/prompt-changes'
import { promptFromText } from '@agent-ci/prompts/files/prompt-file'
import { describe, expect, test } from '@jest/globals'

const side = (path: string) => ({ prompt: promptFromText(path, 'x') })
const modified = (path: string, from = path): PromptChange => ({
  kind: from === path ? 'modified' : 'renamed',
  path,
  base: side(from),
  head: side(path),
  variables: { dropped: [], added: [] },
})
const support = { name: 'support', prompts: ['prompts/support.md', 'prompts/shared/**'] }
const sales = { name: 'sales', prompts: ['prompts/sales/**'] }

describe('what a change of prompts concerns', () => {
  test('only what depends on it; the rest is skipped with the reason', () => {
    expect(affectedBy([modified('prompts/support.md')], [support, sales])).toEqual({
      run: [{ name: 'support', because: 'it depends on prompts/support.md' }],
      skipped: [{ name: 'sales', because: 'none of its prompts changed (prompts/sales/**)' }],
    })
  })
  test('by the old name of a renamed prompt too', () => {
    expect(
      affectedBy([modified('prompts/new.md', 'prompts/support.md')], [support, sales]).run.map(({ name }) => name),
    ).toEqual(['support'])
  })
  test('a prompt that nobody declares concerns all', () => {
    expect(affectedBy([modified('prompts/support.md'), modified('prompts/unknown.md')], [support, sales])).toEqual({
      run: [
        { name: 'support', because: 'it depends on prompts/support.md' },
        { name: 'sales', because: 'nothing declares prompts/unknown.md, so all may depend on it' },
      ],
      skipped: [],
    })
  })
  test('what declares nothing runs with every change', () => {
    const result = affectedBy([modified('prompts/sales/a.md')], [{ name: 'all' }, support, sales])
    expect(result.run.map(({ name }) => name)).toEqual(['all', 'sales'])
    expect(result.skipped.map(({ name }) => name)).toEqual(['support'])
  })
  test('no change, nothing runs', () => {
    expect(affectedBy([], [{ name: 'all' }, support])).toEqual({
      run: [],
      skipped: [
        { name: 'all', because: 'no prompt changed' },
        { name: 'support', because: 'no prompt changed' },
      ],
    })
  })
  test('a stored prompt by its folder, in a working directory', () => {
    expect(
      affectedBy([modified('apps/bot/prompts/support')], [{ name: 'a', prompts: ['prompts/support'] }], 'apps/bot').run,
    ).toHaveLength(1)
  })
})

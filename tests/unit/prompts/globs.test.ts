import { pathMatcher } from '@agent-ci/prompts/changes/globs'
import { describe, expect, test } from '@jest/globals'

describe('globs of prompts', () => {
  test.each<[readonly string[], string, string, boolean]>([
    [[], '', 'prompts/a.md', true],
    [[], '', 'src/prompts/x/y.txt', true],
    [[], '', 'src/other/a.md', false],
    [[], '', 'apps/bot/prompts/a.md', false],
    [[], 'apps/bot', 'apps/bot/prompts/a.md', true],
    [[], 'apps/bot', 'prompts/a.md', false],
    [['prompts/*.md'], '', 'prompts/a.md', true],
    [['prompts/*.md'], '', 'prompts/x/a.md', false],
    [['prompts/'], '', 'prompts/x/a.md', true],
    [['./prompts'], '', 'prompts/x/a.md', true],
    [['prompts/a.md'], '', 'prompts/a.md', true],
    [['**/*.prompt.yml'], '', 'deep/er/a.prompt.yml', true],
    [['prompts/**', '!prompts/README.md'], '', 'prompts/README.md', false],
    [['!prompts/README.md'], '', 'prompts/README.md', false],
    [['!prompts/README.md'], '', 'prompts/a.md', true],
    [['../shared/prompts/**'], 'apps/bot', 'apps/shared/prompts/a.md', true],
    [[], 'apps/[id]', 'apps/[id]/prompts/a.md', true],
    [[], 'apps/[id]', 'apps/i/prompts/a.md', false],
    [[], '', 'prompts/.hidden/a.md', true],
    [[], '', 'prompts/a\nb.md', true],
    [[], '', 'prompts/x\n/y\n', true],
    [[], '', 'prompts/-rf', true],
    [[], '', 'prompts/::set-output name=x::y.md', true],
    [['prompts/{a,b}.md'], '', 'prompts/b.md', true],
  ])('%j in %j: %j is %j', (globs, prefix, path, expected) => {
    expect(pathMatcher(globs, prefix)(path)).toBe(expected)
  })

  test.each<[string, string]>([
    ['/etc/**', ''],
    ['../x/**', ''],
    ['..', 'apps'],
    ['../../x', 'apps'],
    ['!../x', ''],
  ])('%j in %j leaves the repository', (glob, prefix) => {
    const refused = () => pathMatcher([glob], prefix)
    if (glob === '..') expect(refused).not.toThrow()
    else expect(refused).toThrow('leaves the repository')
  })
})

import { fencedDiff } from '@agent-ci/reporting/prompts/diff-block'
import { describe, expect, test } from '@jest/globals'

const block = (unified: string, most = 100) => fencedDiff({ path: 'p.md', change: 'modified', unified }, most)

describe('a diff in Markdown', () => {
  test('is a block of code', () => {
    expect(block('--- a\n+++ b\n-x\n+y\n')).toBe('```diff\n--- a\n+++ b\n-x\n+y\n```')
  })

  test('is fenced by more backticks than it holds anywhere', () => {
    expect(block('+a\n+`````\n ``b``\n')).toBe('``````diff\n+a\n+`````\n ``b``\n``````')
  })

  test('shows what would control a terminal or deceive a reader, each line on one line', () => {
    expect(block('+a\rb\n+\u001b[31mred\u202egnp\n')).toBe('```diff\n+a ↵ b\n+red\\u{202e}gnp\n```')
  })

  test('is cut behind a line and says how many are left', () => {
    expect(block('+1\n+2\n+3\n', 1)).toBe('```diff\n+1\n```\n\n… and 2 more lines: see `prompts.diff`')
  })

  test('of a prompt whose text is the same says so', () => {
    expect(block('')).toBe('The text is the same.')
  })
})

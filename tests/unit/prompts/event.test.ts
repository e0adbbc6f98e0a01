import { changeEventFrom } from '@agent-ci/prompts/changes/event'
import { describe, expect, test } from '@jest/globals'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const ZERO = '0'.repeat(40)
const pull = {
  action: 'synchronize',
  pull_request: {
    number: 7,
    base: { ref: 'main', sha: A, repo: { full_name: 'o/r' } },
    head: { ref: '::set-output::x', sha: B, repo: { full_name: 'o/r' } },
  },
}
const push = { ref: 'refs/heads/main', before: A, after: B, forced: false, repository: { default_branch: 'main' } }

describe('an event', () => {
  test.each(['pull_request', 'pull_request_target'])('%s', (name) => {
    expect(changeEventFrom(name, pull)).toEqual({
      kind: 'pull-request',
      number: 7,
      baseRef: 'main',
      baseSha: A,
      headSha: B,
      fromFork: false,
    })
  })
  test.each<[string, unknown]>([
    ['another repository', { full_name: 'x/r' }],
    ['a repository that is gone', null],
  ])('a pull request from %s is from a fork', (_, repo) => {
    const event = { pull_request: { ...pull.pull_request, head: { ...pull.pull_request.head, repo } } }
    expect(changeEventFrom('pull_request', event)).toMatchObject({ fromFork: true })
  })
  test.each<[string, object, object]>([
    ['a push', {}, { before: A, after: B, forced: false, ref: 'refs/heads/main', defaultBranch: 'main' }],
    ['a forced push', { forced: true }, { forced: true }],
    ['a new branch', { before: ZERO }, { before: null }],
    ['a deleted branch', { after: ZERO }, { after: null }],
  ])('%s', (_, change, expected) => {
    expect(changeEventFrom('push', { ...push, ...change })).toMatchObject({ kind: 'push', ...expected })
  })
  test('a merge group', () => {
    const group = { merge_group: { base_ref: 'refs/heads/main', base_sha: A, head_sha: B } }
    expect(changeEventFrom('merge_group', group)).toEqual({
      kind: 'merge-group',
      baseRef: 'refs/heads/main',
      baseSha: A,
      headSha: B,
    })
  })
  test('a dispatch', () => {
    expect(
      changeEventFrom('workflow_dispatch', {
        ref: 'refs/heads/x',
        repository: { default_branch: 'main' },
        inputs: null,
      }),
    ).toEqual({
      kind: 'dispatch',
      ref: 'refs/heads/x',
      defaultBranch: 'main',
    })
  })
  test('a schedule, and anything else', () => {
    expect(changeEventFrom('schedule', { schedule: '0 0 * * *' })).toEqual({ kind: 'schedule' })
    expect(changeEventFrom('issue_comment', {})).toEqual({ kind: 'other', name: 'issue_comment' })
    expect(changeEventFrom('', undefined)).toEqual({ kind: 'other', name: '' })
  })
  test.each<[string, unknown, string]>([
    ['pull_request', {}, 'pull_request'],
    [
      'pull_request',
      { pull_request: { ...pull.pull_request, base: { ref: 'main', sha: '--upload-pack=x' } } },
      'pull_request.base.sha',
    ],
    ['push', { ...push, before: 'abc' }, 'before'],
    ['merge_group', undefined, 'content'],
  ])('%s with a payload that is none is refused: %#', (name, payload, field) => {
    expect(() => changeEventFrom(name, payload)).toThrow(`The payload of the event "${name}" has no valid ${field}`)
  })
})

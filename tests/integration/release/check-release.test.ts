import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

const CI = resolve(import.meta.dirname, '../../../.ci')
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-ci-release-'))
  git('init', '-q', '-b', 'main')
  cpSync(CI, join(directory, '.ci'), { recursive: true })
  write('package.json', '{"version": "1.2.3"}')
  write(
    'CHANGELOG.md',
    '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-25\n\n- Kinder.\n\n## [1.2.2] - 2026-11-01\n\n- Kind.\n',
  )
  commit('Kinder')
  git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  isSigned(true)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function git(...args: string[]): string {
  const who = [
    '-c',
    'user.name=ci',
    '-c',
    'user.email=ci@localhost',
    '-c',
    'commit.gpgsign=false',
    '-c',
    'tag.gpgsign=false',
  ]
  return execFileSync('git', [...who, ...args], { cwd: directory, encoding: 'utf8' }).trim()
}
function commit(message: string): void {
  git('add', '-A')
  git('commit', '-q', '-m', message)
}
const write = (path: string, text: string) => writeFileSync(join(directory, path), text)

/** In the place of GitHub, which knows the keys of its users: what it says of a tag's signature. */
function isSigned(verified: boolean): void {
  const gh = join(directory, '.ci', 'gh')
  writeFileSync(gh, `#!/bin/sh\necho ${verified}\n`)
  chmodSync(gh, 0o755)
}

function check(tag: string): { status: number | null; said: string } {
  const env = {
    ...process.env,
    PATH: `${join(directory, '.ci')}:${process.env.PATH}`,
    GITHUB_REPOSITORY: 'org/agent-ci',
  }
  const { status, stderr } = spawnSync(join(directory, '.ci/check-release'), [tag], {
    cwd: directory,
    env,
    encoding: 'utf8',
  })
  return { status, said: stderr }
}

test('a signed tag of a commit on main, with its version and its changelog, may be released', () => {
  git('tag', '-a', 'v1.2.3', '-m', 'v1.2.3')
  expect(check('v1.2.3')).toEqual({ status: 0, said: '' })
})

test.each<[string, () => void, RegExp]>([
  ['a lightweight tag', () => git('tag', 'v1.2.3'), /lightweight tag/],
  [
    'one whose signature GitHub does not know',
    () => {
      git('tag', '-a', 'v1.2.3', '-m', 'v1.2.3')
      isSigned(false)
    },
    /does not know its signature/,
  ],
  [
    'one of a commit that is not on main',
    () => {
      write('elsewhere.txt', '')
      commit('Elsewhere')
      git('tag', '-a', 'v1.2.3', '-m', 'v1.2.3')
    },
    /not on main/,
  ],
  [
    'one of another version than package.json',
    () => {
      git('tag', '-a', 'v1.2.3', '-m', 'v1.2.3', 'HEAD')
      write('package.json', '{"version": "1.2.4"}')
    },
    /package\.json says 1\.2\.4/,
  ],
  [
    'one of which the changelog says nothing',
    () => {
      git('tag', '-a', 'v1.2.3', '-m', 'v1.2.3')
      write('CHANGELOG.md', '# Changelog\n\n## [1.2.3] - 2026-11-25\n\n## [1.2.2] - 2026-11-01\n\n- Kind.\n')
    },
    /the changelog says nothing/,
  ],
])('%s is refused, with the reason', (_, prepare, reason) => {
  prepare()
  const { status, said } = check('v1.2.3')
  expect(status).toBe(1)
  expect(said).toMatch(/^::error title=Release::v1\.2\.3 is not released: |CHANGELOG/m)
  expect(said).toMatch(reason)
})

test('the notes of a version are its section alone', () => {
  const notes = execFileSync(join(directory, '.ci/changelog-section'), ['v1.2.3'], { cwd: directory, encoding: 'utf8' })
  expect(notes.trim()).toBe('- Kinder.')
})

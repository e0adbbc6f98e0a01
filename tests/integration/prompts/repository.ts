import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Git } from '@agent-ci/prompts/git/git'
import { gitBinary } from '@agent-ci/prompts/git/git-binary'

/** git without the machine's configuration. */
const ENV = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_DATE: '2025-12-15T12:00:00Z',
  GIT_COMMITTER_DATE: '2025-12-15T12:00:00Z',
}

export const LINES = Array.from({ length: 20 }, (_, i) => `Rule ${i + 1}: stay factual.\n`).join('')

export class Repository {
  readonly dir: string
  readonly #settings: readonly string[]

  constructor(dir: string, settings: readonly string[] = []) {
    this.dir = dir
    this.#settings = settings
  }

  run(...args: string[]): string {
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'protocol.file.allow=always']
    return execFileSync('git', [...who, ...args], {
      cwd: this.dir,
      env: ENV,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true })
    writeFileSync(join(this.dir, path), content)
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true })
    symlinkSync(target, join(this.dir, path))
  }

  remove(path: string): void {
    rmSync(join(this.dir, path), { recursive: true })
  }

  /** Commits everything in the directory. */
  commit(files: Readonly<Record<string, string | Buffer>> = {}): string {
    for (const [path, content] of Object.entries(files)) this.write(path, content)
    this.run('add', '--all')
    this.run('commit', '--quiet', '--allow-empty', '-m', 'x')
    return this.run('rev-parse', 'HEAD')
  }

  /** `n` commits on the current branch that change nothing. */
  commits(n: number): void {
    const branch = this.run('symbolic-ref', 'HEAD')
    const one = (i: number) =>
      `commit ${branch}\ncommitter Test <test@example.com> 1765800000 +0000\ndata 0\n${i === 0 ? `from ${branch}^0\n` : ''}\n`
    execFileSync('git', ['fast-import', '--quiet'], {
      cwd: this.dir,
      env: ENV,
      input: Array.from({ length: n }, (_, i) => one(i)).join(''),
    })
  }

  /** A commit with the files of another, and any parents. */
  commitOf(tree: string, ...parents: readonly string[]): string {
    return this.run('commit-tree', `${tree}^{tree}`, '-m', 'x', ...parents.flatMap((parent) => ['-p', parent]))
  }

  git(subfolder = ''): Git {
    const env = { ...ENV }
    const settings = Object.fromEntries(
      this.#settings.flatMap((setting, i) => {
        const [key = '', value = ''] = setting.split('=')
        return [
          [`GIT_CONFIG_KEY_${i}`, key],
          [`GIT_CONFIG_VALUE_${i}`, value],
        ]
      }),
    )
    return gitBinary({
      cwd: join(this.dir, subfolder),
      env: { ...env, ...settings, GIT_CONFIG_COUNT: String(this.#settings.length) },
    })
  }
}

/** Made once, copied for each test. */
let template: string | undefined

function makeTemplate(): string {
  const dir = mkdtempSync(join(tmpdir(), 'agent-ci-git-'))
  execFileSync('git', ['init', '--quiet', '--bare', '-b', 'main', join(dir, 'origin.git')], { env: ENV })
  execFileSync('git', ['init', '--quiet', '-b', 'main', join(dir, 'dev')], { env: ENV })
  const dev = new Repository(join(dir, 'dev'))
  dev.run('remote', 'add', 'origin', '../origin.git')
  dev.commit({ 'prompts/support.md': `Hello {name}.\n${LINES}`, 'README.md': 'x\n' })
  dev.run('push', '--quiet', 'origin', '--all')
  return dir
}

export class World {
  readonly dir = mkdtempSync(join(tmpdir(), 'agent-ci-git-'))
  /** The server. */
  readonly origin: Repository
  /** A developer's clone, on main with one commit that has prompts/support.md; it is on the server too. */
  readonly dev: Repository
  readonly first: string

  constructor() {
    template ??= makeTemplate()
    cpSync(template, this.dir, { recursive: true })
    this.origin = new Repository(join(this.dir, 'origin.git'))
    this.dev = new Repository(join(this.dir, 'dev'))
    this.first = this.dev.run('rev-parse', 'HEAD')
  }

  static dispose(): void {
    if (template !== undefined) rmSync(template, { recursive: true, force: true })
    template = undefined
  }

  /** A new branch of the developer's, checked out. */
  branch(name: string): void {
    this.dev.run('checkout', '--quiet', '-b', name)
  }

  /** Pushes the developer's branches. */
  push(...options: string[]): void {
    this.dev.run('push', '--quiet', ...options, 'origin', '--all')
  }

  /** Opens pull request `number` of a branch against main: its head, and a merge of both, as GitHub keeps them. */
  pullRequest(
    branch: string,
    number = 7,
  ): { readonly event: { pull_request: object }; readonly base: string; readonly head: string } {
    const head = this.dev.run('rev-parse', branch)
    const base = this.dev.run('rev-parse', 'main')
    const merge = this.dev.commitOf(head, base, head)
    this.dev.run(
      'push',
      '--quiet',
      '--force',
      'origin',
      `${merge}:refs/pull/${number}/merge`,
      `${head}:refs/pull/${number}/head`,
    )
    const repo = { full_name: 'o/r' }
    return {
      base,
      head,
      event: {
        pull_request: { number, base: { ref: 'main', sha: base, repo }, head: { ref: branch, sha: head, repo } },
      },
    }
  }

  /** What actions/checkout leaves: one ref, detached, with so much history. */
  checkout(ref: string, depth: number, settings: readonly string[] = []): Repository {
    const dir = mkdtempSync(join(this.dir, 'checkout-'))
    const repository = new Repository(dir, settings)
    repository.run('init', '--quiet')
    repository.run('remote', 'add', 'origin', `file://${this.origin.dir}`)
    const limit = depth > 0 ? [`--depth=${depth}`] : []
    const all = depth > 0 ? [] : ['+refs/heads/*:refs/remotes/origin/*']
    repository.run(
      'fetch',
      '--quiet',
      '--no-tags',
      ...limit,
      'origin',
      ...all,
      `+${ref}:refs/remotes/${ref.replace(/^refs\//, '')}`,
    )
    repository.run('checkout', '--quiet', '--detach', `refs/remotes/${ref.replace(/^refs\//, '')}`)
    return repository
  }

  close(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

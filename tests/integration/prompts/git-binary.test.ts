import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { detectChanges } from '@agent-ci/prompts/changes/detect'
import { gitBinary } from '@agent-ci/prompts/git/git-binary'
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { World } from './repository.ts'

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

const PATH = process.env.PATH

describe('git', () => {
  test('runs no hook, filter, text conversion, external diff or file system monitor of the repository', async () => {
    const evidence = join(world.dir, 'ran')
    const program = join(world.dir, 'program')
    writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${evidence}'\ncat\n`)
    chmodSync(program, 0o755)
    world.dev.run('checkout', '--quiet', '-b', 'feature')
    world.dev.commit({ '.gitattributes': '*.md filter=evil diff=evil merge=evil\n', 'prompts/support.md': 'new' })
    world.push()
    const checkout = world.checkout('refs/heads/feature', 1)
    for (const hook of ['reference-transaction', 'post-checkout', 'fsmonitor-watchman', 'post-merge']) {
      writeFileSync(join(checkout.dir, '.git/hooks', hook), `#!/bin/sh\necho ${hook} >> '${evidence}'\n`, {
        mode: 0o755,
      })
    }
    for (const [key, value] of [
      ['filter.evil.smudge', program],
      ['filter.evil.clean', program],
      ['diff.evil.textconv', program],
      ['diff.evil.command', program],
      ['diff.external', program],
      ['core.fsmonitor', program],
      ['core.pager', program],
    ] as const) {
      checkout.run('config', key, value)
    }
    const changes = await detectChanges(
      { kind: 'dispatch', ref: 'refs/heads/feature', defaultBranch: 'main' },
      {},
      checkout.git(),
    )
    expect(changes.changes).toMatchObject([{ kind: 'modified', head: { prompt: { text: 'new' } } }])
    expect(existsSync(evidence)).toBe(false)
  })

  test('looks at the directory that it is given, not where a git hook around it points', async () => {
    const git = gitBinary({
      cwd: world.dev.dir,
      env: { PATH, GIT_DIR: world.origin.dir, GIT_WORK_TREE: '/', GIT_INDEX_FILE: '/x', GIT_PREFIX: 'x/' },
    })
    world.dev.commit()
    expect(await git.commit('HEAD')).toBe(world.dev.run('rev-parse', 'HEAD'))
    expect(await git.prefix()).toBe('')
  })

  test('settings of the user do not change what is read', async () => {
    world.dev.write('prompts/größe.md', 'x')
    world.dev.run('config', 'core.quotePath', 'true')
    world.dev.run('config', 'diff.relative', 'true')
    world.dev.run('config', 'diff.renames', 'false')
    world.dev.run('config', 'diff.noprefix', 'true')
    const head = world.dev.commit()
    world.dev.run('mv', 'prompts/größe.md', 'prompts/neu.md')
    const next = world.dev.commit()
    const git = world.dev.git('prompts')
    expect((await git.files(head, () => true)).map(({ path }) => path)).toEqual([
      'README.md',
      'prompts/größe.md',
      'prompts/support.md',
    ])
    expect((await git.renames(head, next)).map(({ from, to }) => [from.path, to.path])).toEqual([
      ['prompts/größe.md', 'prompts/neu.md'],
    ])
    expect(await git.entry(next, 'prompts')).toMatchObject({ mode: '040000' })
  })

  test('a path is a path, whatever a pathspec would make of it', async () => {
    const names = [':(exclude)x', ':/top', '*.md', '-z', 'a\nb']
    for (const name of names) world.dev.write(`odd/${name}`, name)
    for (const name of names) world.dev.write(name, name)
    const head = world.dev.commit()
    const git = world.dev.git()
    for (const name of names) {
      expect(await git.entry(head, name)).toMatchObject({ path: name })
      expect(await git.entry(head, `odd/${name}`)).toMatchObject({ path: `odd/${name}` })
    }
    expect(await git.entry(head, 'prompts/*.md')).toBeUndefined()
  })

  test('replaced objects are read as they were committed', async () => {
    const evil = world.dev.run('hash-object', '-w', 'README.md')
    const oid = world.dev.run('rev-parse', 'HEAD:prompts/support.md')
    world.dev.run('replace', oid, evil)
    expect((await world.dev.git().blobs([oid])).get(oid)?.toString()).toContain('Hello {name}.')
  })

  test('contents of any bytes come whole, and what is missing is left out', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 31) % 256))
    world.dev.commit({ a: bytes, b: '', c: '\n\n' })
    const ids = ['a', 'b', 'c'].map((name) => world.dev.run('rev-parse', `HEAD:${name}`))
    const gone = '1'.repeat(40)
    const blobs = await world.dev.git().blobs([...ids, gone])
    expect(ids.map((oid) => blobs.get(oid))).toEqual([bytes, Buffer.alloc(0), Buffer.from('\n\n')])
    expect(blobs.has(gone)).toBe(false)
    expect(await world.dev.git().sizes([...ids, gone])).toEqual(
      new Map(ids.map((oid, i) => [oid, [100_000, 0, 2][i]!])),
    )
    expect(await world.dev.git().blobs([])).toEqual(new Map())
  })

  test('a server that does not answer is given up after a time, and a cancelled run at once', async () => {
    const server = createServer((socket) => socket.resume())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `git://127.0.0.1:${(server.address() as AddressInfo).port}/x`
    try {
      const git = gitBinary({ cwd: world.dev.dir, env: { PATH }, fetchTimeoutMs: 200 })
      await expect(git.fetch(url, ['refs/heads/main'])).rejects.toThrow('git fetch failed: no answer within 0.2 s')
      const cancelled = gitBinary({ cwd: world.dev.dir, env: { PATH }, signal: AbortSignal.abort() })
      await expect(cancelled.fetch(url, ['refs/heads/main'])).rejects.toThrow('aborted')
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('a repository of another user is refused with what to do', async () => {
    const git = gitBinary({ cwd: world.dev.dir, env: { PATH, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } })
    await expect(git.prefix()).rejects.toThrow('git config --global --add safe.directory')
  })

  test('that is not installed is named', async () => {
    const git = gitBinary({ cwd: world.dev.dir, env: { PATH: '/nonexistent' } })
    await expect(git.prefix()).rejects.toThrow('Install git in the image')
  })
})

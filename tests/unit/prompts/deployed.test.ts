import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promptHash } from '@agent-ci/core/prompt'
import { promptsToDeploy } from '@agent-ci/prompts/deployed'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agent-ci-'))
})
afterEach(() => rm(cwd, { recursive: true }))

async function put(path: string, body: string | Uint8Array): Promise<void> {
  await mkdir(join(cwd, dirname(path)), { recursive: true })
  await writeFile(join(cwd, path), body)
}
const version = (name: string, content: string) =>
  JSON.stringify({ version: name, content, hash: promptHash(content), created_at: '2025-12-15', metadata: null })
const store = async () => {
  for (const name of ['v1', 'v2', 'v3']) await put(`prompts/support/${name}.json`, version(name, `Be ${name}.`))
  await put('prompts/support/latest.json', '{"version": "v2"}')
}
const shown = async (...args: [readonly string[], { version: string; fallback_version: string | null }?]) => {
  const { prompts, unknownVersions } = await promptsToDeploy(cwd, ...args)
  return {
    prompts: prompts.map(({ name, version: named, files }) => [name, named, ...files.map(({ path }) => path)]),
    unknownVersions,
  }
}

describe('the prompts that a release takes along', () => {
  test('are the files that the globs match, whole, with the version that they have', async () => {
    await put('prompts/a.md', '---\nname: alice\nversion: 3\n---\nBe kind.\n')
    await put('src/prompts/deep/b.txt', 'Be brief.')
    await put('prompts/node_modules/c.md', 'no')
    await put('other/d.md', 'no')
    const { prompts } = await promptsToDeploy(cwd, [])
    expect(prompts).toEqual([
      {
        name: 'alice',
        version: '3',
        hash: promptHash('Be kind.\n'),
        files: [{ path: 'prompts/a.md', bytes: Buffer.from('---\nname: alice\nversion: 3\n---\nBe kind.\n') }],
      },
      {
        name: 'src/prompts/deep/b',
        version: promptHash('Be brief.'),
        hash: promptHash('Be brief.'),
        files: [{ path: 'src/prompts/deep/b.txt', bytes: Buffer.from('Be brief.') }],
      },
    ])
    expect((await shown(['other', '!other/e*'])).prompts).toEqual([['other/d', promptHash('no'), 'other/d.md']])
    expect((await shown(['none/**'])).prompts).toEqual([])
  })

  test('of a store are the version in use and those that the configuration asks for, which comes first', async () => {
    await store()
    const [latest, v1, v2, v3] = ['latest', 'v1', 'v2', 'v3'].map((name) => `prompts/support/${name}.json`)
    expect(await shown([])).toEqual({ prompts: [['prompts/support', 'v2', latest, v2]], unknownVersions: [] })
    expect(await shown([], { version: 'v3', fallback_version: 'v1' })).toEqual({
      prompts: [['prompts/support', 'v3', latest, v3, v1, v2]],
      unknownVersions: [],
    })
  })

  test('name the versions that no stored prompt has, where there are stored ones', async () => {
    await put('prompts/a.md', 'x')
    expect((await shown([], { version: 'v9', fallback_version: null })).unknownVersions).toEqual([])
    await store()
    expect((await shown([], { version: 'v9', fallback_version: 'v1' })).unknownVersions).toEqual(['v9'])
  })

  test('go by their paths where two give themselves the same name', async () => {
    await put('prompts/a.md', 'x')
    await put('prompts/a.txt', 'y')
    expect((await shown([])).prompts.map(([name]) => name)).toEqual(['prompts/a.md', 'prompts/a.txt'])
  })

  test('may be no texts', async () => {
    const bytes = new Uint8Array([0xff, 0, 1])
    await put('prompts/logo.png', bytes)
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
    expect((await promptsToDeploy(cwd, [])).prompts).toEqual([
      {
        name: 'prompts/logo.png',
        version: hash,
        hash,
        files: [{ path: 'prompts/logo.png', bytes: Buffer.from(bytes) }],
      },
    ])
  })

  test.each<[string, () => Promise<void>, string]>([
    [
      'a link',
      () => put('prompts/a.md', 'x').then(() => symlink('/etc/hostname', join(cwd, 'prompts/link.md'))),
      'prompts/link.md:1: The prompt prompts/link.md is a symbolic link. It could lead to any file of the machine, and a release is readable in the cluster. Put the file itself there, or exclude it from prompts.',
    ],
    [
      'a pointer to no version',
      () => put('prompts/support/latest.json', '{"version": "v7"}'),
      'prompts/support/latest.json:1: It names "v7", which is not there. latest.json must name a saved version. Commit the version, or choose another one: agent-ci prompts use <name> <version>.',
    ],
    [
      'a version that was edited',
      () => store().then(() => put('prompts/support/v2.json', version('v2', 'x').replace('"x"', '"y"'))),
      'prompts/support/v2.json:1: prompts/support/v2.json was changed after it was saved',
    ],
    [
      'a pointer of Git LFS',
      () => put('prompts/a.md', 'version https://git-lfs.github.com/spec/v1\n'),
      'prompts/a.md:1: The prompt prompts/a.md is a pointer of Git LFS, whose text is not in git. The agent would get the pointer for a prompt. Fetch it before this step: actions/checkout with lfs: true.',
    ],
    ['a glob that leaves the directory', () => Promise.resolve(), 'The glob "../x/**" leaves the repository.'],
  ])('%s is refused', async (what, prepare, message) => {
    await prepare()
    const globs = what.startsWith('a glob') ? ['../x/**'] : []
    await expect(promptsToDeploy(cwd, globs)).rejects.toThrow(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    )
  })
})

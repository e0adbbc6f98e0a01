import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { promptHash } from '@agent-ci/core/prompt'
import {
  diffVersions,
  getPrompt,
  latestVersion,
  listPrompts,
  listVersions,
  requirePrompt,
} from '@agent-ci/prompts/store/read'
import { savePrompt, usePrompt } from '@agent-ci/prompts/store/save'
import { verifyStore } from '@agent-ci/prompts/store/verify'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const run = promisify(execFile)
const at = (iso: string) => ({ now: () => new Date(iso) })
const NOON = at('2025-12-15T12:00:00.250Z')
const LATER = at('2025-12-16T08:30:05.000Z')

let store: string
beforeEach(async () => {
  store = join(await mkdtemp(join(tmpdir(), 'agent-ci-store-')), 'prompts')
})
afterEach(async () => {
  await rm(join(store, '..'), { recursive: true, force: true })
})

describe('saving', () => {
  test("writes the guide's files and fields", async () => {
    const saved = await savePrompt(store, 'support', 'Hé {name}\n', { author: 'ann' }, NOON)
    expect(saved).toEqual({
      name: 'support',
      version: 'v20251215120000',
      content: 'Hé {name}\n',
      hash: promptHash('Hé {name}\n'),
      createdAt: '2025-12-15T12:00:00.250Z',
      metadata: { author: 'ann' },
    })
    const text = await readFile(join(store, 'support', 'v20251215120000.json'), 'utf8')
    expect(text).toBe(
      `{\n  "version": "v20251215120000",\n  "content": "H\\u00e9 {name}\\n",\n  "hash": "${saved.hash}",\n  "created_at": "2025-12-15T12:00:00.250Z",\n  "metadata": {\n    "author": "ann"\n  }\n}\n`,
    )
    expect(JSON.parse(await readFile(join(store, 'support', 'latest.json'), 'utf8'))).toEqual({
      version: 'v20251215120000',
    })
    expect(await readdir(join(store, 'support'))).toEqual(['latest.json', 'v20251215120000.json'])
    expect(await getPrompt(store, 'support')).toEqual(saved)
  })

  test('twice in a second makes two versions, the later one first in the list', async () => {
    for (const content of ['one', 'two', 'three']) await savePrompt(store, 'a', content, {}, NOON)
    await savePrompt(store, 'a', 'next day', {}, LATER)
    expect(await listVersions(store, 'a')).toEqual([
      'v20251216083005',
      'v20251215120000-003',
      'v20251215120000-002',
      'v20251215120000',
    ])
    expect((await getPrompt(store, 'a', 'v20251215120000'))?.content).toBe('one')
    expect((await getPrompt(store, 'a', 'v20251215120000-003'))?.content).toBe('three')
  })

  test('an existing version is never replaced', async () => {
    await savePrompt(store, 'a', 'first', {}, NOON)
    const file = join(store, 'a', 'v20251215120000.json')
    const before = await readFile(file, 'utf8')
    await savePrompt(store, 'a', 'second', {}, NOON)
    expect(await readFile(file, 'utf8')).toBe(before)
  })

  test('by processes at once: every version is whole and none is lost', async () => {
    const script = `
      import { savePrompt } from '@agent-ci/prompts/store/save'
      const now = () => new Date('2025-12-15T12:00:00Z')
      for (let i = 0; i < 8; i++) await savePrompt(process.argv[1], 'team/a', process.argv[2] + i, {}, { now })
    `
    const save = (who: string) =>
      run(process.execPath, ['--conditions=agent-ci-src', '--input-type=module', '--eval', script, store, who], {
        cwd: process.cwd(),
      })
    await Promise.all(['x', 'y', 'z'].map(save))
    const versions = await listVersions(store, 'team/a')
    const contents = await Promise.all(
      versions.map(async (version) => (await requirePrompt(store, 'team/a', version)).content),
    )
    expect(contents.sort()).toEqual(['x', 'y', 'z'].flatMap((who) => Array.from({ length: 8 }, (_, i) => who + i)))
    expect(await verifyStore(store)).toEqual({ prompts: 1, versions: 24, problems: [] })
  })

  test('content without a UTF-8 form is refused', async () => {
    await expect(savePrompt(store, 'a', 'x\ud800', {}, NOON)).rejects.toThrow('half of a surrogate pair')
    expect(await listPrompts(store)).toEqual([])
  })
})

describe('names stay in the store', () => {
  test.each([
    '',
    '.',
    '..',
    '../x',
    'a/../../x',
    '/etc/x',
    'a//b',
    'a/',
    'a\0b',
    'a\\b',
    'C:x',
    '.hidden',
    '-x',
    'x.',
    'latest.json',
    'a\nb',
    'x/v1.json/y',
    'é',
  ])('%j is refused', async (name) => {
    await expect(savePrompt(store, name, 'x', {}, NOON)).rejects.toThrow("is not a prompt's name")
    await expect(getPrompt(store, name)).rejects.toThrow("is not a prompt's name")
    await expect(usePrompt(store, name, 'latest')).rejects.toThrow("is not a prompt's name")
  })
  test.each(['../../x', 'v/../x', 'x', '', 'v\0', 'v 1'])('version %j is refused', async (version) => {
    await expect(getPrompt(store, 'a', version)).rejects.toThrow('is not a version')
  })
  test('nothing is read or written through a link', async () => {
    const outside = join(store, '..', 'outside')
    await savePrompt(outside, 'secret', 'secret', {}, NOON)
    await mkdir(join(store, 'real'), { recursive: true })
    await symlink(outside, join(store, 'team'))
    await symlink(join(outside, 'secret', 'v20251215120000.json'), join(store, 'real', 'v20251215120000.json'))
    await expect(savePrompt(store, 'team/new', 'x', {}, NOON)).rejects.toThrow('is a symbolic link')
    await expect(getPrompt(store, 'team/secret')).rejects.toThrow('is a symbolic link')
    await expect(getPrompt(store, 'real', 'v20251215120000')).rejects.toThrow('is a symbolic link')
    expect(await readdir(outside)).toEqual(['secret'])
    expect(await listPrompts(store)).toEqual(['real'])
  })
})

describe('reading', () => {
  test('what is not there is undefined, or an error that says what is', async () => {
    expect(await getPrompt(store, 'none')).toBeUndefined()
    await expect(requirePrompt(store, 'none')).rejects.toThrow('There is no prompt "none"')
    await savePrompt(store, 'support', 'x', {}, NOON)
    await expect(requirePrompt(store, 'suport')).rejects.toThrow('Did you mean "support"?')
    await expect(requirePrompt(store, 'support', 'v20251215120001')).rejects.toThrow('Did you mean "v20251215120000"?')
    expect(await listVersions(store, 'none')).toEqual([])
  })
  test('lists the names, nested ones too', async () => {
    for (const name of ['b', 'team/support', 'a']) await savePrompt(store, name, 'x', {}, NOON)
    await writeFile(join(store, 'README.md'), 'x')
    expect(await listPrompts(store)).toEqual(['a', 'b', 'team/support'])
  })
  test('two versions compared', async () => {
    await savePrompt(store, 'a', 'Be short.\n', {}, NOON)
    await savePrompt(store, 'a', 'Be brief.\n', {}, LATER)
    const diff = await diffVersions(store, 'a', 'v20251215120000', 'latest')
    expect(diff.unified).toBe('--- a@v20251215120000\n+++ a@v20251216083005\n@@ -1,1 +1,1 @@\n-Be short.\n+Be brief.\n')
    expect(diff.hashChanged).toBe(true)
    await expect(diffVersions(store, 'a', 'v1', 'latest')).rejects.toThrow('a has no version "v1"')
  })
})

test('use moves the pointer back and forth, and changes no version', async () => {
  const first = await savePrompt(store, 'a', 'first', {}, NOON)
  await savePrompt(store, 'a', 'second', {}, LATER)
  expect(await usePrompt(store, 'a', first.version)).toEqual(first)
  expect((await getPrompt(store, 'a'))?.content).toBe('first')
  expect(await listVersions(store, 'a')).toHaveLength(2)
  await expect(usePrompt(store, 'a', 'v9')).rejects.toThrow('a has no version "v9"')
  expect(await latestVersion(store, 'a')).toBe(first.version)
})

describe('verifying', () => {
  const file = (...path: string[]) => join(store, ...path)
  const whats = async () => (await verifyStore(store)).problems.map(({ what, source }) => [source?.file, what])

  test('a store as it was written has no problems', async () => {
    await savePrompt(store, 'a', 'x', {}, NOON)
    await savePrompt(store, 'team/b', 'y', {}, NOON)
    expect(await verifyStore(store)).toEqual({ prompts: 2, versions: 2, problems: [] })
  })
  test('finds content that was changed in place; get and use refuse it', async () => {
    await savePrompt(store, 'a', 'Be kind.', {}, NOON)
    const path = file('a', 'v20251215120000.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace('Be kind.', 'Be rude.'))
    expect(await whats()).toEqual([[path, expect.stringContaining('was changed after it was saved')]])
    await expect(getPrompt(store, 'a')).rejects.toThrow('was changed after it was saved')
    await expect(usePrompt(store, 'a', 'latest')).rejects.toThrow('was changed after it was saved')
  })
  test('finds a pointer to nothing, a missing one, and one that is none', async () => {
    for (const name of ['a', 'b', 'c']) await savePrompt(store, name, 'x', {}, NOON)
    await writeFile(file('a', 'latest.json'), '{"version": "v20200101000000"}')
    await rm(file('b', 'latest.json'))
    await writeFile(file('c', 'latest.json'), '[]')
    expect(await whats()).toEqual([
      [file('a', 'latest.json'), expect.stringContaining('names "v20200101000000", which is not there')],
      [file('b', 'latest.json'), expect.stringContaining('is missing')],
      [file('c', 'latest.json'), expect.stringContaining('names no version')],
    ])
    expect(await getPrompt(store, 'a')).toBeUndefined()
  })
  test('finds files that cannot be read, are renamed, or were left by an interrupted save', async () => {
    await savePrompt(store, 'a', 'x', {}, NOON)
    const good = await readFile(file('a', 'v20251215120000.json'), 'utf8')
    await writeFile(file('a', 'v1.json'), '{"version":')
    await writeFile(file('a', 'v2.json'), good)
    await writeFile(file('a', 'v3.json'), '{"version": "v3", "content": 7}')
    await mkdir(file('a', 'v4.json'))
    await mkdir(file('a', '.new-x1Y2z3'))
    expect(await whats()).toEqual([
      [file('a', 'v1.json'), expect.stringContaining('is not JSON')],
      [file('a', 'v2.json'), expect.stringContaining('says that it is "v20251215120000"')],
      [file('a', 'v3.json'), expect.stringContaining('has no valid "content"')],
      [file('a', 'v4.json'), expect.stringContaining('cannot be read')],
      [file('a', '.new-x1Y2z3'), expect.stringContaining('interrupted')],
    ])
  })
})

describe("the guide's Python class", () => {
  const python = async (code: string) => {
    const program = `import sys, json\nsys.path.insert(0, sys.argv[1])\nsys.dont_write_bytecode = True\nfrom guide_prompt_manager import PromptManager\nm = PromptManager(sys.argv[2])\n${code}`
    // A locale that is not UTF-8: the class opens files in it.
    const env = { ...process.env, LC_ALL: 'C', PYTHONUTF8: '0', PYTHONCOERCECLOCALE: '0' }
    const { stdout } = await run(
      'python3',
      ['-c', program, join(process.cwd(), 'tests/integration/prompts/fixtures'), store],
      { env },
    )
    return JSON.parse(stdout) as unknown
  }

  test('reads what we wrote: latest, versions, contents, diff', async () => {
    await savePrompt(store, 'support', 'Grüße {name} 😀\n', { author: 'ann' }, NOON)
    await savePrompt(store, 'support', 'Hallo {name} 😀\n', {}, NOON)
    await savePrompt(store, 'team/support', 'nested', {}, LATER)
    const seen = await python(`
p = m.get_prompt("support", "v20251215120000")
print(json.dumps({"old": p.__dict__, "latest": m.get_prompt("support").__dict__, "versions": m.list_versions("support"),
  "nested": m.get_prompt("team/support").content, "diff": m.diff_versions("support", "v20251215120000", "latest")}))`)
    expect(seen).toEqual({
      old: {
        name: 'support',
        version: 'v20251215120000',
        content: 'Grüße {name} 😀\n',
        hash: promptHash('Grüße {name} 😀\n'),
        created_at: '2025-12-15T12:00:00.250Z',
        metadata: { author: 'ann' },
      },
      latest: expect.objectContaining({ version: 'v20251215120000-002', content: 'Hallo {name} 😀\n', metadata: {} }),
      versions: ['v20251215120000-002', 'v20251215120000'],
      nested: 'nested',
      diff: expect.objectContaining({ hash_changed: true, diff: expect.stringContaining('-Grüße {name} 😀') }),
    })
  })

  test('writes what we read, and each saves beside the other', async () => {
    const saved = (await python(
      `
p = m.save_prompt("support", "Grüße {name} 😀\\n")
q = m.save_prompt("other", "x", {"k": [1, None]})
print(json.dumps([p.__dict__, q.__dict__]))`.replaceAll(
        /[^\u0000-\u007f]/gu,
        (char) => `\\U${char.codePointAt(0)!.toString(16).padStart(8, '0')}`,
      ),
    )) as { version: string; created_at: string }[]
    expect(await getPrompt(store, 'support')).toEqual({
      name: 'support',
      version: saved[0]!.version,
      content: 'Grüße {name} 😀\n',
      hash: promptHash('Grüße {name} 😀\n'),
      createdAt: saved[0]!.created_at,
      metadata: {},
    })
    expect((await getPrompt(store, 'other'))?.metadata).toEqual({ k: [1, null] })
    expect((await verifyStore(store)).problems).toEqual([])
    await savePrompt(store, 'support', 'ours', {}, at('2999-01-01T00:00:00Z'))
    expect(await python('print(json.dumps([m.get_prompt("support").content, m.list_versions("support")]))')).toEqual([
      'ours',
      ['v29990101000000', saved[0]!.version],
    ])
  })
})

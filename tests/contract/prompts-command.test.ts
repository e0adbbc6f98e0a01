import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Workspace } from './step.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const BUNDLE = join(ROOT, 'dist/cli/index.js')
const BASE = 'You help {{ customer }}.\nBe kind.\nAnswer {{ question }} now.\n'
const HEAD = 'You help {{ customer }} well.\nBe kind.\nAnswer now in {{ tone }}.\n'

let workspace: Workspace
beforeEach(() => {
  workspace = new Workspace()
})
afterEach(() => workspace.remove())

const environment = () => ({ PATH: process.env.PATH, HOME: workspace.directory, TERM: 'xterm' })

function start(command: string, args: readonly string[], input?: string | Uint8Array) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: workspace.directory,
    env: environment(),
    ...(input !== undefined && { input }),
  })
  return { status, stdout: stdout.toString(), stderr: stderr.toString() }
}

const prompts = (args: readonly string[], input: string | Uint8Array = '') =>
  start(process.execPath, [BUNDLE, 'prompts', ...args], input)

/** Runs a line in a shell whose stdout is a terminal. */
const onTerminal = (line: string) =>
  start('script', ['-qec', `'${process.execPath}' '${BUNDLE}' prompts ${line}`, '/dev/null']).stdout.replaceAll(
    '\r\n',
    '\n',
  )

/** Saves a content and returns its version. */
function save(content: string | Uint8Array, ...more: string[]): string {
  const { status, stdout, stderr } = prompts(['save', 'support', ...more], content)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.split(' ')[1]!
}

const versionFile = (version: string) => `prompts/support/${version}.json`

describe('save and get', () => {
  test('a file is saved with its metadata, in the layout of the guide', () => {
    workspace.write('prompt.md', BASE)
    const saved = prompts(['save', 'support', '--file', 'prompt.md', '--metadata', '{"author":"Ada"}'])
    expect(saved).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^support v\d{14} [0-9a-f]{12}\n$/),
      stderr: '',
    })
    const [, version = '', hash] = saved.stdout.trim().split(' ')
    expect(workspace.json(versionFile(version))).toEqual({
      version,
      content: BASE,
      hash,
      created_at: expect.any(String),
      metadata: { author: 'Ada' },
    })
    expect(workspace.json('prompts/support/latest.json')).toEqual({ version })
  })

  test('what was piped in comes out byte for byte, and alone', () => {
    const bytes = Buffer.from('\ufeffAntworte höflich 🙂\r\n::error::no command\n\u001b[31mno line break at the end')
    save(bytes)
    const read = spawnSync(process.execPath, [BUNDLE, 'prompts', 'get', 'support'], { cwd: workspace.directory })
    expect(read.stdout).toEqual(bytes)
    expect(read.stderr.toString()).toBe('')
  })

  test('an older version is still there when a newer one was saved within the same second', () => {
    const versions = [save(BASE), save(HEAD), save(BASE)]
    expect(new Set(versions).size).toBe(3)
    expect(versions.map((version) => prompts(['get', 'support', '--version', version]).stdout)).toEqual([
      BASE,
      HEAD,
      BASE,
    ])
  })

  test('a large content is whole in a slow pipe, and a reader that leaves early ends nothing', () => {
    const large = `${'x'.repeat(99)}\n`.repeat(10_000)
    save(large)
    const line = `'${process.execPath}' '${BUNDLE}' prompts get support`
    expect(start('bash', ['--norc', '-c', `${line} | (read -r _; wc -c)`]).stdout.trim()).toBe(
      String(large.length - 100),
    )
    expect(start('bash', ['--norc', '-o', 'pipefail', '-c', `${line} | true`])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
  })

  test('a terminal gets no control sequence', () => {
    save('one\r\n\r\n\u001b]0;title\u0007\u001b[31mtwo\u0007\n')
    expect(onTerminal('get support')).toBe('one\n\ntwo\\u{7}\n')
  })

  test('--store names another folder, and a name may have folders', () => {
    expect(prompts(['save', 'team/support', '--store', 'library'], BASE).status).toBe(0)
    expect(prompts(['get', 'team/support', '--store=library']).stdout).toBe(BASE)
    expect(readdirSync(workspace.directory)).toEqual(['library'])
  })

  test('what is interrupted before its end is not saved', async () => {
    const child = spawn(process.execPath, [BUNDLE, 'prompts', 'save', 'support'], {
      cwd: workspace.directory,
      env: environment(),
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const ended = new Promise<number | null>((done) => child.on('close', done))
    // More than a pipe holds: it is written when the command reads.
    await new Promise((written) => child.stdin.write('x'.repeat(1_000_000), written))
    child.kill('SIGINT')
    expect(await ended).toBe(1)
    expect(stderr).toBe('Nothing was saved. It was interrupted before the content had ended. Run it again.\n')
    expect(existsSync(join(workspace.directory, 'prompts'))).toBe(false)
  })

  test.each([
    ['nothing', [], '', /^stdin is empty\./],
    ['blanks', [], ' \n', /^stdin is empty\./],
    ['bytes that are no text', [], Uint8Array.of(0x61, 0xff), /^stdin is not UTF-8\./],
    ['more than 1 MiB', [], 'x'.repeat(1_048_577), /^stdin holds 1048577 bytes\..* at most 1 MiB/],
    ['a missing file', ['--file', 'nope.md'], '', /^ENOENT: .*nope\.md.* Check its name/],
    ['metadata that is a list', ['--metadata', '[1]'], BASE, /^--metadata is \[1\]\. Expected a JSON object\./],
    ['metadata that is no JSON', ['--metadata', '{author'], BASE, /^--metadata is \{author\. Expected a JSON object\./],
  ])('%s is refused and leaves nothing behind', (_, args, input, message) => {
    const { status, stderr } = prompts(['save', 'support', ...args], input)
    expect(status).toBe(1)
    expect(stderr).toMatch(message)
    expect(readdirSync(workspace.directory)).toEqual([])
  })

  test.each(['../outside', '/etc/prompt', 'a//b', '.git', 'a/..'])('the name %s is refused', (name) => {
    const { status, stderr } = prompts(['save', name], BASE)
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("is not a prompt's name") })
    expect(readdirSync(workspace.directory)).toEqual([])
  })

  test('on a terminal without a file it says where content comes from', () => {
    expect(onTerminal('save support')).toContain('There is no content. It comes from --file, or on stdin')
  })
})

describe('list', () => {
  test('shows each prompt with its latest version, hash, date and number of versions', () => {
    save(BASE)
    const latest = save(HEAD)
    prompts(['save', 'team/sales'], BASE)
    const { hash } = workspace.json(versionFile(latest))
    const [heading, support, sales, count] = prompts(['list']).stdout.split('\n')
    expect(heading).toMatch(/^prompt +versions +latest +hash +saved$/)
    expect(support).toMatch(
      new RegExp(`^support +2 +${latest} +${hash} +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC$`),
    )
    expect(sales).toMatch(/^team\/sales +1 +v/)
    expect(count).toBe('2 prompts in prompts')
  })

  test('marks the version in use among those of a prompt, the newest first', () => {
    const first = save(BASE, '--metadata', '{"author":"Ada"}')
    const second = save(HEAD)
    prompts(['use', 'support', first])
    expect(prompts(['list', 'support']).stdout.split('\n')).toEqual([
      expect.stringMatching(new RegExp(`^ {3}${second} .* UTC$`)),
      expect.stringMatching(new RegExp(`^\\*  ${first} .* UTC  \\{"author":"Ada"\\}$`)),
      `2 versions of support; in use: ${first}`,
      '',
    ])
  })

  test('a damaged version hides no other, and text of its file is not obeyed', () => {
    const first = save(BASE)
    const second = save(HEAD)
    const file = workspace.json(versionFile(first))
    workspace.write(versionFile(first), JSON.stringify({ ...file, created_at: '\u001b[2J\n::error::x' }))
    workspace.write(versionFile(second), '{')
    const { status, stdout } = prompts(['list', 'support'])
    expect(status).toBe(0)
    expect(stdout).toContain(`*  ${second}`)
    expect(stdout).toContain('damaged: agent-ci prompts verify says how')
    expect(stdout).toContain(first)
    expect(stdout).not.toMatch(/\u001b|^\s*::/m)
    expect(prompts(['list']).stdout).toMatch(/^support +2 +damaged: agent-ci prompts verify says how$/m)
  })
})

describe('diff', () => {
  let base: string
  let head: string
  beforeEach(() => {
    base = save(BASE)
    head = save(HEAD)
  })

  test('is unified, with the variables that were dropped and added', () => {
    expect(prompts(['diff', 'support', base, 'latest']).stdout).toBe(
      [
        `--- support@${base}`,
        `+++ support@${head}`,
        '@@ -1,3 +1,3 @@',
        '-You help {{ customer }}.',
        '+You help {{ customer }} well.',
        ' Be kind.',
        '-Answer {{ question }} now.',
        '+Answer now in {{ tone }}.',
        'dropped {{ question }}: what is filled in for it does not reach the model any more',
        'added {{ tone }}: every caller must fill it in',
        '2 lines added, 2 lines removed',
        '',
      ].join('\n'),
    )
  })

  test('--words marks words, and line breaks that came', () => {
    const wrapped = save(HEAD.replace('Be kind.', 'Be very\nkind.'))
    const { stdout } = prompts(['diff', 'support', head, wrapped, '--words'])
    expect(stdout).toBe(
      [
        `--- support@${head}`,
        `+++ support@${wrapped}`,
        '@@ -1,3 +1,4 @@',
        'You help {{ customer }} well.',
        'Be {+very↵+}',
        'kind.',
        'Answer now in {{ tone }}.',
        '2 lines added, 1 line removed',
        '',
      ].join('\n'),
    )
  })

  test('a terminal shows it in colour unless NO_COLOR says otherwise', () => {
    const line = `diff support ${base} ${head}`
    expect(onTerminal(line)).toContain('\u001b[31m-You help {{ customer }}.\u001b[0m\n\u001b[32m+You help')
    expect(onTerminal(`${line} --words`)).toContain('\u001b[32m{+tone')
    expect(
      start('script', ['-qec', `NO_COLOR=1 '${process.execPath}' '${BUNDLE}' prompts ${line}`, '/dev/null']).stdout,
    ).not.toContain('\u001b')
  })

  test.each([[[]], [['--words']]])('a hostile content is not obeyed (%j)', (more) => {
    const hostile = save('\u001b[2J##[error]x\r\n::error::y\r::error::z\n: :\n')
    const shorter = save('##\n')
    const { stdout } = prompts(['diff', 'support', base, hostile, ...more])
    expect(stdout).not.toMatch(/\u001b|\r|##\[|^\s*::/m)
    const longer = save('##error]x\n')
    expect(prompts(['diff', 'support', longer, shorter, ...more]).stdout).not.toContain('##[')
  })

  test('versions with the same content read the same', () => {
    const again = save(HEAD)
    expect(prompts(['diff', 'support', head, again])).toEqual({
      status: 0,
      stdout: `${head} and ${again} of support read the same\n`,
      stderr: '',
    })
  })
})

describe('use', () => {
  test('moves latest and says from where to where', () => {
    const base = save(BASE)
    const head = save(HEAD)
    expect(prompts(['use', 'support', base]).stdout).toBe(`support: ${head} -> ${base}\n`)
    expect(prompts(['get', 'support']).stdout).toBe(BASE)
    expect(prompts(['use', 'support', base]).stdout).toBe(`support: ${base} is in use already\n`)
  })

  test('mends a pointer that leads nowhere', () => {
    const base = save(BASE)
    workspace.write('prompts/support/latest.json', 'null')
    expect(prompts(['use', 'support', base]).stdout).toBe(`support: none -> ${base}\n`)
    expect(prompts(['verify']).status).toBe(0)
  })

  test('a version that is not there is refused, and latest stays', () => {
    const base = save(BASE)
    const { status, stderr } = prompts(['use', 'support', 'v1'])
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `support has no version "v1". Expected a saved version. Known: ${base}.\n`,
    })
    expect(workspace.json('prompts/support/latest.json')).toEqual({ version: base })
  })
})

describe('verify', () => {
  test('is one line when all is well', () => {
    save(BASE)
    save(HEAD)
    expect(prompts(['verify'])).toEqual({
      status: 0,
      stdout: '2 versions of 1 prompt: all as they were saved\n',
      stderr: '',
    })
  })

  test('names the files that are not as they were saved, and fails', () => {
    const edited = save(BASE)
    const file = workspace.read(versionFile(edited))
    workspace.write(versionFile(edited), file.replace('kind', 'rude'))
    workspace.write('prompts/support/latest.json', '{"version":"v7"}')
    const { status, stdout } = prompts(['verify'])
    expect(status).toBe(1)
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(`^${versionFile(edited)}:1: .* was changed after it was saved`),
      expect.stringMatching(/^prompts\/support\/latest\.json:1: .* names "v7", which is not there/),
      '2 problems in prompts',
      '',
    ])
  })

  test('a store with nothing in it does not pass', () => {
    workspace.write('prompts/readme.md', 'x')
    expect(prompts(['verify'])).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^There is no saved prompt in prompts\./),
    })
  })
})

describe('a command line that says too little, too much or something else', () => {
  beforeEach(() => {
    save(BASE)
  })
  test.each([
    [[], 'agent-ci prompts was not told what to do.'],
    [
      ['lsit'],
      'agent-ci prompts has no "lsit". Expected one of save, get, list, diff, use, verify. Did you mean "list"?',
    ],
    [['constructor'], 'agent-ci prompts has no "constructor".'],
    [['get'], 'get needs <name>.'],
    [['diff', 'support', 'v1'], 'diff needs <to>.'],
    [['verify', 'support'], 'verify takes no "support".'],
    [['list', '--file', 'x'], 'list has no option --file.'],
    [['get', 'support', '--versoin', 'v1'], 'There is no option --versoin.'],
    [
      ['get', 'suport'],
      'There is no prompt "suport" in prompts. Expected a folder of that name with saved versions. Did you mean "support"?',
    ],
    [['get', 'support', '--version', '../v1'], '"../v1" is not a version.'],
    [['list', 'suport'], 'There is no prompt "suport" in prompts.'],
    [['list', '--store', 'promts'], 'There is no folder promts.'],
    [['list', '--store', 'prompts/support/latest.json'], 'ENOTDIR: not a directory'],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = prompts(args)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('defect')
  })
})

/** Times are the test's own, and columns are as wide as its versions. */
const withoutTimes = (text: string): string =>
  text.replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC)/g, '<time>').replaceAll(/ +/g, ' ')

test('docs/prompts.md tells the truth', () => {
  const page = readFileSync(join(ROOT, 'docs/prompts.md'), 'utf8')
  const versions = [...new Set(page.match(/v\d{14}/g))]
  expect(versions).toHaveLength(2)
  const shim = workspace.write('bin/agent-ci', `#!/bin/sh\nexec '${process.execPath}' '${BUNDLE}' "$@"\n`)
  chmodSync(shim, 0o755)
  const setUp = 'git init --quiet && git config user.name Ada && git config user.email ada@example.com'
  expect(start('bash', ['--norc', '-ec', setUp]).status).toBe(0)

  /** The page's versions, and those that were saved in their place, in the order of saving. */
  const saved = () => {
    const folder = join(workspace.directory, 'prompts/support')
    const names = existsSync(folder) ? readdirSync(folder).filter((file) => file.startsWith('v')) : []
    return names.map((file) => file.slice(0, -'.json'.length)).sort()
  }
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```\n(?:```text\n([\s\S]*?)^```\n)?/gm)]
  expect(blocks.length).toBeGreaterThan(5)
  for (const [, commands = '', output] of blocks) {
    const run = saved().reduce((text, version, at) => text.replaceAll(versions[at]!, version), commands)
    const result = start('bash', ['--norc', '-euo', 'pipefail', '-c', `PATH="$PWD/bin:$PATH"\n${run}`])
    expect({ commands, status: result.status, stderr: result.stderr }).toEqual({ commands, status: 0, stderr: '' })
    // The longer first: what is saved within one second begins alike.
    const shown = saved().reduceRight((text, version, at) => text.replaceAll(version, versions[at]!), result.stdout)
    if (output !== undefined) expect(withoutTimes(shown)).toBe(withoutTimes(output))
  }
})

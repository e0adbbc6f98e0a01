import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DirectoryHistory } from '@agent-ci/github/history/directory-history'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { nightOf } from '../unit/core/nightly/nights.ts'
import { GitData } from './github/git-data.ts'
import { GithubStub } from './github/github-stub.ts'

const CLI = resolve(import.meta.dirname, '../../packages/cli/src/index.ts')

let directory: string
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'baseline-'))
  const nights = Array.from({ length: 40 }, (_, at) => nightOf(at + 1, 0.9 + (at % 3) * 0.01))
  await new DirectoryHistory(join(directory, 'kept')).append(
    { nights: [...nights, nightOf(40, 0.8, { dataset: 'hard' })] },
    'Nights',
  )
})
afterEach(() => rmSync(directory, { recursive: true }))

function agentCi(args: readonly string[], env: Record<string, string> = {}) {
  return new Promise<{ status: number | null; output: string }>((done, fail) => {
    const child = spawn(process.execPath, ['--conditions=agent-ci-src', CLI, 'baseline', ...args], {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', fail)
    child.on('close', (status) => done({ status, output }))
  })
}

const HERE = ['--history', 'dir:kept']

test('list shows each series with its baseline; bless moves it, and show tells who and why', async () => {
  const before = await agentCi(['list', ...HERE])
  expect(before.output).toMatch(
    /golden +claude-haiku +- +accuracy +steady +0\.910 ± 0\.008 +2026-01-01 … 2026-01-28 \(28\) +the first nights/,
  )
  expect(before.output).toMatch(/hard .* warming-up/)
  const actor = { GITHUB_ACTOR: 'mona', GITHUB_REPOSITORY: 'acme/support', GITHUB_RUN_ID: '1' }
  const blessed = await agentCi(['bless', '20', '--reason', 'the new prompts', ...HERE], actor)
  expect(blessed).toEqual({
    status: 0,
    output: 'Run 20 is blessed: new baseline of golden from 2026-01-20; it is judged against after 7 nights\n',
  })
  expect(JSON.parse(readFileSync(join(directory, 'kept/blessings.jsonl'), 'utf8'))).toMatchObject({
    by: 'mona',
    reason: 'the new prompts',
    run: '20',
    dataset: 'golden',
    model: '*',
  })
  expect((await agentCi(['list', ...HERE])).output).toMatch(/2026-01-20 … 2026-02-08 \(20\) +run 20 by mona/)
  const shown = await agentCi(['show', 'golden', ...HERE])
  expect(shown.output).toMatch(/mona blessed run 20 of 2026-01-20: the new prompts\n.*accuracy is steady/)
})

test('a run that the history does not know is refused with those it knows, and nothing is written', async () => {
  const { status, output } = await agentCi(['bless', '999', '--reason', 'x', ...HERE])
  expect(status).toBe(1)
  expect(output).toMatch(
    /^The history knows no run "999"\. It holds 40 runs; the newest are 31 \(2026-01-31\), .*40 \(2026-02-09\)/,
  )
  expect((await agentCi(['show', 'golden', ...HERE])).output).toMatch(/^0 blessings in/m)
})

test.each([
  [['bless'], /bless takes one <run>, got 0/],
  [['bless', '20', ...HERE], /There is no --reason/],
  [['lisst'], /agent-ci baseline has no "lisst".*Did you mean "list"\?/],
  [['list', '--reason', 'x'], /list has no option --reason/],
  [['show', 'nothing', ...HERE], /knows no dataset "nothing"/],
  [['list', '--history', 'branch:nights'], /GITHUB_REPOSITORY is not set.*dir:\.agent-ci\/history/],
])('%j is refused', async (args, message) => {
  const { status, output } = await agentCi(args)
  expect(status).toBe(1)
  expect(output).toMatch(message)
})

test('the history is that of nightly-eval: of the configuration, else a directory where there is no branch', async () => {
  expect((await agentCi(['list'])).output).toMatch(/^There is no night in .*agent-ci-history/)
  writeFileSync(join(directory, 'agent-ci.yaml'), 'version: 1\nnightly: { history: dir:kept }\n')
  expect((await agentCi(['list'])).output).toMatch(/golden +claude-haiku/)
})

test('works on a branch', async () => {
  const stub = await GithubStub.start()
  const data = new GitData(stub)
  try {
    data.put('agent-ci-data', 'nights/2026-01/golden.jsonl', `${JSON.stringify(nightOf(1, 0.9))}\n`)
    const env = { GITHUB_REPOSITORY: 'acme/support', GITHUB_TOKEN: 't0ken', GITHUB_API_URL: stub.url }
    const { status, output } = await agentCi(['bless', '1', '--reason', 'the first'], env)
    expect([status, output]).toEqual([0, expect.stringMatching(/^Run 1 is blessed/)])
    expect(JSON.parse(data.show('agent-ci-data', 'blessings.jsonl'))).toMatchObject({ run: '1', reason: 'the first' })
    expect(data.git(['log', '-1', '--format=%s', 'agent-ci-data'])).toBe('Run 1 is blessed')
  } finally {
    data.remove()
    await stub.stop()
  }
})

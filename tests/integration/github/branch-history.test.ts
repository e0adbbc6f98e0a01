import { NO_QUARANTINE } from '@agent-ci/core/nightly/quarantine'
import { openHistory } from '@agent-ci/github/history/open-history'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { NIGHT, nightOf } from '../../unit/core/nightly/nights.ts'
import { TestApiHost } from './api-host.ts'
import { GitData } from './git-data.ts'
import { faults, GithubStub } from './github-stub.ts'

const BRANCH = 'agent-ci-data'
const MONTH = 'nights/2026-01/golden.jsonl'

let stub: GithubStub
let data: GitData
let host: TestApiHost
beforeEach(async () => {
  stub = await GithubStub.start()
  data = new GitData(stub)
  host = new TestApiHost(stub, { GITHUB_REPOSITORY: 'acme/support' })
})
afterEach(async () => {
  data.remove()
  await stub.stop()
})

const open = (on: TestApiHost = host) => openHistory({ history: '', token: 't0ken', baseDir: '/' }, on)
const commits = () => Number(data.git(['rev-list', '--count', BRANCH]))
const linesOf = (path: string) => data.show(BRANCH, path).trimEnd().split('\n')

test('a history that is not there yet is empty; the first write begins a branch of its own', async () => {
  data.put('main', 'README.md', 'code')
  expect(await open().read()).toEqual({
    nights: [],
    blessings: [],
    findings: [],
    quarantine: NO_QUARANTINE,
    incidents: undefined,
    problems: [],
  })
  expect(await open().append({ nights: [NIGHT] }, 'Night of 2026-01-01')).toEqual([])
  expect(data.git(['log', '--format=%s', BRANCH])).toBe('Night of 2026-01-01')
  expect(data.git(['merge-base', 'main', BRANCH], { orElse: 'nothing in common' })).toBe('nothing in common')
  expect((await open().read()).nights).toEqual([NIGHT])
})

test('nights, blessings and documents come back as they were written, by one call for the tree and one for each file', async () => {
  const blessing = {
    schema_version: 1,
    at: '2026-01-02T10:00:00Z',
    by: 'ada',
    reason: 'new prompts',
    run: '1',
    night: '2026-01-01',
    dataset: '*',
    model: '*',
  } as const
  const entry = { dataset: 'golden', id: 'e1', flip_rate: 0.4, owner: 'ada', since: '2026-01-01', until: '2026-02-01' }
  const nights = [nightOf(1, 0.9), nightOf(2, 0.91), nightOf(40, 0.92), nightOf(1, 0.8, { dataset: 'Hard/ones' })]
  await open().append(
    {
      nights,
      blessings: [blessing],
      quarantine: (current) => ({ ...current, entries: [...current.entries, entry] }),
      incidents: () => ({ open: [1] }),
    },
    'All of it',
  )
  expect(commits()).toBe(1)
  stub.requests.length = 0
  const read = await open().read()
  expect(read).toMatchObject({
    blessings: [blessing],
    quarantine: { entries: [entry] },
    incidents: { open: [1] },
    problems: [],
  })
  expect(read.nights).toHaveLength(4)
  expect(read.nights).toEqual(expect.arrayContaining(nights))
  expect(stub.requests.map(({ operation }) => operation.split('/git/')[1]!.split('/')[0])).toEqual([
    'ref',
    'trees',
    ...new Array(6).fill('blobs'),
  ])
})

test('ten writers at once lose nothing, and move the branch forward only', async () => {
  const writers = Array.from({ length: 10 }, (_, at) => ({
    night: nightOf(1, 0.9, { model: `model-${at}` }),
    history: open(new TestApiHost(stub, { GITHUB_REPOSITORY: 'acme/support' })),
  }))
  await Promise.all(
    writers.map(({ history, night }, at) =>
      history.append(
        {
          nights: [night],
          incidents: (current) => [...((current as string[] | undefined) ?? []), `writer ${at}`],
        },
        `Writer ${at}`,
      ),
    ),
  )
  const { nights, incidents, problems } = await open().read()
  expect(new Set(nights.map(({ model }) => model))).toEqual(new Set(writers.map(({ night }) => night.model)))
  expect(nights).toHaveLength(10)
  expect(new Set(incidents as string[]).size).toBe(10)
  expect(problems).toEqual([])
  expect(commits()).toBe(10)
  expect(data.git(['fsck', '--strict', '--no-dangling', '--no-progress'])).toBe('')
  const forced = stub
    .requestsOf('PATCH /repos/{owner}/{repo}/git/refs/{ref}')
    .filter(({ body }) => body.force !== false)
  expect(forced).toEqual([])
}, 120_000)

test('a write whose answer was lost is not made twice', async () => {
  await open().append({ nights: [nightOf(1, 0.9)] }, 'First')
  // The move succeeds, its answer is lost, and another writer is faster than the second try.
  let lost = false
  stub.fail('PATCH /repos/{owner}/{repo}/git/refs/{ref}', (_, request) => {
    lost = true
    const made = stub.requestsOf('PATCH /repos/{owner}/{repo}/git/refs/{ref}').at(-1)!
    data.git(['update-ref', `refs/heads/${BRANCH}`, String(made.body.sha)])
    data.put(BRANCH, 'NOTES.md', 'by hand')
    request.socket.resetAndDestroy()
  })
  await open().append({ nights: [nightOf(2, 0.9)] }, 'Second')
  expect(lost).toBe(true)
  expect(linesOf(MONTH)).toHaveLength(2)
})

test('what is broken or of a newer version is told by file and line, and stays byte for byte', async () => {
  const broken = Buffer.concat([
    Buffer.from(`${JSON.stringify({ ...NIGHT, schema_version: 2 })}\n{"torn":\n`),
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.from(JSON.stringify(NIGHT)),
  ])
  data.put(BRANCH, MONTH, broken)
  data.put(BRANCH, 'quarantine.json', '{"schema_version": 2}')
  const problems = await open().append({ nights: [nightOf(2, 0.9)], quarantine: () => NO_QUARANTINE }, 'Another')
  expect(problems.map(({ what }) => what)).toEqual([
    expect.stringMatching(/^agent-ci-data:quarantine\.json:1 cannot be read/),
  ])
  const now = data.git(['cat-file', 'blob', `${BRANCH}:${MONTH}`])
  expect(now.startsWith(broken.toString())).toBe(true)
  expect(data.show(BRANCH, 'quarantine.json')).toBe('{"schema_version": 2}')
  const read = await open().read()
  expect(read.nights.map(({ night }) => night)).toEqual(['2026-01-01', '2026-01-02'])
  expect(read.problems.map(({ what }) => what.split(' cannot')[0])).toEqual([
    `agent-ci-data:${MONTH}:1`,
    `agent-ci-data:${MONTH}:2`,
    `agent-ci-data:${MONTH}:3`,
    'agent-ci-data:quarantine.json:1',
  ])
})

test('old months are pruned in one commit, but not those of a baseline that is looked at', async () => {
  const nights = Array.from({ length: 120 }, (_, at) => nightOf(at + 1, 0.9))
  const retired = Array.from({ length: 10 }, (_, at) => nightOf(at + 1, 0.9, { dataset: 'retired' }))
  await open().append({ nights: [...nights, ...retired] }, 'Four months')
  const { files } = await open().prune('2026-04-01')
  expect(files).toEqual(['nights/2026-01/retired.jsonl', 'nights/2026-02/golden.jsonl', 'nights/2026-03/golden.jsonl'])
  expect(commits()).toBe(2)
  expect(data.git(['ls-tree', '-r', '--name-only', BRANCH]).split('\n')).toEqual([MONTH, 'nights/2026-04/golden.jsonl'])
  expect((await open().prune('2026-04-01')).files).toEqual([])
  expect(commits()).toBe(2)
})

test('a refusal is a sentence with its permission, and no endless race', async () => {
  await open().append({ nights: [NIGHT] }, 'First')
  stub.fail('POST /repos/{owner}/{repo}/git/trees', faults.forbidden)
  await expect(open().append({ nights: [nightOf(2, 0.9)] }, 'Second')).rejects.toThrow(
    'The history on branch agent-ci-data of acme/support was not written: GitHub answered with 403 Resource not accessible by integration. ' +
      'The token may not do it. Give the job `permissions: contents: write`',
  )
  stub.fail('PATCH /repos/{owner}/{repo}/git/refs/{ref}', (answer) =>
    answer({
      status: 422,
      body: { message: 'Repository rule violations found', documentation_url: '', status: '422' },
    }),
  )
  await expect(open().append({ nights: [nightOf(2, 0.9)] }, 'Second')).rejects.toThrow(/422 Repository rule violations/)
  expect(linesOf(MONTH)).toHaveLength(1)
})

test('what fails in passing is asked again', async () => {
  stub.fail('POST /repos/{owner}/{repo}/git/blobs', faults.serverError())
  stub.fail('POST /repos/{owner}/{repo}/git/commits', faults.secondaryRateLimit(5))
  stub.fail('POST /repos/{owner}/{repo}/git/refs', faults.reset)
  await open().append({ nights: [NIGHT] }, 'First')
  expect(host.waits).toContain(5_500)
  expect((await open().read()).nights).toEqual([NIGHT])
})

test('a repository that the token may not see is an error, not an empty history', async () => {
  stub.fail('GET /repos/{owner}/{repo}', faults.notFound)
  await expect(open().read()).rejects.toThrow(/was not read: GitHub answered with 404/)
})

test.each([
  ['branch', /Expected branch:<name>/],
  ['branch:../main', /Expected branch:<name>/],
  ['branch:a..b', /Expected branch:<name>/],
  ['s3:bucket', /Expected branch:<name>/],
])('history: %s is refused', (history, message) => {
  expect(() => openHistory({ history, token: 't', baseDir: '/' }, host)).toThrow(message)
})

test('a branch without a repository or a token is refused before anything is asked', () => {
  expect(() => openHistory({ history: '', token: '', baseDir: '/' }, host)).toThrow(/there is no token/)
  const outside = new TestApiHost(stub)
  expect(() => openHistory({ history: '', token: 't', baseDir: '/' }, outside)).toThrow(/GITHUB_REPOSITORY is not set/)
})

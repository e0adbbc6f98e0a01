import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { ACTIONS } from '../integration/github/api-host.ts'
import { GitData } from '../integration/github/git-data.ts'
import { faults, GithubStub } from '../integration/github/github-stub.ts'
import { serveReleases } from '../integration/github/releases.ts'
import { CONFIG, NightlyWorkspace } from './nightly-workspace.ts'

const TOKEN = 'ghs_planted_token_of_the_contract_test'

let stub: GithubStub
let data: GitData
let workspace: NightlyWorkspace
beforeEach(async () => {
  stub = await GithubStub.start()
  data = new GitData(stub)
  serveReleases(stub)
  workspace = new NightlyWorkspace(CONFIG.replace('  history: dir:history\n', ''))
})
afterEach(async () => {
  workspace.remove()
  data.remove()
  await stub.stop()
})

const night = (inputs: Record<string, string> = {}) =>
  workspace.run({ 'github-token': TOKEN, ...inputs }, { ...ACTIONS, GITHUB_API_URL: stub.url })

const files = () => data.git(['ls-tree', '-r', '--name-only', 'agent-ci-data']).split('\n')

test('nights are kept on a branch of their own, several legs in one commit, without a checkout', async () => {
  const first = await night({ models: 'opus, haiku' })
  expect(first.outputs.verdict).toBe('passed')
  expect(data.git(['log', '--format=%s', 'agent-ci-data'])).toMatch(/^Night \d{4}-\d\d-\d\d, run 7$/)
  const lines = data
    .show('agent-ci-data', files().find((path) => path.endsWith('golden.jsonl'))!)
    .trimEnd()
    .split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { model: 'opus', run: { repository: 'acme/support', id: '7', attempt: '2' } },
    { model: 'haiku' },
  ])
  expect(workspace.repository.run('status', '--porcelain')).toBe('')

  await night({ models: 'opus' })
  expect(workspace.results.series.find(({ metric }) => metric === 'accuracy')).toMatchObject({ state: 'warming-up' })
})

test('a night that may not be written is errored, with its results whole', async () => {
  stub.fail('POST /repos/{owner}/{repo}/git/blobs', faults.forbidden, 100)
  const step = await night()
  expect(step).toMatchObject({ status: 1, outputs: { verdict: 'errored' } })
  expect(workspace.results).toMatchObject({
    reason: expect.stringContaining('contents: write'),
    legs: [{ verdict: 'passed', accuracy: 0.93 }],
  })
  expect(step.annotations).toContainEqual(expect.objectContaining({ level: 'warning', properties: 'title=History' }))
})

test('a history that may not be read is found out before anything is paid for', async () => {
  stub.fail('GET /repos/{owner}/{repo}/git/ref/{ref}', faults.forbidden, 100)
  const step = await night()
  expect(step).toMatchObject({ status: 1, outputs: { verdict: 'errored' } })
  expect(step.log).toContain('agent-ci-data')
  expect(workspace.calls).toEqual([])
})

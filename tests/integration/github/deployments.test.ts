import { type DeploymentDeps, openDeployments, startDeployment } from '@agent-ci/github/deployments'
import { openOctokit } from '@agent-ci/github/octokit'
import { runIdentity } from '@agent-ci/github/run-identity'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { ACTIONS, RUN, TestApiHost } from './api-host.ts'
import { type Fault, faults, GithubStub } from './github-stub.ts'
import { GithubRepository } from './repository.ts'

let stub: GithubStub
let repository: GithubRepository
let host: TestApiHost
beforeEach(async () => {
  stub = await GithubStub.start()
  repository = new GithubRepository(stub)
  host = new TestApiHost(stub)
})
afterEach(() => stub.stop())

const CREATE = 'POST /repos/{owner}/{repo}/deployments'
const STATUS = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
const START = {
  environment: 'production',
  ref: 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d',
  task: 'deploy',
  description: 'v1.4.0 by canary',
  payload: { app: 'agent-service' },
}

const deps = (run = RUN): DeploymentDeps => ({ open: () => openOctokit('t0ken', host), run, warn: host.warn })
const said = (at = 0) =>
  repository.deployments[at]?.statuses.map(({ request }) => `${request.state}: ${request.description}`).toReversed()

test('a rollout is a deployment that is in progress, and then succeeds', async () => {
  const tracker = await startDeployment(START, deps())
  await tracker.progress('canary 25 % (step 2/5)')
  await tracker.success('v1.4.0 has all traffic', 'https://support.acme.example')
  expect(repository.deployments).toHaveLength(1)
  expect(repository.deployments[0]?.request).toEqual({
    ref: START.ref,
    task: 'deploy',
    environment: 'production',
    description: 'v1.4.0 by canary',
    auto_merge: false,
    required_contexts: [],
    payload: {
      app: 'agent-service',
      agent_ci: { run_id: '7', attempt: 2, url: 'https://github.com/acme/support/actions/runs/7/attempts/2' },
    },
  })
  expect(said()).toEqual([
    'in_progress: v1.4.0 by canary',
    'in_progress: canary 25 % (step 2/5)',
    'success: v1.4.0 has all traffic',
  ])
  expect(repository.deployments[0]?.statuses[0]?.request).toMatchObject({
    log_url: 'https://github.com/acme/support/actions/runs/7/attempts/2',
    environment_url: 'https://support.acme.example/',
  })
  expect(host.warnings).toEqual([])
})

test.each(['failure', 'error', 'inactive'] as const)('it can end as %s', async (state) => {
  const tracker = await startDeployment(START, deps())
  await tracker[state]('so it was')
  expect(said()?.at(-1)).toBe(`${state}: so it was`)
})

test('descriptions are one line of at most 140 characters, and no half of one', async () => {
  const tracker = await startDeployment({ ...START, description: '\u{1f6a8}'.repeat(100) }, deps())
  await tracker.success('rolled back:\n  error rate 8.1 % '.repeat(20))
  const [first, last] = [said()?.[0] ?? '', said()?.at(-1) ?? '']
  expect(first).toBe(`in_progress: ${'\u{1f6a8}'.repeat(69)}…`)
  expect(last).toMatch(/^success: rolled back: error rate 8\.1 % rolled back: .*…$/)
  expect(last.length - 'success: '.length).toBe(140)
})

test('of progress that waits only the last is said, and nothing after the end', async () => {
  const tracker = await startDeployment(START, deps())
  const all = ['10 %', '25 %', '50 %'].map((weight) => tracker.progress(weight))
  await Promise.all([...all, tracker.success('done')])
  await Promise.all([tracker.progress('a'), tracker.progress('b')])
  expect(said()).toEqual(['in_progress: v1.4.0 by canary', 'success: done', 'in_progress: b'])
})

test('an address of the environment that is none is left out', async () => {
  const tracker = await startDeployment(START, deps())
  await tracker.success('done', 'support.acme.example')
  expect(repository.deployments[0]?.statuses[0]?.request).not.toHaveProperty('environment_url')
})

test.each<[string, Fault, string]>([
  ['the permission is missing', faults.forbidden, 'Give the job `permissions: deployments: write`'],
  ['other checks failed', faults.conflict, 'GitHub answered with 409'],
  ['GitHub is down', faults.reset, 'GitHub gave no answer'],
  ['GitHub merges instead', (answer) => answer({ status: 202, body: { message: 'Auto-merged main' } }), 'Auto-merged'],
])('where %s, the rollout goes on with one warning', async (_, fault, sentence) => {
  stub.fail(CREATE, fault, 5)
  const tracker = await startDeployment(START, deps())
  await tracker.progress('canary 25 %')
  await tracker.success('done')
  expect(tracker.ids).toEqual([])
  expect(host.warnings).toHaveLength(1)
  expect(host.warnings[0]).toMatch(/^GitHub deployment: GitHub's record of this deployment was not created: /)
  expect(host.warnings[0]).toContain(sentence)
  expect(host.warnings[0]).toContain('The rollout goes on without it.')
})

test('a status that is lost is sent again, because twice says the same', async () => {
  const tracker = await startDeployment(START, deps())
  stub.fail(STATUS, faults.reset)
  await tracker.success('done')
  expect(said()?.at(-1)).toBe('success: done')
  expect(host.warnings).toEqual([])
})

test('while GitHub is down there is one warning; what is said after that arrives', async () => {
  const tracker = await startDeployment(START, deps())
  stub.fail(STATUS, faults.errorPage(), 8)
  await tracker.progress('10 %')
  await tracker.progress('25 %')
  await tracker.success('done')
  expect(host.warnings).toHaveLength(1)
  expect(said()).toEqual(['in_progress: v1.4.0 by canary', 'success: done'])
})

test('a token that may not is not tried again and again, a rate limit is', async () => {
  const tracker = await startDeployment(START, deps())
  stub.fail(STATUS, faults.secondaryRateLimit(7_200))
  await tracker.progress('10 %')
  await tracker.progress('25 %')
  expect(said()?.at(-1)).toBe('in_progress: 25 %')
  stub.fail(STATUS, faults.forbidden)
  const before = stub.requestsOf(STATUS).length
  await tracker.progress('50 %')
  await tracker.success('done')
  expect(stub.requestsOf(STATUS)).toHaveLength(before + 1)
  expect(host.warnings).toHaveLength(1)
})

test('outside Actions there is no record, and nothing to say', async () => {
  const tracker = await startDeployment(START, deps(runIdentity({}, () => ({ user: 'ada', host: 'desk' }))))
  await tracker.success('done')
  expect(stub.requests).toEqual([])
  expect(host.warnings).toEqual([])
})

test('a client that cannot be opened is a warning', async () => {
  const tracker = await startDeployment(START, { ...deps(), open: () => Promise.reject(new Error('no token')) })
  await tracker.success('done')
  expect(host.warnings).toEqual([
    "GitHub deployment: GitHub's record of this deployment was not created: no token. The rollout goes on without it.",
  ])
})

test('a post step finishes what its run left open, and nothing else', async () => {
  const other = runIdentity({ ...ACTIONS, GITHUB_RUN_ID: '8' })
  await (await startDeployment(START, deps())).success('done')
  await startDeployment({ ...START, payload: { app: 'another' } }, deps())
  await startDeployment({ ...START, environment: 'staging' }, deps())
  await startDeployment(START, deps(other))
  await startDeployment(START, deps())
  const which = { environment: 'production', runId: '7', payload: { app: 'agent-service' } }
  const open = await openDeployments(which, deps())
  expect(open.ids).toEqual([repository.deployments[0]?.id])
  await open.failure('rolled back: the job was cancelled')
  expect((await openDeployments(which, deps())).ids).toEqual([])
  expect([0, 1, 2, 3, 4].map((at) => said(at)?.at(-1)?.split(':')[0])).toEqual([
    'failure',
    'in_progress',
    'in_progress',
    'in_progress',
    'success',
  ])
})

test('a sweep finds what any run left open, on later pages too, and leaves the records of others alone', async () => {
  await startDeployment(START, deps())
  for (let each = 0; each < 150; each++) {
    repository.deployments.unshift({
      id: 10_000 + each,
      request: { ref: 'main', environment: 'production', payload: each % 2 ? '{"agent_ci":"no"}' : 'not json' },
      statuses: [],
    })
  }
  const open = await openDeployments({ environment: 'production' }, deps())
  expect(open.ids).toEqual([repository.deployments.at(-1)?.id])
})

test('a payload that GitHub gives back as text is understood', async () => {
  const payload = JSON.stringify({ agent_ci: { run_id: '7' } })
  repository.deployments.push({ id: 5, request: { ref: 'main', environment: 'production', payload }, statuses: [] })
  expect((await openDeployments({ environment: 'production', runId: '7' }, deps())).ids).toEqual([5])
})

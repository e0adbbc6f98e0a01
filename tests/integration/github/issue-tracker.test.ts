import { issueTracker } from '@agent-ci/github/issue-tracker'
import { openOctokit } from '@agent-ci/github/octokit'
import type { Alert } from '@agent-ci/notify/alert'
import { issueBody } from '@agent-ci/notify/issue'
import { notify } from '@agent-ci/notify/notify'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { TestApiHost } from './api-host.ts'
import { faults, GithubStub } from './github-stub.ts'
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

const ALERT: Alert = {
  key: 'agent-ci/acme/support/golden/accuracy',
  kind: 'trigger',
  severity: 'error',
  title: 'accuracy fell by 5 points on golden',
  text: 'It was 0.91, it is 0.86.',
  facts: [{ name: 'Examples', value: '300' }],
  links: [],
  at: '2026-11-24T03:00:00Z',
}

const tell = (...alerts: Alert[]) =>
  notify(alerts, { issue: { labels: ['nightly'] } }, host, {
    issues: issueTracker(() => openOctokit('t0ken', host), 'acme/support'),
  })

test('an incident is an issue that is opened, updated and closed as done', async () => {
  const [first] = await tell(ALERT)
  const [second] = await tell({ ...ALERT, title: 'accuracy fell by 7 points on golden' })
  const [third] = await tell({ ...ALERT, kind: 'resolve', text: 'It is well again.' })
  expect([first, second, third].map((delivery) => delivery?.issueNumber)).toEqual([1, 1, 1])
  expect(host.warnings).toEqual([])
  expect(repository.issues).toMatchObject([
    {
      title: 'accuracy fell by 7 points on golden',
      labels: ['agent-ci', 'nightly'],
      state: 'closed',
      stateReason: 'completed',
      comments: [{ body: 'Resolved: <code>It is well again.</code>' }],
    },
  ])
})

test('ours is found behind pages of others; pull requests and forgeries are left alone', async () => {
  const ours = repository.addIssue({ labels: ['agent-ci'], body: issueBody(ALERT) })
  repository.addIssue({ labels: ['agent-ci'], body: issueBody(ALERT), author: 'mallory' })
  repository.addIssue({ labels: ['agent-ci'], body: issueBody(ALERT), pullRequest: true })
  for (let each = 0; each < 220; each++) repository.addIssue({ labels: ['agent-ci'] })
  const [delivery] = await tell({ ...ALERT, kind: 'resolve' })
  expect(delivery?.issueNumber).toBe(ours.number)
  expect(repository.issues.filter(({ state }) => state === 'closed')).toEqual([ours])
})

test('what GitHub refuses is a warning that says what to write', async () => {
  stub.fail('POST /repos/{owner}/{repo}/issues', faults.forbidden)
  await tell(ALERT)
  expect(host.warnings).toEqual([
    'Alert not delivered: The issue did not take 1 of 1 alerts (accuracy fell by 5 points on golden). ' +
      'The issue: the issue was not opened: GitHub answered with 403 Resource not accessible by integration. The token may not do it. ' +
      'Give the job `permissions: issues: write`; a pull request from a fork never has it. The results are complete without it.',
  ])
})

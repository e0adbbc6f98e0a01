import { ownerOf, runIdentity } from '@agent-ci/github/run-identity'
import { expect, test } from '@jest/globals'

const ACTIONS = {
  GITHUB_REPOSITORY: 'acme/support',
  GITHUB_RUN_ID: '7',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_SERVER_URL: 'https://git.acme.example/',
  GITHUB_ACTOR: 'mona',
  GITHUB_JOB: 'deploy',
  GITHUB_SHA: 'a84d88e',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_EVENT_NAME: 'push',
}
const machine = () => ({ user: 'ada', host: 'desk' })

test('a job of Actions is known by its run and attempt', () => {
  expect(runIdentity(ACTIONS, machine)).toEqual({
    local: false,
    run: 'acme/support/7',
    actor: 'mona',
    repository: 'acme/support',
    runId: '7',
    attempt: 2,
    job: 'deploy',
    url: 'https://git.acme.example/acme/support/actions/runs/7/attempts/2',
    sha: 'a84d88e',
    ref: 'refs/heads/main',
    eventName: 'push',
  })
})

test('a terminal is known by its user and host', () => {
  expect(runIdentity({}, machine)).toEqual({
    local: true,
    run: 'local/ada@desk',
    actor: 'ada@desk',
    repository: undefined,
    runId: undefined,
    attempt: 1,
    job: undefined,
    url: undefined,
    sha: undefined,
    ref: undefined,
    eventName: undefined,
  })
})

test('what the runner left empty is not there, and the first attempt is assumed', () => {
  const identity = runIdentity({ ...ACTIONS, GITHUB_RUN_ATTEMPT: '', GITHUB_JOB: '', GITHUB_SERVER_URL: '' }, machine)
  expect(identity).toMatchObject({
    attempt: 1,
    job: undefined,
    url: 'https://github.com/acme/support/actions/runs/7/attempts/1',
  })
})

test('this machine has a user and a host', () => {
  expect(runIdentity({}).run).toMatch(/^local\/.+@.+$/)
})

test.each(['acme', '/support', 'acme/support/x', ''])('%j is no repository', (name) => {
  expect(() => ownerOf(name)).toThrow('Expected owner/name')
})

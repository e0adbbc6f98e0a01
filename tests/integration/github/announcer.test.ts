import { Announcer } from '@agent-ci/action-canary-deploy/announce'
import type { DeploySettings } from '@agent-ci/action-canary-deploy/settings'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { testHost } from '../../cluster/rollout/in-process.ts'
import { ACTIONS, RUN } from './api-host.ts'
import { GithubStub } from './github-stub.ts'
import { GithubRepository } from './repository.ts'

let stub: GithubStub
let repository: GithubRepository
beforeEach(async () => {
  stub = await GithubStub.start()
  repository = new GithubRepository(stub)
})
afterEach(() => stub.stop())

const SETTINGS = {
  place: { app: 'agent-service', environment: 'production' },
  githubToken: 't0ken',
  targets: [],
} as unknown as DeploySettings

const PAUSED = { outcome: 'paused', record: undefined, previous: undefined } as const
const announcer = () => new Announcer(SETTINGS, testHost('.', {}, { ...ACTIONS, GITHUB_API_URL: stub.url }), RUN)
/** Of each deployment the last status, newest first. */
const states = () =>
  repository.deployments.map(({ statuses }) => `${statuses[0]?.request.state}: ${statuses[0]?.request.description}`)

test('a deploy that finds a paused rollout ends its own record, and leaves that of the paused one open', async () => {
  const former = announcer()
  former.begin()
  await former.end({ ...PAUSED, reason: 'step 1 (50 %) showed nothing either way' }, [], 50)
  expect(states()).toEqual(['in_progress: paused at 50 %: step 1 (50 %) showed nothing either way'])

  const next = announcer()
  next.begin()
  const reason = 'r2 was not deployed, for the rollout before it paused: step 1 (50 %) showed nothing either way'
  await next.end({ ...PAUSED, notBegun: true, reason }, [], null)
  expect(states()).toEqual([
    `inactive: ${reason}`,
    'in_progress: paused at 50 %: step 1 (50 %) showed nothing either way',
  ])
})

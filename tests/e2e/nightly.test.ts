import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DirectoryHistory } from '@agent-ci/github/history/directory-history'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { appVersion } from '../cluster/rollout/agent-app.ts'
import { GithubStub } from '../integration/github/github-stub.ts'
import { serveReleases } from '../integration/github/releases.ts'
import { GithubRepository } from '../integration/github/repository.ts'
import { type ActEnd, act, succeeded } from './act.ts'
import { Sample } from './sample.ts'
import { type LocalRepositories, removeSuite, stageSuite } from './suite.ts'

const DAY_MS = 86_400_000

const directory = mkdtempSync(join(tmpdir(), 'agent-ci-e2e-'))
const history = join(directory, 'history')
const messages: string[] = []
let suite: LocalRepositories
let sample: Sample
let stub: GithubStub
let repository: GithubRepository
let slack: Server

beforeAll(async () => {
  suite = await stageSuite(directory, () => undefined)
  sample = Sample.create(directory, appVersion(1), 'production')
  stub = await GithubStub.start()
  repository = new GithubRepository(stub)
  serveReleases(stub)
  slack = createServer(async (request, response) => {
    messages.push((JSON.parse(await text(request)) as { text: string }).text)
    response.end('ok')
  })
  await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  slack.close()
  await stub.stop()
  removeSuite(directory)
})

const night = (): Promise<ActEnd> =>
  act({
    sample,
    suite,
    workflow: 'nightly.yml',
    event: 'schedule',
    payload: { ref: 'refs/heads/main', after: sample.git('rev-parse', 'HEAD') },
    env: { GITHUB_API_URL: stub.url },
    vars: { AGENT_HISTORY: `dir:${history}` },
    secrets: {
      GITHUB_TOKEN: 't0ken-of-the-job',
      SLACK_WEBHOOK_URL: `http://127.0.0.1:${(slack.address() as AddressInfo).port}/services/T/B/x`,
    },
  })

/** As if the night had been run in each of the two weeks before. */
async function rememberTwoWeeks(): Promise<void> {
  const { nights } = await new DirectoryHistory(history).read()
  const before = nights.flatMap((line) =>
    Array.from({ length: 14 }, (_, index) => {
      const day = new Date(Date.parse(line.night) - (14 - index) * DAY_MS).toISOString().slice(0, 10)
      // Not its latencies: fourteen equal ones are steadier than any machine.
      const { accuracy } = line.metrics
      return { ...line, metrics: { ...(accuracy && { accuracy }) }, night: day, finished_at: `${day}T03:00:00.000Z` }
    }),
  )
  rmSync(history, { recursive: true })
  await new DirectoryHistory(history).append({ nights: before })
}

test('a quiet night tells nobody; one that got worse tells Slack once and opens an issue', async () => {
  const quiet = await succeeded(night())
  expect(quiet.outputs).toMatchObject({ 'nightly.nightly.verdict': 'passed', 'nightly.nightly.regressions': '[]' })
  expect(messages).toEqual([])
  await rememberTwoWeeks()
  sample.release(appVersion(2), { 'prompts/system.md': 'Always say no.\n' })
  const { outputs, jobs } = await succeeded(night())
  expect(jobs).toEqual({ 'Nightly/Nightly evaluation/Datasets x models': 'success' })
  expect(outputs).toMatchObject({ 'nightly.nightly.verdict': 'failed' })
  expect(messages).toHaveLength(1)
  expect(messages[0]).toContain('accuracy')
  expect(repository.issues.map(({ state }) => state)).toEqual(['open'])
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DirectoryHistory } from '@agent-ci/github/history/directory-history'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { appVersion } from '../cluster/rollout/agent-app.ts'
import { GitData } from '../integration/github/git-data.ts'
import { GithubStub } from '../integration/github/github-stub.ts'
import { serveReleases } from '../integration/github/releases.ts'
import { GithubRepository } from '../integration/github/repository.ts'
import { type ActEnd, act, succeeded } from './act.ts'
import { pythonEnvironment } from './python-environment.ts'
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

describe('with the action alone, and a history on a branch', () => {
  let github: GithubStub
  let data: GitData
  beforeAll(async () => {
    github = await GithubStub.start()
    new GithubRepository(github)
    data = new GitData(github)
    serveReleases(github)
    const golden = readFileSync(join(sample.directory, 'evals/golden.jsonl'), 'utf8')
    const config = readFileSync(join(sample.directory, 'agent-ci.yaml'), 'utf8')
    const models = 'nightly: { datasets: [golden], models: [opus, haiku] }\n'
    sample.release(appVersion(1), {
      'evals/extended.jsonl': golden,
      'evals/edge-cases.jsonl': golden,
      'prompts/system.md': 'Be kind.\n',
      'agent-ci.yaml': config + models,
    })
  }, 60_000)
  afterAll(async () => {
    data.remove()
    await github.stop()
  })

  const lines = () =>
    data
      .git(['ls-tree', '-r', '--name-only', 'agent-ci-data'])
      .split('\n')
      .filter((path) => path.startsWith('nights/'))
      .flatMap((path) => data.show('agent-ci-data', path).trimEnd().split('\n'))
      .map((line) => JSON.parse(line) as { dataset: string; model: string })
  const run = (workflow: string) =>
    succeeded(
      act({
        sample,
        suite,
        workflow,
        event: 'schedule',
        payload: { ref: 'refs/heads/main', after: sample.git('rev-parse', 'HEAD') },
        env: { GITHUB_API_URL: github.url, ...pythonEnvironment() },
        secrets: { GITHUB_TOKEN: 't0ken-of-the-job' },
      }),
    )

  test('one job measures three datasets with two models', async () => {
    const { jobs } = await run('nightly-eval.yml')
    expect(jobs).toEqual({ 'Nightly evaluation/Datasets x models': 'success' })
    expect(lines()).toHaveLength(6)
  })

  test('a job for each leg, and one that joins them', async () => {
    const before = lines().length
    const { jobs, artifacts } = await run('nightly-matrix.yml')
    expect(Object.values(jobs)).toEqual(Array(4).fill('success'))
    expect(Object.keys(artifacts)).toEqual(
      expect.arrayContaining(['agent-ci-nightly-golden__opus', 'agent-ci-nightly-golden__haiku']),
    )
    expect(lines()).toHaveLength(before + 2)
  })
})

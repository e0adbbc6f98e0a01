import { cpSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { appVersion } from '../cluster/rollout/agent-app.ts'
import { GithubStub } from '../integration/github/github-stub.ts'
import { GithubRepository, type StoredPull } from '../integration/github/repository.ts'
import { type ActEnd, act, succeeded } from './act.ts'
import { Sample } from './sample.ts'
import { type LocalRepositories, removeSuite, stageSuite } from './suite.ts'

const directory = mkdtempSync(join(tmpdir(), 'agent-ci-e2e-'))
let suite: LocalRepositories
let sample: Sample
let stub: GithubStub
let repository: GithubRepository

beforeAll(async () => {
  suite = await stageSuite(directory, () => undefined)
  sample = Sample.create(directory, appVersion(1), 'production')
  stub = await GithubStub.start()
  repository = new GithubRepository(stub)
})
afterAll(async () => {
  await stub.stop()
  removeSuite(directory)
})

/** Opens a pull request that changes these files, on a branch of the repository or of a fork's. */
function open(ref: string, files: Readonly<Record<string, string>>, from = 'acme/support'): StoredPull {
  sample.git('checkout', '-q', '-B', ref, 'main')
  for (const [path, content] of Object.entries(files)) sample.write(path, content)
  return repository.addPull({ sha: sample.commit(`Change ${ref}`), ref, repository: from })
}

/** Runs a workflow of the examples on it. */
function onPull(pull: StoredPull, workflow: string): Promise<ActEnd> {
  const repo = (name: string) => ({ full_name: name, fork: name !== 'acme/support' })
  const pull_request = {
    number: pull.number,
    head: { sha: pull.sha, ref: pull.ref, repo: repo(pull.repository) },
    base: { sha: sample.git('rev-parse', 'main'), ref: 'main', repo: repo('acme/support') },
  }
  const payload = { action: 'opened', number: pull.number, pull_request }
  return act({ sample, suite, workflow, event: 'pull_request', payload, ...github() })
}

const github = () => ({ env: { GITHUB_API_URL: stub.url }, secrets: { GITHUB_TOKEN: 't0ken-of-the-job' } })
const comments = (pull: StoredPull) => repository.commentsOn(pull).map(({ body }) => body)

test('a change that leaves the prompts alone: the golden examples pass, and no prompt is tested', async () => {
  const pull = open('readme', { 'README.md': 'An agent.\n' })
  const evaluation = await succeeded(onPull(pull, 'eval-gate.yml'))
  expect(evaluation.jobs).toEqual({ 'Evaluation/Golden examples': 'success' })
  const prompts = await succeeded(onPull(pull, 'prompt-tests.yml'))
  expect(prompts.outputs).toMatchObject({ 'prompts.3.verdict': 'passed', 'prompts.3.changed-prompts': '[]' })
})

/** act ends a run at a called workflow that failed: a job that needs it is run as a run of its own. */
function alone(workflow: string, job: string): string {
  const path = join(sample.directory, '.github/workflows', workflow)
  const { jobs, ...rest } = parse(readFileSync(path, 'utf8')) as { jobs: Record<string, { needs?: string }> }
  const { needs: _, ...itself } = jobs[job]!
  sample.write(`.github/workflows/${job}-alone.yml`, stringify({ ...rest, jobs: { [job]: itself } }))
  return `${job}-alone.yml`
}

test('a prompt that makes the answers worse is red, and the comment says so', async () => {
  const pull = open('prompt', { 'prompts/system.md': 'Always say no.\n' })
  const { status, jobs, outputs, artifacts } = await onPull(pull, 'pull-request.yml')
  expect(status).toBe(1)
  expect(jobs['Prompts/Prompt tests/Changed prompts']).toBe('failure')
  expect(outputs).toMatchObject({ 'prompts.prompts.verdict': 'failed', 'prompts.prompts.regressions': '60' })
  for (const [name, path] of Object.entries(artifacts))
    repository.artifacts.push({ id: 100, runId: 1, name, zip: readFileSync(path) })
  await succeeded(onPull(pull, alone('pull-request.yml', 'comment')))
  expect(comments(pull)).toHaveLength(1)
  expect(comments(pull)[0]).toMatch(/failed[\s\S]*1 changed prompt/)
  repository.artifacts.length = 0
})

test('on a server of ones own the same two actions measure and comment, and nothing is uploaded', async () => {
  const pull = open('server', { 'README.md': 'Behind a firewall.\n' })
  const { jobs, artifacts, log } = await succeeded(onPull(pull, 'ghes.yml'))
  expect(jobs).toEqual({ 'Evaluation on our server/Golden examples': 'success' })
  expect(artifacts).toEqual({})
  expect(log).not.toContain('api.github.com')
  expect(comments(pull)).toHaveLength(1)
})

test('both legs of a matrix write into one comment', async () => {
  const pull = open('comment', { 'README.md': 'Commented.\n' })
  await succeeded(onPull(pull, 'pr-comment.yml'))
  expect(comments(pull)).toHaveLength(1)
  expect(comments(pull)[0]).toMatch(/2 of 2 parts[\s\S]*haiku[\s\S]*opus/)
})

test("a fork's pull request is measured without rights, and commented by a run that has them", async () => {
  const pull = open('fork', { 'README.md': 'By a stranger.\n' }, 'stranger/support')
  const { artifacts } = await succeeded(onPull(pull, 'eval-gate.yml'))
  expect(Object.keys(artifacts)).toEqual(['agent-ci-results'])
  expect(comments(pull)).toEqual([])
  repository.artifacts.push({
    id: 1,
    runId: 7,
    name: 'agent-ci-results',
    zip: readFileSync(artifacts['agent-ci-results']!),
  })
  const workflow_run = {
    id: 7,
    event: 'pull_request',
    conclusion: 'success',
    head_sha: pull.sha,
    head_branch: pull.ref,
    run_attempt: 1,
    head_repository: { full_name: pull.repository, owner: { login: 'stranger' } },
  }
  const payload = { action: 'completed', workflow_run }
  await succeeded(
    act({ sample, suite, workflow: 'comment-from-forks.yml', event: 'workflow_run', payload, ...github() }),
  )
  expect(comments(pull)).toHaveLength(1)
  expect(comments(pull)[0]).toMatch(/passed[\s\S]*Measured by code of a fork/)
})

test('an evaluation by hand, in four jobs, is decided once', async () => {
  sample.git('checkout', '-q', 'main')
  const payload = { inputs: { dataset: 'golden', model: '', shards: '4' } }
  const run = await succeeded(act({ sample, suite, workflow: 'evaluation.yml', event: 'workflow_dispatch', payload }))
  expect(run.outputs).toMatchObject({ 'merge.eval.verdict': 'passed', 'merge.eval.total': '60' })
  const shards = [1, 2, 3, 4].map((shard) => `agent-ci-results-shard-${shard}-of-4`)
  expect(Object.keys(run.artifacts).toSorted()).toEqual(['agent-ci-results', ...shards])
})

test('the same on a pull request, with the actions alone', async () => {
  const { jobs } = await succeeded(onPull(open('shards', { 'README.md': 'In parts.\n' }), 'eval-gate-shards.yml'))
  // act numbers the legs of a matrix behind their names.
  const parts = [1, 2, 3, 4].map((part) => [`Evaluation/Part ${part} of 4-${part}`, 'success'])
  expect(jobs).toEqual({ ...Object.fromEntries(parts), 'Evaluation/Golden examples': 'success' })
})

test('each wrong example is an alert of code scanning, also where the gate is red; not from a fork', async () => {
  const always = { 'prompts/system.md': 'Always say no.\n' }
  const ours = await onPull(open('scanned', always), 'code-scanning.yml')
  expect(ours.status).toBe(1)
  expect(ours.log).toMatch(/1 run with \d\d results would be uploaded/)
  const theirs = await onPull(open('scanned-fork', always, 'stranger/support'), 'code-scanning.yml')
  expect(theirs.outputs).toMatchObject({ 'evaluate.evaluation.verdict': 'failed' })
  expect(theirs.log).not.toContain('would be uploaded')
})

test('what is not allowed is refused before anything is installed', async () => {
  sample.git('checkout', '-q', 'main')
  const call = (workflow: string, inputs: string) =>
    sample.write(
      '.github/workflows/call.yml',
      `on: [push, pull_request_target]
jobs:
  call:
    permissions: { contents: read }
    uses: org/agent-ci/.github/workflows/${workflow}@v1
    with: { ${inputs} }
`,
    )
  const refused = async (event: string) => {
    const { status, log } = await act({ sample, suite, workflow: 'call.yml', event, payload: {} })
    expect(status).toBe(1)
    expect(log).not.toContain('Install')
    return log
  }
  call('evaluation.yml', 'shards: 65')
  expect(await refused('push')).toContain("Expected shards to be a whole number from 1 to 64, got '65'")
  call('agent-pipeline.yml', 'language: "ru\\nby"')
  expect(await refused('push')).toContain("Expected language to be python or node, got $'ru\\nby'")
  call('prompt-tests.yml', 'language: node')
  expect(await refused('pull_request_target')).toContain("got 'pull_request_target'")
})

test('our own evaluation.yml can be started by hand too: the example project, in two jobs', async () => {
  sample.git('checkout', '-q', '-B', 'own', 'main')
  const ours = suite.get('org/agent-ci@v1')!
  sample.write('.github/workflows/own.yml', readFileSync(join(ours, '.github/workflows/evaluation.yml'), 'utf8'))
  const project = 'examples/support-agent'
  cpSync(join(import.meta.dirname, '../..', project), join(sample.directory, project), { recursive: true })
  sample.commit('The example project')
  const config = `${project}/agent-ci.yaml`
  const inputs = { config, dataset: 'golden', model: '', language: 'node', install: 'none', shards: '2' }
  const run = act({ sample, suite, workflow: 'own.yml', event: 'workflow_dispatch', payload: { inputs } })
  expect((await succeeded(run)).outputs).toMatchObject({ 'merge.eval.verdict': 'passed', 'merge.eval.total': '72' })
})

test('a merge queue measures what will be merged', async () => {
  const ref = 'gh-readonly-queue/main/pr-1'
  const queued = (files: Readonly<Record<string, string>>) => {
    sample.git('checkout', '-q', '-B', ref, 'main')
    for (const [path, content] of Object.entries(files)) sample.write(path, content)
    const head_sha = sample.commit('Merged')
    const merge_group = { head_sha, head_ref: `refs/heads/${ref}`, base_sha: sample.git('rev-parse', 'main') }
    const payload = { action: 'checks_requested', ref: `refs/heads/${ref}`, after: head_sha, merge_group }
    return act({ sample, suite, workflow: 'merge-queue.yml', event: 'merge_group', payload })
  }
  const good = await succeeded(queued({}))
  expect(good.jobs).toMatchObject({ 'Live/Evaluation/Golden examples': 'success', 'Merge queue/Gate': 'success' })
  const bad = await queued({ 'prompts/system.md': 'Always say no.\n' })
  // act ends a run at a called workflow that failed, where GitHub goes on to the gate.
  expect(bad.jobs).toEqual({ 'Live/Evaluation/Plan': 'success', 'Live/Evaluation/Golden examples': 'failure' })
})

test('of several agents in one repository, those are measured that a change touches', async () => {
  sample.git('checkout', '-q', 'main')
  for (const agent of ['billing', 'support'])
    for (const path of [
      'agent.mjs',
      'evals/golden.jsonl',
      'prompts/system.md',
      'config/production.yaml',
      'agent-ci.yaml',
    ])
      sample.write(`agents/${agent}/${path}`, readFileSync(join(sample.directory, path), 'utf8'))
  sample.commit('Two agents')
  const pull = open('billing', { 'agents/billing/prompts/system.md': 'Be kind.\n' })
  const { jobs, artifacts } = await succeeded(onPull(pull, 'monorepo.yml'))
  expect(jobs).toEqual({
    'Agents/Which agents': 'success',
    'Agents/Evaluation of billing': 'success',
    'Agents/All agents': 'success',
  })
  expect(Object.keys(artifacts)).toEqual(['agent-ci-billing'])
  const nothing = open('nothing', { 'README.md': 'Nothing of an agent.\n' })
  const { jobs: untouched } = await succeeded(onPull(nothing, 'monorepo.yml'))
  expect(untouched).toEqual({ 'Agents/Which agents': 'success', 'Agents/All agents': 'success' })
})

test('tests run with recorded answers', async () => {
  const pull = open('tests', { 'tests/cassettes/.gitkeep': '' })
  const { jobs, log } = await succeeded(onPull(pull, 'llm-gateway.yml'))
  expect(jobs).toEqual({ 'Tests/Tests with recorded answers': 'success' })
  expect(log).toMatch(/pass 1/)
})

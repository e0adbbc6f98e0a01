import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { parseComment } from '@agent-ci/reporting/comment/body'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { pullRequestEvent } from '../integration/github/action-host.ts'
import { ACTIONS } from '../integration/github/api-host.ts'
import { evaluation } from '../integration/github/comment-results.ts'
import { faults, GithubStub } from '../integration/github/github-stub.ts'
import { GithubRepository, type StoredPull } from '../integration/github/repository.ts'
import { runStep, Workspace } from './step.ts'

const CLI = resolve(import.meta.dirname, '../../dist/cli/index.js')
const TOKEN = 'ghs_planted_token_of_the_contract_test'

let stub: GithubStub
let repository: GithubRepository
let pull: StoredPull
const workspaces: Workspace[] = []
beforeEach(async () => {
  stub = await GithubStub.start()
  repository = new GithubRepository(stub)
  pull = repository.addPull()
})
afterEach(async () => {
  for (const workspace of workspaces.splice(0)) workspace.remove()
  await stub.stop()
})

function workspaceWith(results: unknown): Workspace {
  const workspace = new Workspace()
  workspaces.push(workspace)
  workspace.write('agent-ci-results/results.json', JSON.stringify(results))
  workspace.write('event.json', JSON.stringify(pullRequestEvent(pull.number)))
  return workspace
}

const env = (workspace: Workspace, more: Record<string, string> = {}) => ({
  ...ACTIONS,
  GITHUB_API_URL: stub.url,
  GITHUB_GRAPHQL_URL: `${stub.url}/graphql`,
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_EVENT_PATH: `${workspace.directory}/event.json`,
  ...more,
})

test('steps of several jobs at once write one comment with a section each, and put out where it is', async () => {
  const steps = await Promise.all(
    ['opus', 'haiku', 'sonnet'].map((model) => {
      const workspace = workspaceWith(evaluation())
      const inputs = { 'github-token': TOKEN, 'job-context': JSON.stringify({ model }) }
      return runStep('pr-comment', workspace, inputs, env(workspace, { GITHUB_WORKFLOW: 'Evaluation' }))
    }),
  )
  const comments = repository.commentsOn(pull)
  expect(comments).toHaveLength(1)
  const { id, body } = comments[0]!
  expect(parseComment(body)!.sections.map(({ facts }) => facts.key)).toEqual([
    'Evaluation / deploy (haiku)',
    'Evaluation / deploy (opus)',
    'Evaluation / deploy (sonnet)',
  ])
  for (const { status, outputs, log, summary } of steps) {
    expect(status).toBe(0)
    expect(outputs).toMatchObject({
      'comment-id': String(id),
      'comment-url': `https://github.com/acme/support/pull/${pull.number}#issuecomment-${id}`,
      'body-path': expect.stringMatching(/\/\.runner\/temp\/.*\.md$/),
    })
    expect(summary).toBe('')
    expect(JSON.stringify([outputs, log.replaceAll(/^::add-mask::.*$/gm, ''), body])).not.toContain(TOKEN)
  }
}, 60_000)

test('what a fork may not write stands in the summary, with a notice, and the step is green', async () => {
  stub.fail('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', faults.forbidden)
  const workspace = workspaceWith(evaluation({ verdict: 'failed' }))
  const { status, outputs, summary, annotations } = await runStep(
    'pr-comment',
    workspace,
    { 'github-token': TOKEN },
    env(workspace),
  )
  expect(status).toBe(0)
  expect(annotations).toEqual([
    {
      level: 'notice',
      properties: 'title=Comment',
      message: expect.stringContaining('a pull request from a fork never has it'),
    },
  ])
  expect(summary).toContain('### ❌ failed')
  expect(outputs).toEqual({ 'comment-id': '', 'comment-url': '', 'body-path': expect.stringContaining('.md') })
})

test('outside Actions nothing is asked for, and the file is written', async () => {
  const workspace = workspaceWith(evaluation())
  const { status, outputs, log } = await runStep('pr-comment', workspace, {}, { GITHUB_ACTIONS: '' })
  expect(status).toBe(0)
  expect(log).toContain('GITHUB_REPOSITORY is not set, so there is no pull request to write to')
  expect(outputs['body-path']).toMatch(/\.md$/)
})

test('agent-ci comment does the same from a terminal', async () => {
  const workspace = workspaceWith(evaluation())
  const args = ['comment', '--pr-number', String(pull.number), '--section', 'mine']
  const output = await new Promise<string>((done) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: workspace.directory,
      env: { PATH: process.env.PATH, ...env(workspace), GITHUB_TOKEN: TOKEN },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part))
    child.on('close', (status) => done(`${text}exit ${status}`))
  })
  expect(output).toMatch(/Comment created: https:.*\nexit 0$/)
  expect(parseComment(repository.commentsOn(pull)[0]!.body)!.sections[0]!.facts.key).toBe('mine')
})

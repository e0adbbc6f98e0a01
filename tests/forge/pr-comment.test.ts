import { parseComment } from '@agent-ci/reporting/comment/body'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runStep, type StepResult, Workspace } from '../contract/step.ts'
import { ACTIONS } from '../integration/github/api-host.ts'
import { evaluation } from '../integration/github/comment-results.ts'
import { findOrBuildGitea, type Gitea, REPOSITORY, startGitea } from './gitea.ts'

let forge: Gitea | undefined
const workspaces: Workspace[] = []
beforeAll(async () => {
  forge = await startGitea(findOrBuildGitea(process.env, (line) => console.error(`forge: ${line}`)))
}, 1_800_000)
afterAll(async () => {
  for (const workspace of workspaces) workspace.remove()
  await forge?.stop()
})

async function comment(section: string, run: string): Promise<StepResult> {
  const workspace = new Workspace()
  workspaces.push(workspace)
  workspace.write('agent-ci-results/results.json', JSON.stringify(evaluation({ reason: `${section} of run ${run}` })))
  const { number, head } = forge!.pullRequest
  const event = { pull_request: { number, head: { sha: head.sha, repo: { full_name: REPOSITORY } } } }
  workspace.write('event.json', JSON.stringify(event))
  return runStep(
    'pr-comment',
    workspace,
    { 'github-token': forge!.token, section },
    {
      ...ACTIONS,
      GITHUB_REPOSITORY: REPOSITORY,
      GITHUB_RUN_ID: run,
      GITHUB_SERVER_URL: forge!.url.replace(/\/$/, ''),
      GITHUB_API_URL: forge!.apiUrl,
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: `${workspace.directory}/event.json`,
    },
  )
}

const comments = () =>
  forge!.api<{ id: number; body: string; user: { login: string } }[]>(
    'GET',
    `/repos/${REPOSITORY}/issues/${forge!.pullRequest.number}/comments`,
  )

test('a first run opens a comment, and a second one updates it', async () => {
  const { log, outputs } = await comment('golden', '1')
  expect(log).toMatch(/Comment created/)
  await comment('golden', '2')
  const all = await comments()
  expect(all.map(({ id }) => String(id))).toEqual([outputs['comment-id']])
  expect(parseComment(all[0]!.body)!.sections.map(({ facts }) => [facts.key, facts.run])).toEqual([['golden', '2']])
}, 60_000)

test('ten steps at once lose no section', async () => {
  const legs = Array.from({ length: 10 }, (_, leg) => `leg ${leg}`)
  await Promise.all(legs.map((leg) => comment(leg, '3')))
  const all = await comments()
  expect(all).toHaveLength(1)
  expect(parseComment(all[0]!.body)!.sections.map(({ facts }) => facts.key)).toEqual(['golden', ...legs])
}, 120_000)

test('it is found behind more comments than a page of the API holds', async () => {
  const path = `/repos/${REPOSITORY}/issues/${forge!.pullRequest.number}/comments`
  for (let i = 0; i < 101; i++) await forge!.api('POST', path, { body: `${i}` })
  await comment('golden', '4')
  const ours = (await comments()).filter(({ body }) => parseComment(body))
  expect(ours).toHaveLength(1)
  expect(parseComment(ours[0]!.body)!.sections[0]!.facts.run).toBe('4')
}, 120_000)

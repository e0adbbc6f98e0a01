import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { githubProblem } from '@agent-ci/github/api-problem'
import { openOctokit } from '@agent-ci/github/octokit'
import { DEFAULT_RULES } from '@agent-ci/github/retry-rules'
import { viewerLogin } from '@agent-ci/github/viewer'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { TestApiHost } from './api-host.ts'
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

const HOME = { owner: 'acme', repo: 'support' }
const READ = 'GET /repos/{owner}/{repo}/issues/{issue_number}'
const WRITE = 'POST /repos/{owner}/{repo}/issues'

test('the API of the environment is asked, with the token', async () => {
  const issue = repository.addIssue({ title: 'here' })
  const octokit = await openOctokit('t0ken', host)
  const { data } = await octokit.rest.issues.get({ ...HOME, issue_number: issue.number })
  expect(data.title).toBe('here')
  expect(stub.requests).toMatchObject([{ operation: READ, token: 't0ken' }])
})

test('all pages are read', async () => {
  for (let each = 0; each < 250; each++) repository.addIssue()
  const octokit = await openOctokit('t0ken', host)
  const issues = await octokit.paginate(octokit.rest.issues.listForRepo, { ...HOME, per_page: 100 })
  expect(new Set(issues.map(({ number }) => number)).size).toBe(250)
  expect(stub.requests).toHaveLength(3)
})

test.each<[string, Fault, number]>([
  ['a secondary limit with a time', faults.secondaryRateLimit(7), 7_500],
  ['a secondary limit without a time', faults.secondaryRateLimit(), 60_500],
  ['429', faults.secondaryRateLimit(3, 429), 3_500],
  ['a primary limit', faults.primaryRateLimit(new Date('2026-11-24T03:00:10Z')), 10_500],
  ['503', faults.serverError(503), 500],
])('%s is waited out, for a write too', async (_, fault, waitMs) => {
  stub.fail(WRITE, fault)
  const octokit = await openOctokit('t0ken', host)
  await octokit.rest.issues.create({ ...HOME, title: 'x' })
  expect(repository.issues).toHaveLength(1)
  expect(host.waits).toEqual([waitMs])
})

test.each<[string, Fault]>([
  ['a gateway that fails', faults.errorPage()],
  ['a broken connection', faults.reset],
])('%s: what was read is read again, what was written is not written twice', async (_, fault) => {
  const issue = repository.addIssue()
  stub.fail(READ, fault).fail(WRITE, fault)
  const octokit = await openOctokit('t0ken', host)
  await octokit.rest.issues.get({ ...HOME, issue_number: issue.number })
  await expect(octokit.rest.issues.create({ ...HOME, title: 'x' })).rejects.toThrow()
  expect(stub.requestsOf(READ)).toHaveLength(2)
  expect(stub.requestsOf(WRITE)).toHaveLength(1)
})

test('a silent connection is given up', async () => {
  stub.fail(READ, faults.hang, 2)
  const octokit = await openOctokit('t0ken', host, { ...DEFAULT_RULES, timeoutMs: 50, mostRetries: 1 })
  await expect(octokit.rest.issues.get({ ...HOME, issue_number: 1 })).rejects.toThrow()
  expect(stub.requestsOf(READ)).toHaveLength(2)
})

test('a cancelled job waits for nothing more', async () => {
  stub.fail(READ, (_, __) => host.controller.abort())
  const octokit = await openOctokit('t0ken', host)
  await expect(octokit.rest.issues.get({ ...HOME, issue_number: 1 })).rejects.toThrow()
  expect(host.waits).toEqual([])
})

test('who writes is asked by GraphQL, which tokens of jobs may', async () => {
  stub.fail('POST /graphql', faults.errorPage())
  expect(await viewerLogin(await openOctokit('t0ken', host))).toBe('github-actions[bot]')
})

test.each<[string, Fault, string]>([
  [
    'a token that ended',
    faults.badCredentials,
    'It was not done: GitHub answered with 401 Bad credentials. The token is not valid, or no more: tokens of a job end with it. Check github-token',
  ],
  [
    'a permission that is missing',
    faults.forbidden,
    'It was not done: GitHub answered with 403 Resource not accessible by integration. The token may not do it. ' +
      'Give the job `permissions: issues: write`; a pull request from a fork never has it',
  ],
  [
    'a repository that the token does not see',
    faults.notFound,
    'It was not done: GitHub answered with 404 Not Found. It is not there, or the token may not see it. Give the job `permissions: issues: write`',
  ],
  [
    'issues that are switched off',
    faults.gone,
    'It was not done: GitHub answered with 410 Issues are disabled for this repo. The repository has this feature switched off',
  ],
  [
    'a limit for hours',
    faults.secondaryRateLimit(7_200),
    'It was not done: GitHub answered with 403 You have exceeded a secondary rate limit. Please wait a few minutes before you try again. Its rate limit is used up, and waiting did not help',
  ],
  [
    'words that are refused',
    faults.invalid({ resource: 'Issue', field: 'title', code: 'too_long' }),
    'It was not done: GitHub answered with 422 Validation Failed: {"resource":"Issue","field":"title","code":"too_long"}.',
  ],
  ["a proxy's error page", faults.errorPage(), 'It was not done: GitHub answered with 502.'],
  ['a broken connection', faults.reset, 'It was not done: GitHub gave no answer (ECONNRESET)'],
])('%s is explained in a sentence', async (_, fault, sentence) => {
  stub.fail(WRITE, fault)
  const octokit = await openOctokit('t0ken', host)
  const error = await octokit.rest.issues.create({ ...HOME, title: 'x' }).catch((thrown: unknown) => thrown)
  expect(githubProblem(error, { failed: 'It was not done', permission: 'issues: write' })).toBe(sentence)
})

test('the proxy of the environment is used', async () => {
  const issue = repository.addIssue()
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request, client) => {
    asked.push(String(request.url))
    const target = connect(stub.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    target.on('error', () => client.destroy())
    client.on('error', () => target.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const env = {
    GITHUB_API_URL: 'http://ghes.example',
    HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  }
  const octokit = await openOctokit('t0ken', new TestApiHost(stub, env))
  await octokit.rest.issues.get({ ...HOME, issue_number: issue.number })
  expect(asked).toEqual(['ghes.example:80'])
  proxy.closeAllConnections()
  await new Promise((resolve) => proxy.close(resolve))
})

test('a GHES has its API below a path, and its GraphQL beside it', async () => {
  const paths: string[] = []
  const ghes = createServer((request, response) => {
    paths.push(String(request.url))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"viewer":{"login":"ci"}},"number":1}')
  })
  await new Promise<void>((resolve) => ghes.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(ghes.address() as AddressInfo).port}/api/v3/`
  const octokit = await openOctokit('t0ken', new TestApiHost(stub, { GITHUB_API_URL: url }))
  await octokit.rest.issues.get({ ...HOME, issue_number: 1 })
  await viewerLogin(octokit)
  expect(paths).toEqual(['/api/v3/repos/acme/support/issues/1', '/api/graphql'])
  ghes.closeAllConnections()
  await new Promise((resolve) => ghes.close(resolve))
})

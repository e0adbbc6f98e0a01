import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { faults, GithubStub } from './github-stub.ts'
import { GithubRepository } from './repository.ts'

let stub: GithubStub
let repository: GithubRepository
beforeEach(async () => {
  stub = await GithubStub.start()
  repository = new GithubRepository(stub)
})
afterEach(() => stub.stop())

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${stub.url}${path}`, {
    method,
    headers: { authorization: 'token t0ken' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}

const ISSUES = '/repos/acme/support/issues'

test('what a repository gives is what GitHub describes', async () => {
  const { body: issue } = await ask('POST', ISSUES, { title: 'x', labels: ['agent-ci'] })
  await ask('PATCH', `${ISSUES}/${issue.number}`, { state: 'closed', state_reason: 'completed' })
  const { body: comment } = await ask('POST', `${ISSUES}/${issue.number}/comments`, { body: 'y' })
  await ask('PATCH', `${ISSUES}/comments/${comment.id}`, { body: 'z' })
  expect((await ask('GET', `${ISSUES}/comments/${comment.id}`)).body).toMatchObject({ body: 'z' })
  expect((await ask('GET', `${ISSUES}/${issue.number}/comments`)).body).toHaveLength(1)
  expect((await ask('DELETE', `${ISSUES}/comments/${comment.id}`)).status).toBe(204)
  expect((await ask('GET', `${ISSUES}/${issue.number}`)).body).toMatchObject({ state: 'closed', comments: 0 })
  expect(stub.violations).toEqual([])
})

test.each([
  ['a key that is not known', 'POST', ISSUES, { title: 'x', lables: ['x'] }, '"additionalProperty":"lables"'],
  ['a missing key', 'POST', ISSUES, { body: 'x' }, "required property 'title'"],
  ['a wrong type', 'POST', ISSUES, { title: 'x', labels: 'agent-ci' }, '/labels must be array'],
  ['a wrong word', 'PATCH', `${ISSUES}/1`, { state: 'done' }, '/state must be equal to one of the allowed values'],
  ['a number that is none', 'GET', `${ISSUES}/one`, undefined, 'path issue_number is "one"'],
  ['a wrong query', 'GET', `${ISSUES}?state=some`, undefined, 'query state is "some"'],
  ['a query that is not known', 'GET', `${ISSUES}?stat=open`, undefined, 'query stat is not known'],
])('%s in a request is refused and remembered', async (_, method, path, body, problem) => {
  expect((await ask(method, path, body)).status).toBe(422)
  expect(stub.violations.splice(0).join('\n')).toContain(problem)
})

test('an answer that is not as described, and an operation that is none, are remembered', async () => {
  stub.on('GET /repos/{owner}/{repo}/issues/{issue_number}', () => ({ status: 200, body: { number: 'one' } }))
  await ask('GET', `${ISSUES}/1`)
  await ask('GET', '/repos/acme/support/isues')
  const violations = stub.violations.splice(0).join('\n')
  expect(violations).toContain('/number must be integer')
  expect(violations).toContain('GET /repos/acme/support/isues is no operation of GitHub')
})

test('lists come in pages that link to each other', async () => {
  for (let each = 0; each < 65; each++) repository.addIssue()
  const { body, headers } = await ask('GET', `${ISSUES}?per_page=30&page=2`)
  expect(body).toHaveLength(30)
  expect(headers.get('link')).toBe(
    `<${stub.url}${ISSUES}?per_page=30&page=1>; rel="prev", <${stub.url}${ISSUES}?per_page=30&page=1>; rel="first", ` +
      `<${stub.url}${ISSUES}?per_page=30&page=3>; rel="next", <${stub.url}${ISSUES}?per_page=30&page=3>; rel="last"`,
  )
  expect((await ask('GET', `${ISSUES}?per_page=30&page=3`)).body).toHaveLength(5)
})

test('faults come once each, in their order', async () => {
  stub.fail('GET /repos/{owner}/{repo}/issues', faults.secondaryRateLimit(9)).fail('*', faults.serverError())
  const statuses = []
  for (let each = 0; each < 3; each++) statuses.push((await ask('GET', ISSUES)).status)
  expect(statuses).toEqual([403, 502, 200])
})

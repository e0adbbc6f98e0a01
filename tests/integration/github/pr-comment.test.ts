import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { main } from '@agent-ci/action-pr-comment/main'
import { parseComment, renderComment } from '@agent-ci/reporting/comment/body'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { results as night } from '../../unit/reporting/nightly/nights.ts'
import { ActionHost, pullRequestEvent } from './action-host.ts'
import { evaluation } from './comment-results.ts'
import { faults, GithubStub } from './github-stub.ts'
import { GithubRepository, type StoredPull } from './repository.ts'
import { zipOf } from './zip-archive.ts'

let stub: GithubStub
let repository: GithubRepository
let pull: StoredPull
const hosts: ActionHost[] = []
beforeEach(async () => {
  stub = await GithubStub.start()
  repository = new GithubRepository(stub)
  pull = repository.addPull()
})
afterEach(async () => {
  for (const host of hosts.splice(0)) host.remove()
  await stub.stop()
})

type Options = ConstructorParameters<typeof ActionHost>[2]

/** A job's step on the pull request, whose evaluation passed unless `results` says something else. */
function step(inputs: Record<string, string> = {}, options: Options = {}, results: unknown = evaluation()): ActionHost {
  const host = new ActionHost(stub, inputs, { event: pullRequestEvent(pull.number), ...options })
  hosts.push(host)
  host.write('agent-ci-results/results.json', JSON.stringify(results))
  return host
}

const bodies = () => repository.commentsOn(pull).map(({ body }) => body)
const keysOf = (body: string) => parseComment(body)?.sections.map(({ facts }) => facts.key)

describe('many writers', () => {
  test('ten concurrent runs update ten sections of one comment: all ten are in it, each as it was last written', async () => {
    const run = (id: number, verdict: 'passed' | 'failed') =>
      Promise.all(
        Array.from({ length: 10 }, (_, leg) =>
          main(
            step(
              { section: `leg ${leg}` },
              { env: { GITHUB_RUN_ID: String(id) }, slow: true },
              evaluation({ verdict, reason: `${leg}` }),
            ),
          ),
        ),
      )
    await run(7, 'passed')
    expect(bodies()).toHaveLength(1)
    await run(8, 'failed')
    expect(bodies()).toHaveLength(1)
    const { sections } = parseComment(bodies()[0]!)!
    expect(sections.map(({ facts }) => [facts.key, facts.run, facts.verdict])).toEqual(
      Array.from({ length: 10 }, (_, leg) => [`leg ${leg}`, '8', 'failed']),
    )
    expect(repository.commentsOn(pull)[0]!.reactions).toEqual([])
    expect(hosts.flatMap(({ warnings, notices }) => [...warnings, ...notices])).toEqual([])
    expect(keysOf(bodies()[0]!)).toHaveLength(10)
  }, 60_000)

  test('a token that may set no reaction loses nothing either: what was written is read again until it stays', async () => {
    stub.on('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', () => ({
      status: 403,
      body: { message: 'Resource not accessible by integration', documentation_url: '', status: '403' },
    }))
    await Promise.all(Array.from({ length: 10 }, (_, leg) => main(step({ section: `leg ${leg}` }, { slow: true }))))
    expect(bodies()).toHaveLength(1)
    expect(keysOf(bodies()[0]!)).toHaveLength(10)
  }, 60_000)

  test('a lock that a killed job left behind is taken away', async () => {
    await main(step({ section: 'first' }))
    const [comment] = repository.commentsOn(pull)
    const eyes = { id: 5_000, author: stub.viewer, content: 'eyes', createdAt: '2026-11-01T00:00:00Z' }
    comment!.reactions.push(eyes)
    await main(step({ section: 'second' }))
    expect(keysOf(comment!.body)).toEqual(['first', 'second'])
    expect(comment!.reactions).toEqual([])
  })

  test('a lock that is held is waited for', async () => {
    await main(step({ section: 'first' }))
    const [comment] = repository.commentsOn(pull)
    comment!.reactions.push({
      id: 5_000,
      author: stub.viewer,
      content: 'eyes',
      createdAt: new Date().toISOString().replace(/\.\d+Z/, 'Z'),
    })
    const second = main(step({ section: 'second' }, { slow: true }))
    const looks = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions'
    let ended = false
    const done = second.finally(() => {
      ended = true
    })
    while (!ended && stub.requestsOf(looks).length < 2) await new Promise((next) => setTimeout(next, 5))
    expect(keysOf(comment!.body)).toEqual(['first'])
    comment!.reactions.pop()
    await done
    expect(keysOf(comment!.body)).toEqual(['first', 'second'])
  })

  test('an earlier run that ends late does not replace the section of a later one', async () => {
    await main(step({}, { env: { GITHUB_RUN_ID: '9' } }, evaluation({ verdict: 'failed' })))
    const late = step({}, { env: { GITHUB_RUN_ID: '8' } })
    expect((await main(late)).headline).toBe('A later run has reported already; its section stays')
    expect(parseComment(bodies()[0]!)!.sections.map(({ facts }) => [facts.run, facts.verdict])).toEqual([
      ['9', 'failed'],
    ])
    expect(late.outputs['comment-id']).toBe(repository.commentsOn(pull)[0]!.id)
  })

  test('two comments that were opened at once become one, and both keep their sections', async () => {
    await main(step({ section: 'a' }))
    const [first] = repository.commentsOn(pull)
    await main(step({ section: 'b' }))
    const both = parseComment(first!.body)!
    await main(step({ section: 'c', 'comment-id': 'other' }))
    const other = repository.commentsOn(pull)[1]!
    first!.body = renderComment({ ...both, sections: both.sections.slice(0, 1) })
    other.body = renderComment({ ...both, sections: both.sections.slice(1) })
    await main(step({ section: 'd' }))
    expect(bodies()).toHaveLength(1)
    expect(keysOf(bodies()[0]!)).toEqual(['a', 'b', 'd'])
  })

  test('legs without names are told apart by their matrix values, steps by their number', async () => {
    await main(step({ 'job-context': '{"model":"opus","python":3.12}' }))
    await main(step({ 'job-context': '{"model":"haiku","python":3.12}' }))
    await main(step({ 'job-context': 'null' }, { env: { GITHUB_ACTION: '__org_agent-ci_pr-comment_2' } }))
    expect(keysOf(bodies()[0]!)).toEqual([
      'Evaluation / evaluate (haiku, 3.12)',
      'Evaluation / evaluate (opus, 3.12)',
      'Evaluation / evaluate 2',
    ])
  })
})

describe('which comment', () => {
  test('ours is found behind pages of others; a forged marker of somebody else is left alone', async () => {
    await main(step())
    const ours = repository.commentsOn(pull)[0]!
    const issue = repository.issues.find(({ number }) => number === pull.number)!
    issue.comments.unshift(
      { ...ours, id: 9_000, author: 'mallory', reactions: [] },
      ...Array.from({ length: 230 }, (_, id) => ({
        ...ours,
        id: 10_000 + id,
        author: 'mona',
        body: 'hi',
        reactions: [],
      })),
    )
    const forged = { ...issue.comments[0]! }
    const host = step({}, { env: { GITHUB_RUN_ID: '8' } })
    await main(host)
    expect(host.outputs['comment-id']).toBe(ours.id)
    expect(issue.comments[0]).toEqual(forged)
    expect(issue.comments).toHaveLength(232)
  })

  test('recreate moves it to the end, once a run, and keeps the sections of others', async () => {
    await main(step({ section: 'old' }))
    const [before] = repository.commentsOn(pull)
    const recreate = (section: string) => step({ section, mode: 'recreate' }, { env: { GITHUB_RUN_ID: '8' } })
    await main(recreate('a'))
    const [after] = repository.commentsOn(pull)
    await main(recreate('b'))
    expect(repository.commentsOn(pull)).toHaveLength(1)
    expect(after!.id).toBeGreaterThan(before!.id)
    expect(repository.commentsOn(pull)[0]!.id).toBe(after!.id)
    expect(keysOf(bodies()[0]!)).toEqual(['a', 'b', 'old'])
  })

  test('always-new adds one a run and folds those before it', async () => {
    const inputs = { mode: 'always-new' }
    await main(step({ ...inputs, section: 'a' }))
    await main(step({ ...inputs, section: 'b' }))
    await main(step({ ...inputs, section: 'a' }, { env: { GITHUB_RUN_ID: '8' } }))
    expect(repository.commentsOn(pull).map(({ body, minimized }) => [keysOf(body), minimized])).toEqual([
      [['a', 'b'], 'OUTDATED'],
      [['a'], null],
    ])
  })

  test('off writes nothing but the file', async () => {
    const host = step({ mode: 'off' })
    await main(host)
    expect(stub.requests).toEqual([])
    expect(host.outputs).toMatchObject({ 'comment-id': null, 'body-path': expect.stringContaining('.md') })
  })

  test.each([
    ['OUTDATED', null, []],
    ['RESOLVED', null, []],
    [
      'OFF_TOPIC',
      'OFF_TOPIC',
      [
        'notice: The comment is hidden as off_topic and stays so: somebody chose that. Show it again on the page of the pull request.',
      ],
    ],
  ])('one that was hidden as %s is afterwards %s', async (reason, after, notices) => {
    await main(step())
    const [comment] = repository.commentsOn(pull)
    comment!.minimized = reason
    const host = step({}, { env: { GITHUB_RUN_ID: '8' } })
    await main(host)
    expect(comment!.minimized).toBe(after)
    expect(host.notices).toEqual(notices)
  })
})

describe('which pull request', () => {
  const QUEUE = `refs/heads/gh-readonly-queue/main/pr-1-${'b'.repeat(40)}`
  const sha = 'a'.repeat(40)
  const cases: readonly [string, unknown, Record<string, string>][] = [
    ['pull_request', pullRequestEvent(1), {}],
    ['merge_group', { merge_group: { head_ref: QUEUE, head_sha: 'c'.repeat(40) } }, {}],
    ['issue_comment', { issue: { number: 1, pull_request: {} } }, {}],
    ['push', {}, { GITHUB_SHA: sha }],
    ['workflow_dispatch', {}, { 'INPUT pr-number': '1' }],
  ]
  test.each(cases)('%s', async (name, event, env) => {
    const host = step(env['INPUT pr-number'] ? { 'pr-number': '1' } : {}, {
      event,
      env: { GITHUB_EVENT_NAME: name, ...env },
    })
    await main(host)
    expect(host.outputs['comment-url']).toBe(
      `https://github.com/acme/support/pull/1#issuecomment-${host.outputs['comment-id']}`,
    )
    expect(bodies()).toHaveLength(1)
  })

  test('push of a merge: the merged one', async () => {
    const merged = repository.addPull({ state: 'closed', mergeCommit: 'd'.repeat(40) })
    await main(step({}, { event: {}, env: { GITHUB_EVENT_NAME: 'push', GITHUB_SHA: 'd'.repeat(40) } }))
    expect(repository.commentsOn(merged)).toHaveLength(1)
  })

  test.each([
    ['schedule', {}, 'A scheduled run belongs to no pull request, so there is nothing to do'],
    [
      'push',
      { GITHUB_SHA: 'e'.repeat(40) },
      'Commit eeeeeeeeeeee belongs to no pull request, so there is nothing to do',
    ],
  ])('%s without one: said once, and nothing written', async (name, env, sentence) => {
    const host = step({}, { event: {}, env: { GITHUB_EVENT_NAME: name, ...env } })
    expect(await main(host)).toEqual({ verdict: 'passed', exitStatus: 0, headline: sentence })
    expect([...host.notices, ...host.warnings, host.shown]).toEqual([''])
    expect(host.lines.join('\n')).not.toContain('nothing to do')
    expect(bodies()).toEqual([])
    expect(host.outputs).toMatchObject({ 'comment-id': null, 'comment-url': null })
  })
})

describe('results of a run of a fork, reported by workflow_run', () => {
  const FORK = { full_name: 'mallory/support', owner: { login: 'mallory' } }
  const RUN = {
    id: 70,
    run_attempt: 1,
    event: 'pull_request',
    head_sha: 'f'.repeat(40),
    head_branch: 'nice',
    head_repository: FORK,
  }
  const reporting = (run: object = {}, inputs: Record<string, string> = {}) =>
    step(
      { artifact: 'agent-ci-*', ...inputs },
      { event: { workflow_run: { ...RUN, ...run } }, env: { GITHUB_EVENT_NAME: 'workflow_run' } },
    )
  const store = (files: Record<string, string>, claims?: number) =>
    repository.artifacts.push({ id: 900, runId: 70, name: 'agent-ci-results', zip: zipOf(files, claims) })
  beforeEach(() => {
    pull = repository.addPull({ repository: 'mallory/support', ref: 'nice', sha: RUN.head_sha })
  })

  test('go to the pull request of the commit, say where they come from, and link to the run that measured', async () => {
    store({ 'results.json': JSON.stringify(evaluation()), 'pr-number.txt': '1', '../../evil.json': '{}' })
    const host = reporting()
    await main(host)
    expect(host.warnings).toEqual([])
    expect(bodies()).toHaveLength(1)
    expect(bodies()[0]).toContain('Measured by code of a fork')
    expect(bodies()[0]).toContain('https://github.com/acme/support/actions/runs/70/attempts/1')
    expect(parseComment(bodies()[0]!)!.sections[0]!.facts).toMatchObject({ sha: RUN.head_sha, verdict: 'passed' })
  })

  test('whoever proposes the same commit from elsewhere gets nothing', async () => {
    store({ 'results.json': JSON.stringify(evaluation()) })
    const other = repository.addPull({ repository: 'eve/support', ref: 'nice', sha: RUN.head_sha })
    await main(reporting())
    expect(repository.commentsOn(other)).toEqual([])
    expect(bodies()).toHaveLength(1)
  })

  test.each([
    ['a later push', { head_sha: '9'.repeat(40) }, {}, /is the newest of no open pull request/],
    ['a number that is not that of the commit', {}, { 'pr-number': '1' }, /is the newest of not pull request 1/],
    ['a scheduled run', { event: 'schedule' }, {}, /was scheduled/],
  ])('%s: nothing is written', async (_, run, inputs, sentence) => {
    const outcome = await main(reporting(run, inputs))
    expect(outcome).toMatchObject({ exitStatus: 0, headline: expect.stringMatching(sentence) })
    expect(repository.issues.flatMap(({ comments }) => comments)).toEqual([])
  })

  test('an archive that unpacks to more than the limit is refused, whatever it claims', async () => {
    store({ 'results.json': ' '.repeat(21_000_000) }, 100)
    const host = reporting()
    await main(host)
    expect(host.warnings).toEqual([
      'The artifacts of run 70 were not read: the artifact agent-ci-results is refused: its files are larger than 20000000 bytes',
    ])
    expect(parseComment(bodies()[0]!)!.sections[0]!.facts.verdict).toBe('errored')
  })
})

describe('what GitHub refuses', () => {
  const CREATE = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
  const LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
  const why = 'notice: The comment on pull request 1 was not written: GitHub answered with'
  test.each([
    [
      '403',
      CREATE,
      faults.forbidden,
      `${why} 403 Resource not accessible by integration. The token may not do it. Give the job \`permissions: pull-requests: write\`; a pull request from a fork never has it.`,
    ],
    [
      '404',
      LIST,
      faults.notFound,
      `${why} 404 Not Found. It is not there, or the token may not see it. Give the job \`permissions: pull-requests: write\`.`,
    ],
    [
      '410',
      CREATE,
      faults.gone,
      `${why} 410 Issues are disabled for this repo. The repository has this feature switched off.`,
    ],
    [
      '422',
      CREATE,
      faults.invalid({ resource: 'IssueComment', field: 'body', code: 'invalid' }),
      `${why} 422 Validation Failed`,
    ],
    [
      'a long rate limit',
      CREATE,
      faults.secondaryRateLimit(3_600),
      `${why} 403 You have exceeded a secondary rate limit`,
    ],
    ['401', 'POST /graphql', faults.badCredentials, `${why} 401 Bad credentials.`],
  ])('%s: one sentence, the text in the summary, and no failure', async (_, operation, fault, sentence) => {
    stub.fail(operation, fault)
    const host = step()
    expect(await main(host)).toMatchObject({ exitStatus: 0, verdict: 'passed' })
    expect(host.notices).toEqual([expect.stringContaining(sentence)])
    expect(host.notices[0]).toContain('What it would have said is in the step summary.')
    expect(host.shown).toContain('✅ passed')
    expect(readFileSync(String(host.outputs['body-path']), 'utf8')).toBe(host.shown)
    expect(host.outputs).toMatchObject({ 'comment-id': null, 'comment-url': null })
  })

  test.each([
    ['secondary rate limits', faults.secondaryRateLimit(2)],
    ['errors of a gateway', faults.serverError(502)],
    ['broken connections', faults.reset],
  ])('%s are waited out', async (_, fault) => {
    stub.fail(LIST, fault).fail(CREATE, fault)
    const host = step()
    await main(host)
    expect(host.notices).toEqual([])
    expect(bodies()).toHaveLength(1)
  })

  test('a comment that was written although its answer was lost is not written twice', async () => {
    const rendered = step({ mode: 'off' })
    const host = step()
    rendered.random = () => 0.5
    host.random = rendered.random
    await main(rendered)
    const body = readFileSync(String(rendered.outputs['body-path']), 'utf8')
    stub.on(CREATE, () => {
      repository.addComment(repository.issues[0]!, { body })
      return { status: 502, body: { message: 'Server Error' } }
    })
    await main(host)
    expect(bodies()).toEqual([body])
    expect(stub.requestsOf(CREATE)).toHaveLength(1)
  })

  test('without a token nothing is asked for, and the text is in the summary', async () => {
    const host = step({ 'github-token': '' })
    expect((await main(host)).exitStatus).toBe(0)
    expect(host.notices).toEqual([expect.stringContaining('No github-token was given')])
    expect(stub.requests).toEqual([])
  })

  test('wrong inputs are named, all of them, and fail nothing', async () => {
    const host = step({ mode: 'sticky', 'pr-number': 'x' })
    expect((await main(host)).exitStatus).toBe(0)
    expect(host.warnings).toEqual([
      'mode is "sticky". Expected one of update, recreate, always-new, off. Write for example mode: update.',
      'pr-number is "x". Expected a whole number of at least 1. Write for example pr-number: 1.',
    ])
    expect(host.outputs).toEqual({ 'comment-id': null, 'comment-url': null, 'body-path': null })
  })
})

describe('result files', () => {
  test('none, a broken one and a foreign one: no data is never a pass', async () => {
    const broken = step({ section: 'a' })
    broken.write('agent-ci-results/results.json', '{"verdict": "passed"')
    await main(broken)
    await main(step({ section: 'b' }, {}, { verdict: 'passed' }))
    await main(step({ section: 'c', results: 'elsewhere' }))
    const { sections } = parseComment(bodies()[0]!)!
    expect(sections.map(({ facts, markdown }) => [facts.verdict, markdown.split('\n')[0]])).toEqual([
      ['errored', expect.stringContaining('holds no results of agent-ci')],
      ['errored', expect.stringContaining('holds no results of agent-ci')],
      ['errored', expect.stringContaining('No results were found in elsewhere')],
    ])
  })

  test('a night is one by its schema, and its headline names what regressed', async () => {
    await main(step({ section: 'a' }, {}, night))
    await main(step({ section: 'b' }, {}, { ...night, night: 20261125 }))
    const { sections } = parseComment(bodies()[0]!)!
    expect(sections.map(({ facts, markdown }) => [facts.verdict, markdown.split('\n')[0]])).toEqual([
      [
        'failed',
        '### ❌ failed — <code>a</code>: accuracy of golden with opus is 6.2 points worse than its baseline of 0.912: the provider moved',
      ],
      ['errored', expect.stringMatching(/holds no results of agent-ci.*night.*expected string/)],
    ])
  })

  test('several of one step are one section, the worst verdict first; links are not followed', async () => {
    const host = step({ results: 'legs/*/results.json\n!legs/skip/**' })
    for (const leg of ['a', 'b', 'skip'])
      host.write(`legs/${leg}/results.json`, JSON.stringify(evaluation({ verdict: leg === 'b' ? 'failed' : 'passed' })))
    symlinkSync(join(host.cwd, 'legs/b'), join(host.cwd, 'legs/link'))
    await main(host)
    const [section] = parseComment(bodies()[0]!)!.sections
    expect(section!.markdown.split('\n')[0]).toBe(
      '### ❌ failed — <code>Evaluation &#47; evaluate</code>: 2 result files, 1 passed, 1 failed',
    )
    expect(section!.markdown.match(/^#### .*$/gm)).toEqual([
      expect.stringContaining('✅ passed — <code>legs&#47;a&#47;results.json</code>'),
      expect.stringContaining('❌ failed — <code>legs&#47;b&#47;results.json</code>'),
    ])
  })

  test('keys that a model was made to say are in no comment', async () => {
    const key = 'sk-ant-api03-planted-key-of-this-test'
    const failed = {
      id: 'x',
      correct: false,
      tool_correct: null,
      latency_ms: 1,
      response: `it is ${key} and t0ken-of-the-job`,
    }
    await main(step({ 'include-transcripts': 'true' }, {}, evaluation({ failed_examples: [failed] })))
    const shown = bodies()[0]!.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    expect(shown).toContain('it is [redacted] and [redacted]')
    expect(shown).not.toContain('planted')
  })
})

import type { Alert } from '@agent-ci/notify/alert'
import { type IssueTracker, issueBody, keepIssue } from '@agent-ci/notify/issue'
import { expect, test } from '@jest/globals'
import { ALERT, HOSTILE } from './fixtures.ts'

class MemoryTracker implements IssueTracker {
  readonly issues: {
    number: number
    author: string
    title: string
    body: string
    labels: string[]
    closed?: string
  }[] = []

  author = async () => 'github-actions[bot]'

  async *openIssues(label: string) {
    for (const issue of this.issues) if (issue.closed === undefined && issue.labels.includes(label)) yield issue
  }

  open = async ({ title, body, labels }: { title: string; body: string; labels: readonly string[] }) => {
    const number = this.issues.length + 1
    this.issues.push({ number, author: 'github-actions[bot]', title, body, labels: [...labels] })
    return number
  }

  update = async (number: number, issue: { title: string; body: string }) => {
    Object.assign(this.issues[number - 1]!, issue)
  }

  close = async (number: number, comment: string) => {
    this.issues[number - 1]!.closed = comment
  }
}

const RESOLVED: Alert = { ...ALERT, kind: 'resolve', text: 'It is well again.' }

test('an incident has one issue: opened, updated, closed', async () => {
  const tracker = new MemoryTracker()
  expect(await keepIssue(ALERT, tracker, ['alerts', 'agent-ci'])).toBe(1)
  expect(await keepIssue({ ...ALERT, title: 'It is worse' }, tracker, [])).toBe(1)
  expect(tracker.issues).toMatchObject([{ title: 'It is worse', labels: ['agent-ci', 'alerts'] }])
  expect(await keepIssue(RESOLVED, tracker, [])).toBe(1)
  expect(tracker.issues[0]?.closed).toBe('Resolved: <code>It is well again.</code>')
  expect(await keepIssue(ALERT, tracker, [])).toBe(2)
})

test('incidents with different keys have different issues', async () => {
  const tracker = new MemoryTracker()
  expect(await keepIssue(ALERT, tracker, [])).toBe(1)
  expect(await keepIssue({ ...ALERT, key: 'agent-ci/other' }, tracker, [])).toBe(2)
})

test('an issue of somebody else that has our marker and label is left alone', async () => {
  const tracker = new MemoryTracker()
  tracker.issues.push({ number: 1, author: 'mallory', title: 'x', body: issueBody(ALERT), labels: ['agent-ci'] })
  expect(await keepIssue(ALERT, tracker, [])).toBe(2)
  expect(await keepIssue(RESOLVED, tracker, [])).toBe(2)
  expect(tracker.issues[0]?.closed).toBeUndefined()
})

test('an issue of ours that only quotes the marker of another incident is left alone', async () => {
  const tracker = new MemoryTracker()
  const quoting = { ...ALERT, key: 'agent-ci/other', text: issueBody(ALERT) }
  await keepIssue(quoting, tracker, [])
  expect(await keepIssue(RESOLVED, tracker, [])).toBeUndefined()
})

test('two issues of one incident, opened by runs at the same time, are both closed', async () => {
  const tracker = new MemoryTracker()
  for (let each = 0; each < 2; each++) await tracker.open({ title: 'x', body: issueBody(ALERT), labels: ['agent-ci'] })
  await keepIssue(RESOLVED, tracker, [])
  expect(tracker.issues.map(({ closed }) => closed !== undefined)).toEqual([true, true])
})

test('the text of an issue', () => {
  expect(issueBody(ALERT).split('\n').slice(1)).toEqual([
    '<code>The error rate of the canary was 8.1 %, the limit is 5 %.</code>',
    '',
    '<code>Stable had 2.0 %.</code>',
    '',
    '| | |',
    '|---|---|',
    '| <code>Step</code> | <code>25 % &#40;2 of 5&#41;</code> |',
    '| <code>Release</code> | <code>v1.4.0</code> |',
    '',
    '- [<code>The run</code>](<https://github.com/acme/support/actions/runs/7/attempts/1>)',
    '',
    'Severity critical, <code>agent&#45;ci&#47;acme&#47;support&#47;production&#47;agent&#45;service</code>, ' +
      '<code>2026&#45;11&#45;24T03&#58;00&#58;00.000Z</code>. This issue is closed when it is over.',
  ])
})

test('hostile words stay words, and however many there are the issue can be written', () => {
  const facts = Array.from({ length: 3_000 }, () => ({ name: HOSTILE, value: HOSTILE }))
  const body = issueBody({
    ...ALERT,
    text: `${HOSTILE}\n${'@team '.repeat(9_000)}`,
    key: HOSTILE,
    facts,
    links: [{ text: HOSTILE, url: 'https://x.example/) <img>\n@team' }],
  })
  expect(body.length).toBeLessThanOrEqual(60_000)
  expect(body).toMatch(/\n… \d+ more\n/)
  expect(body.match(/<!--/g)).toHaveLength(1)
  expect(body.replaceAll(/<\/?code>/g, '').replace(/^<!--.*-->/, '')).not.toMatch(
    /<(?!https:\/\/x\.example)|@(?!team>)|\u202e/,
  )
})

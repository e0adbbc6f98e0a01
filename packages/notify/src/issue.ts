import { createHash } from 'node:crypto'
import { forMarkdown, visible } from '@agent-ci/core/untrusted'
import { type Alert, webLinks } from './alert.ts'
import { fitEncoded, fitRows, linesOf, oneLine } from './fit.ts'

/** An issue as we need it. */
export interface TrackedIssue {
  readonly number: number
  readonly author: string
  readonly body: string
}

/** Where issues are kept; `packages/github` has it for GitHub. */
export interface IssueTracker {
  /** The login that our own issues have. */
  readonly author: () => Promise<string>
  /** All open issues with a label; of each page only what is needed. */
  readonly openIssues: (label: string) => AsyncIterable<TrackedIssue>
  readonly open: (issue: { title: string; body: string; labels: readonly string[] }) => Promise<number>
  readonly update: (number: number, issue: { title: string; body: string }) => Promise<void>
  readonly close: (number: number, comment: string) => Promise<void>
}

/** The label that our issues are found by; further ones can be given. */
export const ISSUE_LABEL = 'agent-ci'

/** GitHub takes 65,536 characters. */
const MOST_BODY = 60_000
const MOST_TITLE = 200

/** Hashed: a key could hold the end of a comment. */
const markerOf = (key: string): string =>
  `<!-- agent-ci alert ${createHash('sha256').update(key).digest('hex').slice(0, 32)} -->`

const titleOf = (title: string): string => fitEncoded(oneLine(title), MOST_TITLE, visible)

/** The text of an alert's issue. */
export function issueBody(alert: Alert): string {
  const marker = markerOf(alert.key)
  const lines = linesOf(alert.text).filter((line) => line.trim() !== '')
  const rows = [
    ...lines.flatMap((line) => [forMarkdown(line, 1_000), '']),
    ...(alert.facts.length === 0 ? [] : ['| | |', '|---|---|']),
    ...alert.facts.map(({ name, value }) => `| ${forMarkdown(name, 100)} | ${forMarkdown(value, 500)} |`),
    '',
  ]
  const links = webLinks(alert.links).map(({ text, url }) => `- [${forMarkdown(text, 100)}](<${url}>)`)
  const end = [
    ...links.slice(0, 20),
    '',
    `Severity ${alert.severity}, ${forMarkdown(alert.key)}, ${forMarkdown(alert.at)}. This issue is closed when it is over.`,
  ].join('\n')
  return [marker, fitRows(rows, MOST_BODY - marker.length - end.length - 2), end].join('\n')
}

/**
 * Opens an issue for a trigger, or updates the one that is open; closes it on a resolve. Returns its number; undefined where there was
 * nothing to close. Only an issue that we wrote counts: anyone can write our marker.
 */
export async function keepIssue(
  alert: Alert,
  tracker: IssueTracker,
  labels: readonly string[],
): Promise<number | undefined> {
  const marker = markerOf(alert.key)
  const author = await tracker.author()
  const ours: number[] = []
  for await (const issue of tracker.openIssues(ISSUE_LABEL)) {
    if (issue.author === author && issue.body.startsWith(marker)) ours.push(issue.number)
  }
  const oldest = ours.length === 0 ? undefined : Math.min(...ours)
  if (alert.kind === 'resolve') {
    for (const number of ours) await tracker.close(number, `Resolved: ${forMarkdown(oneLine(alert.text), 1_000)}`)
    return oldest
  }
  const issue = { title: titleOf(alert.title), body: issueBody(alert) }
  if (oldest === undefined) return await tracker.open({ ...issue, labels: [...new Set([ISSUE_LABEL, ...labels])] })
  await tracker.update(oldest, issue)
  return oldest
}

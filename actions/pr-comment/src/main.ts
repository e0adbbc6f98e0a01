import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError, formatProblem, messageOf } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { githubProblem } from '@agent-ci/github/api-problem'
import { commentsOf } from '@agent-ci/github/comments'
import { type Octokit, openOctokit } from '@agent-ci/github/octokit'
import { findSubject, parseEvent, type Subject } from '@agent-ci/github/pull-request'
import { runIdentity } from '@agent-ci/github/run-identity'
import { STICKY_RULES, type StickyRules, type Written, writeSticky } from '@agent-ci/github/sticky-comment'
import { viewerLogin } from '@agent-ci/github/viewer'
import { bodyOf, type Content, contentOf, holds, isOfThisRun, isOurs, standingIn } from './content.ts'
import { gatherResults } from './gather.ts'
import { type CommentSettings, readSettings } from './settings.ts'

const PERMISSION = 'pull-requests: write'

/** What the step ends with: a sentence, and never a failure, because a comment judges nothing. */
const ended = (headline: string): Outcome => ({ verdict: 'passed', exitStatus: 0, headline })

/** Writes results into the pull request that they belong to; where that cannot be, into the step summary. */
export async function main(host: Host, rules: StickyRules = STICKY_RULES): Promise<Outcome> {
  for (const name of ['comment-id', 'comment-url', 'body-path']) host.output(name, null)
  try {
    return await comment(readSettings(host), host, rules)
  } catch (error) {
    const problems = error instanceof ConfigurationError ? error.problems.map(formatProblem) : [messageOf(error)]
    for (const problem of problems) host.warn('Comment', forLog(problem))
    return ended(`No comment was written: ${problems.join(' ')}`)
  }
}

async function comment(settings: CommentSettings, host: Host, rules: StickyRules): Promise<Outcome> {
  const run = runIdentity(host.env)
  let opened: Promise<Octokit> | undefined
  const open = () => {
    opened ??= openOctokit(settings.token, host)
    return opened
  }
  const { subject, reason } = await subjectOf(settings, host, open)
  const { results, notes } = await gatherResults(settings, { run, subject }, host, open)
  const content = contentOf(results, settings, { run, subject, notes }, host)
  const alone = bodyOf(content, []) ?? ''
  if (!subject) {
    // Of a scheduled run and the like: its results stand in the summary of the step that made them.
    host.output('body-path', await writeBody(alone, host))
    return ended(reason)
  }
  if (settings.mode === 'off') {
    host.output('body-path', await writeBody(alone, host))
    return ended('mode is off: the comment was rendered and not written')
  }
  try {
    const written = await write(content, subject, { settings, open, host, rules })
    const { comment: there, what } = written
    host.output('comment-id', there?.id ?? null)
    host.output('comment-url', there?.url ?? null)
    host.output('body-path', await writeBody(there?.body ?? alone, host))
    remark(written, content, host)
    return ended(
      what === 'left' ? 'A later run has reported already; its section stays' : `Comment ${what}: ${there?.url}`,
    )
  } catch (error) {
    const problem = githubProblem(error, {
      failed: `The comment on pull request ${subject.pullRequest} was not written`,
      permission: PERMISSION,
    })
    host.output('body-path', await writeBody(alone, host))
    await host.summary(alone)
    const message = `${problem}${/[.!?]$/.test(problem) ? '' : '.'} What it would have said is in the step summary.${settings.token === '' ? ' No github-token was given.' : ''}`
    host.annotate({ level: 'notice', title: 'Comment', message })
    return ended(message)
  }
}

/** The pull request, or why there is none. */
async function subjectOf(
  { pullRequest }: CommentSettings,
  host: Host,
  open: () => Promise<Octokit>,
): Promise<{ subject: Subject; reason: '' } | { subject: undefined; reason: string }> {
  const run = runIdentity(host.env)
  if (run.repository === undefined)
    return { subject: undefined, reason: 'GITHUB_REPOSITORY is not set, so there is no pull request to write to' }
  const event = parseEvent(await readEvent(host.env.GITHUB_EVENT_PATH))
  const asked = { event, eventName: run.eventName, repository: run.repository, sha: run.sha, number: pullRequest }
  try {
    const found = await findSubject(asked, open)
    return 'nothing' in found ? { subject: undefined, reason: found.nothing } : { subject: found, reason: '' }
  } catch (error) {
    const reason = githubProblem(error, { failed: 'The pull request was not found', permission: PERMISSION })
    host.annotate({ level: 'notice', title: 'Comment', message: reason })
    return { subject: undefined, reason }
  }
}

async function readEvent(path: string | undefined): Promise<unknown> {
  try {
    return path ? JSON.parse(await readFile(path, 'utf8')) : undefined
  } catch {
    return undefined
  }
}

async function write(
  content: Content,
  { pullRequest }: Subject,
  {
    settings,
    open,
    host,
    rules,
  }: { settings: CommentSettings; open: () => Promise<Octokit>; host: Host; rules: StickyRules },
): Promise<Written> {
  const octokit = await open()
  const repository = runIdentity(host.env).repository!
  const sticky = {
    repository,
    mode: settings.mode === 'off' ? 'update' : settings.mode,
    author: await viewerLogin(octokit),
    isOurs: (body: string) => isOurs(body, content),
    isOfThisRun: (body: string) => isOfThisRun(body, content),
    render: (bodies: readonly string[]) => bodyOf(content, bodies),
    holds: (body: string) => holds(body, content),
  } as const
  return writeSticky(sticky, { octokit, comments: commentsOf(octokit, repository, pullRequest), host }, rules)
}

/** What a reader of the log should know of a comment that was written. */
function remark({ comment: there, what, hidden }: Written, content: Content, host: Host): void {
  if (hidden !== undefined)
    host.annotate({
      level: 'notice',
      title: 'Comment',
      message: `The comment is hidden as ${forLog(hidden, 40)} and stays so: somebody chose that. Show it again on the page of the pull request.`,
    })
  if (what !== 'left' && there && standingIn(there.body, content))
    host.warn(
      'Comment',
      `Another job of this run writes the same section, ${forLog(content.section.facts.key, 200)}, and only one of them stays: give each its own, for example section: \${{ matrix.model }}`,
    )
}

async function writeBody(body: string, host: Host): Promise<string> {
  const directory = join(host.tempDir, 'agent-ci-comment')
  await mkdir(directory, { recursive: true })
  const path = join(directory, `${randomUUID()}.md`)
  await writeFile(path, body)
  return path
}

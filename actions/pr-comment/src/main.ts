import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError, formatProblem, messageOf } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { githubProblem } from '@agent-ci/github/api-problem'
import { type Octokit, openOctokit } from '@agent-ci/github/octokit'
import { runIdentity } from '@agent-ci/github/run-identity'
import { STICKY_RULES, type StickyRules } from '@agent-ci/github/sticky-comment'
import { bodyOf, contentOf } from './content.ts'
import { gatherResults } from './gather.ts'
import { PERMISSION } from './permission.ts'
import { type CommentSettings, readSettings } from './settings.ts'
import { subjectOf } from './subject.ts'
import { remark, write } from './write.ts'

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

async function writeBody(body: string, host: Host): Promise<string> {
  const directory = join(host.tempDir, 'agent-ci-comment')
  await mkdir(directory, { recursive: true })
  const path = join(directory, `${randomUUID()}.md`)
  await writeFile(path, body)
  return path
}

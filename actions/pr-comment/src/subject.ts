import { readFile } from 'node:fs/promises'
import type { Host } from '@agent-ci/core/host'
import { githubProblem } from '@agent-ci/github/api-problem'
import type { Octokit } from '@agent-ci/github/octokit'
import { findSubject, parseEvent, type Subject } from '@agent-ci/github/pull-request'
import { runIdentity } from '@agent-ci/github/run-identity'
import { PERMISSION } from './permission.ts'
import type { CommentSettings } from './settings.ts'

/** The pull request, or why there is none. */
export async function subjectOf(
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

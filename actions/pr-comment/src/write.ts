import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { commentsOf } from '@agent-ci/github/comments'
import type { Octokit } from '@agent-ci/github/octokit'
import type { Subject } from '@agent-ci/github/pull-request'
import { runIdentity } from '@agent-ci/github/run-identity'
import { type StickyRules, type Written, writeSticky } from '@agent-ci/github/sticky-comment'
import { viewerLogin } from '@agent-ci/github/viewer'
import { bodyOf, type Content, holds, isOfThisRun, isOurs, standingIn } from './content.ts'
import type { CommentSettings } from './settings.ts'

/** Writes the content into the pull request, beside what other jobs and runs have written there. */
export async function write(
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
export function remark({ comment: there, what, hidden }: Written, content: Content, host: Host): void {
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

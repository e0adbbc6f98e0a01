import type { IssueTracker } from '@agent-ci/notify/issue'
import { githubProblem } from './api-problem.ts'
import type { Octokit } from './octokit.ts'
import { ownerOf } from './run-identity.ts'
import { viewerLogin } from './viewer.ts'

/**
 * A repository's issues, for alerts. Its errors are sentences.
 * @param open gives the client when the first alert is there
 * @param repository `owner/name`
 */
export function issueTracker(open: () => Promise<Octokit>, repository: string): IssueTracker {
  const where = ownerOf(repository)
  let opened: Promise<Octokit> | undefined
  async function ask<T>(failed: string, work: (octokit: Octokit) => Promise<T>): Promise<T> {
    try {
      opened ??= open()
      return await work(await opened)
    } catch (error) {
      throw new Error(githubProblem(error, { failed, permission: 'issues: write' }))
    }
  }
  return {
    author: () => ask('the login of the token is not known', viewerLogin),
    openIssues: (label) => openIssues(label, where, ask),
    open: (issue) =>
      ask('the issue was not opened', async ({ rest }) => {
        const { data } = await rest.issues.create({ ...where, ...issue, labels: [...issue.labels] })
        return data.number
      }),
    update: (number, issue) =>
      ask(`issue ${number} was not updated`, async ({ rest }) => {
        await rest.issues.update({ ...where, issue_number: number, ...issue })
      }),
    close: (number, comment) =>
      ask(`issue ${number} was not closed`, async ({ rest }) => {
        await rest.issues.createComment({ ...where, issue_number: number, body: comment })
        await rest.issues.update({ ...where, issue_number: number, state: 'closed', state_reason: 'completed' })
      }),
  }
}

async function* openIssues(
  label: string,
  where: { owner: string; repo: string },
  ask: <T>(failed: string, work: (octokit: Octokit) => Promise<T>) => Promise<T>,
) {
  for (let page = 1; ; page++) {
    const issues = await ask('the issues were not read', async ({ rest }) => {
      const { data } = await rest.issues.listForRepo({ ...where, state: 'open', labels: label, per_page: 100, page })
      return data
    })
    for (const { number, user, body, pull_request } of issues) {
      if (!pull_request) yield { number, author: user?.login ?? '', body: body ?? '' }
    }
    if (issues.length < 100) return
  }
}

import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { githubProblem } from '@agent-ci/github/api-problem'
import { openOctokit } from '@agent-ci/github/octokit'
import { publishedReleases } from '@agent-ci/github/releases'
import type { ReleaseMark } from '@agent-ci/reporting/nightly/trend'

/** The repository's releases, for the trend page to mark; where GitHub does not say, the page has none. */
export async function releaseMarks(token: string, repository: string | undefined, host: Host): Promise<ReleaseMark[]> {
  if (token === '' || repository === undefined || host.signal.aborted) return []
  try {
    const releases = await publishedReleases(await openOctokit(token, host), repository)
    return releases.map(({ at, tag, url }) => ({ at, label: tag, url }))
  } catch (error) {
    const problem = githubProblem(error, {
      failed: 'Releases are not marked on the page',
      permission: 'contents: read',
    })
    host.info(forLog(problem, 400))
    return []
  }
}

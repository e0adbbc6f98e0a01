import type { Octokit } from './octokit.ts'

/**
 * The login that what we write has: `github-actions[bot]` for a job's token. By GraphQL, because `GET /user` is refused to the tokens of
 * apps, and a job's is one.
 */
export async function viewerLogin(octokit: Octokit): Promise<string> {
  const { viewer } = await octokit.graphql<{ viewer: { login: string } }>('query { viewer { login } }', {
    request: { repeatable: true },
  })
  return viewer.login
}

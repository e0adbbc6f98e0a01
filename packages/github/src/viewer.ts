import type { Octokit } from './octokit.ts'

/**
 * The login that what we write has: `github-actions[bot]` for a job's token. By GraphQL, because `GET /user` is refused to the tokens of
 * apps, and a job's is one; by `GET /user` where there is no GraphQL, as with Forgejo and Gitea.
 */
export async function viewerLogin(octokit: Octokit): Promise<string> {
  try {
    const { viewer } = await octokit.graphql<{ viewer: { login: string } }>('query { viewer { login } }', {
      request: { repeatable: true },
    })
    return viewer.login
  } catch (error) {
    if (![404, 405].includes((error as { status?: number }).status ?? 0)) throw error
    return (await octokit.rest.users.getAuthenticated()).data.login
  }
}

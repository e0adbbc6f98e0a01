import type { Octokit } from './octokit.ts'
import { ownerOf } from './run-identity.ts'

export interface PublishedRelease {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly tag: string
  /** Its page. */
  readonly url: string
}

/** A year of weekly releases and more; a page of the API. */
const MOST = 100

/** The newest releases of a repository that are published, at most 100; what goes wrong is thrown as Octokit throws it. */
export async function publishedReleases({ rest }: Octokit, repository: string): Promise<PublishedRelease[]> {
  const { data } = await rest.repos.listReleases({ ...ownerOf(repository), per_page: MOST })
  return data.flatMap(({ draft, published_at: at, tag_name: tag, html_url: url }) =>
    draft || !at ? [] : [{ at, tag, url }],
  )
}

import { type GithubStub, list } from './github-stub.ts'

/** A release as a test says it: published at this time, or a draft. */
export interface StoredRelease {
  readonly tag: string
  readonly at: string | null
}

const LIST = 'GET /repos/{owner}/{repo}/releases'

/** Has the stub answer with a repository's releases, newest first. */
export function serveReleases(stub: GithubStub, releases: readonly StoredRelease[] = []): void {
  const { description } = stub.constructor as typeof GithubStub
  const [example] = description.example<object[]>(LIST, 200)
  stub.on(LIST, () =>
    list(
      releases.map(({ tag, at }, index) => ({
        ...example,
        id: index + 1,
        tag_name: tag,
        draft: at === null,
        published_at: at,
        html_url: `https://github.com/acme/support/releases/tag/${tag}`,
      })),
    ),
  )
}

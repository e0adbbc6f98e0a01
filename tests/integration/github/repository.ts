import { type ApiRequest, GithubStub, list } from './github-stub.ts'

const HOME = '/repos/{owner}/{repo}'
const NOT_FOUND = { status: 404, body: { message: 'Not Found', documentation_url: '', status: '404' } }

const { description } = GithubStub
const at = (number: number) => new Date(Date.UTC(2026, 10, 24) + number * 1_000).toISOString().replace('.000', '')

export interface StoredDeployment {
  readonly id: number
  readonly request: Readonly<Record<string, unknown>>
  readonly statuses: { readonly id: number; readonly request: Readonly<Record<string, unknown>> }[]
}

export interface StoredIssue {
  readonly number: number
  readonly author: string
  title: string
  body: string
  state: 'open' | 'closed'
  stateReason: 'completed' | 'not_planned' | null
  labels: string[]
  pullRequest: boolean
  comments: StoredComment[]
}

export interface StoredComment {
  readonly id: number
  readonly author: string
  body: string
  /** Why it is folded away. */
  minimized: string | null
  reactions: StoredReaction[]
}

export interface StoredReaction {
  readonly id: number
  readonly author: string
  readonly content: string
  readonly createdAt: string
}

export interface StoredPull {
  readonly number: number
  readonly state: 'open' | 'closed'
  readonly sha: string
  readonly ref: string
  /** `owner/name` of where the branch lies. */
  readonly repository: string
  readonly base: string
  readonly mergeCommit: string | null
}

export interface StoredArtifact {
  readonly id: number
  readonly runId: number
  readonly name: string
  readonly zip: Buffer
}

interface PullExample {
  readonly head: object
  readonly base: { readonly repo: object }
}

const HERE = 'acme/support'

const user = (login: string) => ({
  ...description.example<{ user: object }>(`POST ${HOME}/issues/{issue_number}/comments`, 201).user,
  login,
  type: login.endsWith('[bot]') ? 'Bot' : 'User',
})

/** A repository's deployments, issues and comments in memory, behind a stub of GitHub. */
export class GithubRepository {
  readonly deployments: StoredDeployment[] = []
  readonly issues: StoredIssue[] = []
  readonly pulls: StoredPull[] = []
  readonly artifacts: StoredArtifact[] = []
  private readonly stub: GithubStub
  private next = 1

  constructor(stub: GithubStub) {
    this.stub = stub
    this.serveDeployments()
    this.serveIssues()
    this.serveComments()
    this.serveReactions()
    this.serveGraphql()
    this.servePulls()
    this.serveArtifacts()
  }

  addIssue(issue: Partial<StoredIssue> = {}): StoredIssue {
    const stored: StoredIssue = {
      number: this.next++,
      author: this.stub.viewer,
      title: 'An issue',
      body: '',
      state: 'open',
      stateReason: null,
      labels: [],
      pullRequest: false,
      comments: [],
      ...issue,
    }
    this.issues.push(stored)
    return stored
  }

  addComment(issue: StoredIssue, comment: Partial<StoredComment> = {}): StoredComment {
    const stored: StoredComment = {
      id: this.next++,
      author: this.stub.viewer,
      body: '',
      minimized: null,
      reactions: [],
      ...comment,
    }
    issue.comments.push(stored)
    return stored
  }

  addPull(pull: Partial<StoredPull> = {}): StoredPull {
    const { number } = this.addIssue({ pullRequest: true })
    const stored: StoredPull = {
      number,
      state: 'open',
      sha: 'a'.repeat(40),
      ref: 'change',
      repository: HERE,
      base: HERE,
      mergeCommit: null,
      ...pull,
    }
    this.pulls.push(stored)
    return stored
  }

  commentsOn(pull: StoredPull): StoredComment[] {
    return this.issues.find(({ number }) => number === pull.number)!.comments
  }

  private serveDeployments(): void {
    this.stub
      .on(`POST ${HOME}/deployments`, ({ body }) => {
        const deployment: StoredDeployment = { id: this.next++, request: body, statuses: [] }
        this.deployments.unshift(deployment)
        return { status: 201, body: this.deployment(deployment) }
      })
      .on(`GET ${HOME}/deployments`, ({ query }) => {
        const environment = query.get('environment')
        const found = this.deployments.filter(
          ({ request }) => environment === null || (request.environment ?? 'production') === environment,
        )
        return list(found.map((each) => this.deployment(each)))
      })
      .on(`GET ${HOME}/deployments/{deployment_id}/statuses`, (request) => {
        const deployment = this.deploymentOf(request)
        return deployment ? list(deployment.statuses.map((each) => this.status(deployment, each))) : NOT_FOUND
      })
      .on(`POST ${HOME}/deployments/{deployment_id}/statuses`, (request) => {
        const deployment = this.deploymentOf(request)
        if (!deployment) return NOT_FOUND
        const status = { id: this.next++, request: request.body }
        deployment.statuses.unshift(status)
        return { status: 201, body: this.status(deployment, status) }
      })
  }

  private serveIssues(): void {
    this.stub
      .on(`GET ${HOME}/issues`, ({ query }) => {
        const labels = query.get('labels')?.split(',') ?? []
        const state = query.get('state') ?? 'open'
        const found = this.issues.filter(
          (issue) =>
            (state === 'all' || issue.state === state) && labels.every((label) => issue.labels.includes(label)),
        )
        return list(found.toReversed().map((issue) => this.issue(issue)))
      })
      .on(`POST ${HOME}/issues`, ({ body }) => {
        const { title, body: text, labels } = body as { title: string; body?: string; labels?: string[] }
        const issue = this.addIssue({ title, body: text ?? '', labels: labels ?? [] })
        return { status: 201, body: this.issue(issue) }
      })
      .on(`GET ${HOME}/issues/{issue_number}`, (request) => {
        const issue = this.issueOf(request)
        return issue ? { status: 200, body: this.issue(issue) } : NOT_FOUND
      })
      .on(`PATCH ${HOME}/issues/{issue_number}`, (request) => {
        const issue = this.issueOf(request)
        if (!issue) return NOT_FOUND
        const { state_reason: stateReason, ...rest } = request.body as Partial<StoredIssue> & {
          state_reason?: StoredIssue['stateReason']
        }
        Object.assign(issue, rest, stateReason === undefined ? {} : { stateReason })
        return { status: 200, body: this.issue(issue) }
      })
  }

  private readonly findComment = ({ params }: ApiRequest) => {
    for (const issue of this.issues) {
      const comment = issue.comments.find(({ id }) => id === Number(params.comment_id))
      if (comment) return { issue, comment }
    }
    return undefined
  }

  private serveComments(): void {
    const path = `${HOME}/issues/comments/{comment_id}`
    const find = this.findComment
    this.stub
      .on(`GET ${HOME}/issues/{issue_number}/comments`, (request) => {
        const issue = this.issueOf(request)
        return issue ? list(issue.comments.map((comment) => this.comment(issue, comment))) : NOT_FOUND
      })
      .on(`POST ${HOME}/issues/{issue_number}/comments`, (request) => {
        const issue = this.issueOf(request)
        if (!issue) return NOT_FOUND
        const comment = this.addComment(issue, { body: String(request.body.body) })
        return { status: 201, body: this.comment(issue, comment) }
      })
      .on(`GET ${path}`, (request) => {
        const found = find(request)
        return found ? { status: 200, body: this.comment(found.issue, found.comment) } : NOT_FOUND
      })
      .on(`PATCH ${path}`, (request) => {
        const found = find(request)
        if (!found) return NOT_FOUND
        found.comment.body = String(request.body.body)
        return { status: 200, body: this.comment(found.issue, found.comment) }
      })
      .on(`DELETE ${path}`, (request) => {
        const found = find(request)
        if (!found) return NOT_FOUND
        found.issue.comments.splice(found.issue.comments.indexOf(found.comment), 1)
        return { status: 204 }
      })
  }

  /** One reaction of a kind from each user: 201 to whoever set it, 200 to everybody after. */
  private serveReactions(): void {
    const path = `${HOME}/issues/comments/{comment_id}/reactions`
    this.stub
      .on(`POST ${path}`, (request) => {
        const found = this.findComment(request)
        if (!found) return NOT_FOUND
        const { reactions } = found.comment
        const content = String(request.body.content)
        const there = reactions.find((each) => each.author === this.stub.viewer && each.content === content)
        if (there) return { status: 200, body: this.reaction(there) }
        const createdAt = new Date().toISOString().replace(/\.\d+Z/, 'Z')
        const reaction = { id: this.next++, author: this.stub.viewer, content, createdAt }
        reactions.push(reaction)
        return { status: 201, body: this.reaction(reaction) }
      })
      .on(`GET ${path}`, (request) => {
        const found = this.findComment(request)
        const content = request.query.get('content')
        const matching = found?.comment.reactions.filter((each) => content === null || each.content === content)
        return matching ? list(matching.map((each) => this.reaction(each))) : NOT_FOUND
      })
      .on(`DELETE ${path}/{reaction_id}`, (request) => {
        const reactions = this.findComment(request)?.comment.reactions
        const at = reactions?.findIndex(({ id }) => id === Number(request.params.reaction_id)) ?? -1
        if (at === -1) return NOT_FOUND
        reactions!.splice(at, 1)
        return { status: 204 }
      })
  }

  private serveGraphql(): void {
    this.stub.on('POST /graphql', ({ body }) => {
      const { query, variables } = body as { query: string; variables?: { id?: string } }
      const comment = this.issues.flatMap(({ comments }) => comments).find(({ id }) => `IC_${id}` === variables?.id)
      if (query.includes('viewer')) return { status: 200, body: { data: { viewer: { login: this.stub.viewer } } } }
      if (!comment)
        return { status: 200, body: { data: null, errors: [{ type: 'NOT_FOUND', message: 'No such node' }] } }
      if (query.includes('unminimizeComment')) comment.minimized = null
      else if (query.includes('minimizeComment')) comment.minimized = 'OUTDATED'
      const node = {
        isMinimized: comment.minimized !== null,
        minimizedReason: comment.minimized?.toLowerCase() ?? null,
      }
      return { status: 200, body: { data: { node, minimizeComment: { minimizedComment: node } } } }
    })
  }

  private servePulls(): void {
    this.stub
      .on(`GET ${HOME}/commits/{commit_sha}/pulls`, ({ params }) =>
        list(
          this.pulls
            .filter(
              ({ sha, mergeCommit, repository }) =>
                // GitHub's list lacks the commits of forks.
                params.commit_sha === mergeCommit || (params.commit_sha === sha && repository === HERE),
            )
            .map((each) => this.pull(each)),
        ),
      )
      .on(`GET ${HOME}/pulls`, ({ query }) =>
        list(
          this.pulls
            .filter(
              ({ state, repository, ref }) =>
                state === (query.get('state') ?? 'open') &&
                (query.get('head') ?? `${repository.split('/')[0]}:${ref}`) === `${repository.split('/')[0]}:${ref}`,
            )
            .map((each) => this.pull(each)),
        ),
      )
  }

  private serveArtifacts(): void {
    this.stub
      .on(`GET ${HOME}/actions/runs/{run_id}/artifacts`, ({ params }) => {
        const example = description.example<{ artifacts: object[] }>(`GET ${HOME}/actions/runs/{run_id}/artifacts`, 200)
        const found = this.artifacts.filter(({ runId }) => runId === Number(params.run_id))
        const artifacts = found.map(({ id, name, zip }) => ({
          ...example.artifacts[0],
          id,
          name,
          size_in_bytes: zip.length,
          expired: false,
        }))
        return { status: 200, body: { total_count: artifacts.length, artifacts } }
      })
      .on(`GET ${HOME}/actions/artifacts/{artifact_id}/{archive_format}`, ({ params }) => ({
        status: 302,
        headers: { location: `${this.stub.url}/_storage/${params.artifact_id}` },
      }))
    this.stub.storage = (path) => this.artifacts.find(({ id }) => path === `/_storage/${id}`)?.zip
  }

  private pull({ number, state, sha, ref, repository, base, mergeCommit }: StoredPull) {
    const example = description.example<PullExample[]>(`GET ${HOME}/pulls`, 200)[0]!
    const repo = (name: string) => ({ ...example.base.repo, full_name: name })
    return {
      ...example,
      number,
      state,
      merge_commit_sha: mergeCommit,
      // The example's team lacks what the description demands.
      requested_teams: [],
      head: { ...example.head, sha, ref, repo: repo(repository) },
      base: { ...example.base, repo: repo(base) },
    }
  }

  private reaction({ id, author, content, createdAt }: StoredReaction) {
    return { id, node_id: `RE_${id}`, user: user(author), content, created_at: createdAt }
  }

  private deploymentOf = ({ params }: ApiRequest) =>
    this.deployments.find(({ id }) => id === Number(params.deployment_id))

  private issueOf = ({ params }: ApiRequest) => this.issues.find(({ number }) => number === Number(params.issue_number))

  private deployment({ id, request }: StoredDeployment) {
    return {
      ...description.example<object>(`POST ${HOME}/deployments`, 201),
      id,
      ref: request.ref,
      task: request.task ?? 'deploy',
      payload: request.payload ?? {},
      environment: request.environment ?? 'production',
      original_environment: request.environment ?? 'production',
      description: request.description ?? null,
      created_at: at(id),
      updated_at: at(id),
    }
  }

  private status(deployment: StoredDeployment, { id, request }: StoredDeployment['statuses'][number]) {
    return {
      ...description.example<object>(`POST ${HOME}/deployments/{deployment_id}/statuses`, 201),
      id,
      state: request.state,
      description: request.description ?? '',
      environment: deployment.request.environment ?? 'production',
      created_at: at(id),
      updated_at: at(id),
    }
  }

  private issue({ number, author, title, body, state, stateReason, labels, pullRequest, comments }: StoredIssue) {
    const { pull_request: link, ...example } = description.example<{ pull_request?: object }>(
      `POST ${HOME}/issues`,
      201,
    )
    const label = description.example<{ labels: object[] }>(`POST ${HOME}/issues`, 201).labels[0]
    return {
      ...example,
      ...(pullRequest && { pull_request: link }),
      id: number,
      number,
      title,
      body,
      state,
      state_reason: stateReason,
      user: user(author),
      labels: labels.map((name) => ({ ...label, name })),
      comments: comments.length,
    }
  }

  private comment(issue: StoredIssue, { id, author, body }: StoredComment) {
    return {
      ...description.example<object>(`POST ${HOME}/issues/{issue_number}/comments`, 201),
      id,
      node_id: `IC_${id}`,
      body,
      user: user(author),
      html_url: `https://github.com/acme/support/pull/${issue.number}#issuecomment-${id}`,
    }
  }
}

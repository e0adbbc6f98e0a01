import type { ApiHost } from '@agent-ci/github/octokit'
import { runIdentity } from '@agent-ci/github/run-identity'
import type { GithubStub } from './github-stub.ts'

export const ACTIONS = {
  GITHUB_ACTIONS: 'true',
  GITHUB_REPOSITORY: 'acme/support',
  GITHUB_RUN_ID: '7',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_ACTOR: 'mona',
  GITHUB_JOB: 'deploy',
  GITHUB_SHA: 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_EVENT_NAME: 'push',
} as const

export const RUN = runIdentity(ACTIONS)

/** A host whose waiting takes no time; it remembers what was waited for. */
export class TestApiHost implements ApiHost {
  readonly env: Record<string, string>
  readonly waits: number[] = []
  readonly warnings: string[] = []
  readonly controller = new AbortController()
  readonly signal = this.controller.signal
  readonly random = () => 0.5
  readonly date = () => new Date('2026-11-24T03:00:00Z')

  constructor(stub: GithubStub, env: Record<string, string> = {}) {
    this.env = { GITHUB_API_URL: stub.url, ...env }
  }

  readonly sleep = async (ms: number) => {
    this.waits.push(ms)
    this.signal.throwIfAborted()
  }

  readonly warn = (title: string, message: string) => {
    this.warnings.push(`${title}: ${message}`)
  }
}

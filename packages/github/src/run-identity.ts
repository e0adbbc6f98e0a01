import { hostname, userInfo } from 'node:os'

/** Which run this is, and who asked for it. */
export interface RunIdentity {
  readonly repository: string
  readonly runId: string
  readonly attempt: number
  readonly url: string | null
  readonly actor: string
}
type Environment = Readonly<Record<string, string | undefined>>
export function runIdentity(env: Environment): RunIdentity {
  const repository = env.GITHUB_REPOSITORY
  const runId = env.GITHUB_RUN_ID
  if (!repository || !runId)
    return { repository: 'local', runId: hostname(), attempt: 1, url: null, actor: env.USER ?? userInfo().username }
  const attempt = Number(env.GITHUB_RUN_ATTEMPT ?? '1')
  return {
    repository,
    runId,
    attempt,
    url: `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/actions/runs/${runId}`,
    actor: env.GITHUB_ACTOR ?? 'unknown',
  }
}

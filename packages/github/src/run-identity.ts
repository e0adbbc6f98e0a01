import { hostname, userInfo } from 'node:os'
import { type Untrusted, untrusted } from '@agent-ci/core/untrusted'

/** Who and where this run is. Outside Actions most of it is undefined. */
export interface RunIdentity {
  /** Whether this is a terminal, not a job of Actions. */
  readonly local: boolean
  /** The run, whatever its attempt: `<repository>/<run id>`, or `local/<user>@<host>`. */
  readonly run: string
  /** Who started it: a login, or `<user>@<host>`. */
  readonly actor: string
  /** `owner/name`. */
  readonly repository: string | undefined
  readonly runId: string | undefined
  /** From 1. */
  readonly attempt: number
  readonly job: string | undefined
  /** The page of this attempt. */
  readonly url: string | undefined
  readonly sha: string | undefined
  /** Whoever makes a branch names it. */
  readonly ref: Untrusted | undefined
  readonly eventName: string | undefined
}

export interface Machine {
  readonly user: string
  readonly host: string
}

function thisMachine(): Machine {
  try {
    return { user: userInfo().username, host: hostname() }
  } catch {
    // A container's user may have no name.
    return { user: `uid ${process.getuid?.() ?? 'unknown'}`, host: hostname() }
  }
}

/** Reads the variables that the runner sets (docs.github.com/actions/reference/workflows-and-actions/variables). */
export function runIdentity(
  env: Readonly<Record<string, string | undefined>>,
  machine: () => Machine = thisMachine,
): RunIdentity {
  const given = (name: string) => env[name] || undefined
  const repository = given('GITHUB_REPOSITORY')
  const runId = given('GITHUB_RUN_ID')
  const attempt = Math.max(1, Number.parseInt(given('GITHUB_RUN_ATTEMPT') ?? '1', 10) || 1)
  const server = (given('GITHUB_SERVER_URL') ?? 'https://github.com').replace(/\/+$/, '')
  const ref = given('GITHUB_REF')
  const local = repository === undefined || runId === undefined
  const { user, host } = local ? machine() : { user: '', host: '' }
  return {
    local,
    run: local ? `local/${user}@${host}` : `${repository}/${runId}`,
    actor: (local ? undefined : given('GITHUB_ACTOR')) ?? `${user}@${host}`,
    repository,
    runId,
    attempt,
    job: given('GITHUB_JOB'),
    url: local ? undefined : `${server}/${repository}/actions/runs/${runId}/attempts/${attempt}`,
    sha: given('GITHUB_SHA'),
    ref: ref === undefined ? undefined : untrusted(ref),
    eventName: given('GITHUB_EVENT_NAME'),
  }
}

/** `owner` and `repo` of a repository's name, as Octokit takes them. @throws Error for another form */
export function ownerOf(repository: string): { owner: string; repo: string } {
  const [owner, repo, more] = repository.split('/')
  if (!owner || !repo || more !== undefined) throw new Error(`Expected owner/name, got ${JSON.stringify(repository)}`)
  return { owner, repo }
}

import { spawn } from 'node:child_process'
import { ConfigurationError } from '@agent-ci/core/errors'

export interface GitDeps {
  /** A directory in the repository. */
  readonly cwd: string
  /** The parent's environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
  /** Longest time for one fetch; 5 minutes where not given. */
  readonly fetchTimeoutMs?: number
}

/** A command of git that failed: the world's fault, or one that the caller knows what to do about. */
export class GitError extends Error {
  readonly status: number | null
  readonly stderr: string

  constructor(args: readonly string[], status: number | null, stderr: string) {
    super(
      `git ${args[0]} failed${status === null ? '' : ` with status ${status}`}: ${stderr.trim() || 'it said nothing'}`,
    )
    this.name = 'GitError'
    this.status = status
    this.stderr = stderr
  }
}

/**
 * Settings over the repository's own: a fetch runs no hook, and leaves no cleaning up behind that goes on after it. What git reads
 * here needs no others: plumbing commands with `-z` run no filter, text conversion, external diff or file system monitor.
 */
const SETTINGS = ['core.hooksPath=/dev/null', 'gc.auto=0', 'maintenance.auto=false'].flatMap((setting) => [
  '-c',
  setting,
])

/** They would make git look at another repository than the one at `cwd`; a git hook that calls us has them set. */
const ELSEWHERE = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_COMMON_DIR',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
]

function environment(env: GitDeps['env']): NodeJS.ProcessEnv {
  const own = { ...env }
  for (const name of ELSEWHERE) delete own[name]
  return {
    ...own,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
  }
}

export interface RunOptions {
  readonly input?: string
  readonly timeoutMs?: number
  /** Exit statuses besides 0 that are answers. */
  readonly allow?: readonly number[]
}

export interface GitOutput {
  readonly status: number
  readonly stdout: Buffer
}

/** The last part of what a command said; it may say a lot. */
const MOST_STDERR = 4_000

/**
 * Runs git with arguments as they are, never through a shell.
 *
 * @throws {GitError} for a status that is no answer
 * @throws {ConfigurationError} where there is no git, no repository, or git refuses it
 */
export function runGit(deps: GitDeps, args: readonly string[], options: RunOptions = {}): Promise<GitOutput> {
  const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs)
  const signals = [deps.signal, timeout].filter((signal) => signal !== undefined)
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...SETTINGS, ...args], {
      cwd: deps.cwd,
      env: environment(deps.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: AbortSignal.any(signals),
      windowsHide: true,
    })
    const out: Buffer[] = []
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-MOST_STDERR)
    })
    child.stdin.on('error', () => {
      // git ended before it read everything; its status says why.
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      // A helper that git started outlives it and holds these; they would keep our process alive.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
      if (timeout?.aborted) {
        reject(new GitError(args, null, `no answer within ${options.timeoutMs! / 1_000} s`))
      } else if (error.code === 'ENOENT') {
        reject(noGit(deps.cwd))
      } else {
        reject(error)
      }
    })
    child.on('close', (status) => {
      if (status === 0 || (status !== null && options.allow?.includes(status))) {
        resolve({ status, stdout: Buffer.concat(out) })
      } else {
        reject(refusal(stderr, deps.cwd) ?? new GitError(args, status, stderr))
      }
    })
    child.stdin.end(options.input ?? '')
  })
}

const noGit = (cwd: string): ConfigurationError =>
  new ConfigurationError({
    what: `git could not be started in ${JSON.stringify(cwd)}`,
    why: 'The prompts of the base are read with git',
    mend: 'Install git in the image that the job runs in, before actions/checkout, and check the working directory',
  })

/** What git says where nothing of it would work. */
function refusal(stderr: string, cwd: string): ConfigurationError | undefined {
  if (/not a git repository/i.test(stderr)) {
    return new ConfigurationError({
      what: `${JSON.stringify(cwd)} is not in a git repository`,
      why: 'The prompts of the base are read with git',
      mend: 'Run actions/checkout before this step; in a container, git must be installed before the checkout',
    })
  }
  if (/dubious ownership/i.test(stderr)) {
    return new ConfigurationError({
      what: `git refuses the repository in ${JSON.stringify(cwd)}`,
      why: 'It belongs to another user than the one that runs this step',
      mend: 'Add a step before: git config --global --add safe.directory "$GITHUB_WORKSPACE"',
    })
  }
  return undefined
}

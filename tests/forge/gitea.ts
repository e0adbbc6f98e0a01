import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../cluster/ports.ts'
import { superviseProcesses } from '../cluster/processes.ts'
import { until } from '../cluster/until.ts'

/** A forge of its own whose API has GitHub's shapes; its module can be built without a browser's files. */
const VERSION = 'v1.25.2'
const MODULE = `code.gitea.io/gitea@${VERSION}`

/** The program and the files that it reads, built with Go once, into `$XDG_CACHE_HOME/agent-ci/gitea-<version>`. */
export function findOrBuildGitea(environment: NodeJS.ProcessEnv, log: (line: string) => void): string {
  const cache = join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'agent-ci', `gitea-${VERSION}`)
  if (existsSync(join(cache, 'gitea'))) return cache
  log(`building ${MODULE} from the Go module proxy, once, into ${cache}`)
  const start = performance.now()
  const { Dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', MODULE], { encoding: 'utf8' }))
  const unfinished = `${cache}.${process.pid}`
  try {
    // The module's directory is read-only, and its go.mod has replacements, which `go install` refuses.
    cpSync(Dir, join(unfinished, 'source'), { recursive: true })
    execFileSync('chmod', ['-R', 'u+w', unfinished])
    const args = ['build', '-tags', 'sqlite sqlite_unlock_notify', '-o', join(unfinished, 'gitea'), '.']
    execFileSync('go', args, { cwd: join(unfinished, 'source'), stdio: 'inherit' })
    for (const part of ['templates', 'options', 'public']) {
      mkdirSync(join(unfinished, 'static'), { recursive: true })
      renameSync(join(unfinished, 'source', part), join(unfinished, 'static', part))
    }
    rmSync(join(unfinished, 'source'), { recursive: true })
    renameSync(unfinished, cache)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  log(`built in ${Math.round((performance.now() - start) / 1000)} s`)
  return cache
}

const USER = 'ci'
export const REPOSITORY = `${USER}/support`

/** A running forge with one repository, which has one pull request. */
export interface Gitea {
  readonly url: string
  readonly apiUrl: string
  readonly token: string
  readonly pullRequest: { readonly number: number; readonly head: { readonly sha: string } }
  readonly api: <T>(method: string, path: string, body?: unknown) => Promise<T>
  stop(): Promise<void>
}

const settings = (url: string, port: number, staticRoot: string, directory: string) => `
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
RUN_USER = ${process.env.USER || 'root'}
[server]
ROOT_URL = ${url}
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
STATIC_ROOT_PATH = ${staticRoot}
OFFLINE_MODE = true
DISABLE_SSH = true
[database]
DB_TYPE = sqlite3
PATH = ${join(directory, 'gitea.db')}
[security]
INSTALL_LOCK = true
PASSWORD_HASH_ALGO = pbkdf2_v2
[service]
DISABLE_REGISTRATION = true
[indexer]
ISSUE_INDEXER_TYPE = db
[log]
LEVEL = Error
[cron]
ENABLED = false
`

export async function startGitea(built: string): Promise<Gitea> {
  const directory = mkdtempSync(join(tmpdir(), 'agent-ci-gitea-'))
  const [port] = await freePorts(1)
  const url = `http://127.0.0.1:${port}/`
  const config = join(directory, 'app.ini')
  writeFileSync(config, settings(url, port!, join(built, 'static'), directory))
  const program = join(built, 'gitea')
  const args = ['--config', config, '--work-path', directory]
  const run = (...command: string[]) => execFileSync(program, [...args, ...command], { encoding: 'utf8' }).trim()
  run('migrate')
  const account = ['--username', USER, '--password', 'not-a-secret-0', '--email', 'ci@localhost']
  run('admin', 'user', 'create', ...account, '--admin', '--must-change-password=false')
  // Warnings of the program come first.
  const token = run('admin', 'user', 'generate-access-token', '--username', USER, '--scopes', 'all', '--raw')
    .split('\n')
    .at(-1)!

  const processes = superviseProcesses(directory)
  processes.start('gitea', program, [...args, 'web'])
  const stop = async () => {
    await processes.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const headers = { authorization: `token ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}api/v1${path}`, { method, headers, body: body ? JSON.stringify(body) : null })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  try {
    const answers = () =>
      fetch(`${url}api/v1/version`).then(
        ({ ok }) => ok,
        () => false,
      )
    await Promise.race([until(answers, { what: 'the forge to answer' }), processes.failed])
    await api('POST', '/user/repos', { name: 'support', auto_init: true, default_branch: 'main' })
    const content = Buffer.from('You are kind.\n').toString('base64')
    const file = { content, branch: 'main', new_branch: 'kinder', message: 'Be kind' }
    await api('POST', `/repos/${REPOSITORY}/contents/prompts/support.md`, file)
    const pull = { title: 'Be kind', head: 'kinder', base: 'main' }
    const pullRequest = await api<Gitea['pullRequest']>('POST', `/repos/${REPOSITORY}/pulls`, pull)
    return { url, apiUrl: `${url}api/v1`, token, pullRequest, api, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

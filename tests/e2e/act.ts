import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePorts } from '../cluster/ports.ts'
import { findOrBuildAct } from './act-binary.ts'
import { startArtifactProxy } from './artifact-proxy.ts'
import type { Sample } from './sample.ts'
import type { LocalRepositories } from './suite.ts'

export interface ActRun {
  readonly sample: Sample
  readonly suite: LocalRepositories
  /** A file of the sample's `.github/workflows`. */
  readonly workflow: string
  readonly event: string
  /** What GitHub would tell of the event, beside the repository. */
  readonly payload: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly vars?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

export interface ActEnd {
  readonly status: number | null
  /** `success` or `failure` by the path of a job's names; a job that was skipped is not in it. */
  readonly jobs: Readonly<Record<string, string>>
  /** By `job id.step id.name`. */
  readonly outputs: Readonly<Record<string, string>>
  readonly log: string
  /** The archives that were uploaded, by name. */
  readonly artifacts: Readonly<Record<string, string>>
}

/** Waits for a run that must end well; throws its log where it does not. */
export async function succeeded(run: Promise<ActEnd>): Promise<ActEnd> {
  const end = await run
  if (end.status !== 0) throw new Error(end.log)
  return end
}

interface LogLine {
  readonly msg: string
  readonly job?: string
  readonly jobID?: string
  readonly jobResult?: string
  readonly raw_output?: boolean
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly stepID?: readonly string[]
}

/** Runs a workflow as GitHub would, on this machine: a workspace of its own for each job, one job at a time. */
export async function act({ sample, suite, ...run }: ActRun): Promise<ActEnd> {
  const directory = mkdtempSync(`${sample.directory}-run-`)
  const artifacts = join(directory, 'artifacts')
  mkdirSync(artifacts)
  const event = join(directory, 'event.json')
  const repository = { full_name: 'acme/support', default_branch: 'main', owner: { login: 'acme' }, name: 'support' }
  writeFileSync(event, JSON.stringify({ repository, ...run.payload }))
  const [port] = await freePorts(1)
  const proxy = await startArtifactProxy(port!)
  const pairs = (flag: string, values: Iterable<readonly [string, string]>) =>
    [...values].flatMap(([name, value]) => [flag, `${name}=${value}`])
  const flags = [
    ...['--workflows', join('.github/workflows', run.workflow), '--eventpath', event, '--json'],
    ...['ubuntu-latest', 'self-hosted', 'linux'].flatMap((label) => ['--platform', `${label}=-self-hosted`]),
    ...['--no-skip-checkout', '--concurrent-jobs', '1'],
    ...['--action-cache-path', join(directory, 'actions'), '--no-cache-server'],
    ...[
      '--artifact-server-path',
      artifacts,
      '--artifact-server-addr',
      '127.0.0.1',
      '--artifact-server-port',
      `${port}`,
    ],
    ...pairs('--env', Object.entries({ SAMPLE_REPOSITORY: sample.directory, ...run.env })),
    ...pairs('--secret', Object.entries(run.secrets ?? {})),
    ...pairs('--var', Object.entries(run.vars ?? {})),
    ...pairs('--local-repository', suite),
  ]
  try {
    const child = spawn(findOrBuildAct(process.env, console.error), [run.event, ...flags], {
      cwd: sample.directory,
      env: { PATH: process.env.PATH, HOME: directory, ACTIONS_RUNTIME_URL: proxy.url },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 220_000,
    })
    const [out, problems] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    const lines = out
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine)
    return {
      status: child.exitCode,
      jobs: Object.fromEntries(
        lines.flatMap(({ job, jobResult }) => (job && jobResult ? [[job.trim(), jobResult]] : [])),
      ),
      outputs: Object.fromEntries(
        lines.flatMap(({ command, jobID, stepID, name, arg }) =>
          command === 'set-output' ? [[`${jobID}.${stepID?.join('.')}.${name}`, arg ?? '']] : [],
        ),
      ),
      log: [...lines.map(({ jobID, msg }) => `[${jobID ?? ''}] ${msg.trimEnd()}`), problems].join('\n'),
      artifacts: Object.fromEntries(
        globSync('*/*/*.zip', { cwd: artifacts }).map((path) => [basename(path, '.zip'), join(artifacts, path)]),
      ),
    }
  } finally {
    proxy.server.close()
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')

export interface ActionEnd {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly log: string
}

export interface ActionRun {
  readonly action: 'canary-deploy' | 'rollback'
  readonly directory: string
  readonly kubeconfig: string
  readonly namespace: string
  readonly inputs?: Readonly<Record<string, string>>
  /** A later attempt of the same run takes the lock of an earlier one at once. */
  readonly attempt?: number
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a bundled action as the runner does, against the API server of a kubeconfig. */
export function startAction(run: ActionRun): { readonly process: ChildProcess; readonly ended: Promise<ActionEnd> } {
  const temp = mkdtempSync(join(tmpdir(), 'agent-ci-action-'))
  const kubeconfig = join(temp, 'kubeconfig')
  writeFileSync(kubeconfig, run.kubeconfig)
  const inputs = { namespace: run.namespace, 'api-timeout': '2s', timeout: '30s', ...run.inputs }
  const child = spawn(process.execPath, [join(ROOT, 'dist', run.action, 'index.js')], {
    cwd: run.directory,
    env: {
      PATH: process.env.PATH,
      HOME: temp,
      KUBECONFIG: kubeconfig,
      GITHUB_REPOSITORY: 'org/agent',
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: String(run.attempt ?? 1),
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...run.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text))
  const ended = new Promise<ActionEnd>((done, fail) => {
    child.on('error', fail)
    child.on('close', (status, signal) => {
      rmSync(temp, { recursive: true, force: true })
      done({ status, signal, log })
    })
  })
  return { process: child, ended }
}

export const runAction = (run: ActionRun): Promise<ActionEnd> => startAction(run).ended

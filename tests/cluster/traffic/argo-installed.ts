import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ControlPlane } from '../control-plane.ts'
import { moduleDirectory } from '../crds.ts'
import { freePorts } from '../ports.ts'
import { until } from '../until.ts'

/** The controller of the module that its resource definitions are from, built once for it, with that module's own go.mod and go.sum. */
function controllerProgram(): string {
  const module = moduleDirectory('argo-rollouts')
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const key = createHash('sha256').update(module.split('/').at(-1)!).digest('hex').slice(0, 16)
  const program = join(caches, 'agent-ci', 'argo-rollouts', key, 'rollouts-controller')
  if (existsSync(program)) return program
  mkdirSync(join(program, '..'), { recursive: true })
  // Renamed when complete: two builds at once leave nothing half-written behind.
  const unfinished = `${program}.${process.pid}`
  const flags = ['-trimpath', '-mod=readonly', '-buildvcs=false', '-ldflags=-s -w']
  execFileSync('go', ['build', ...flags, '-o', unfinished, './cmd/rollouts-controller'], {
    cwd: module,
    stdio: 'inherit',
  })
  renameSync(unfinished, program)
  return program
}

/** The Argo Rollouts controller itself, at work in one namespace. */
export class InstalledArgo {
  readonly #child: ChildProcess
  readonly #directory: string
  #log = ''

  private constructor(child: ChildProcess, directory: string) {
    this.#child = child
    this.#directory = directory
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#log = `${this.#log}${text}`.slice(-20_000)
      })
  }

  static async start(plane: ControlPlane, namespace: string): Promise<InstalledArgo> {
    const directory = mkdtempSync(join(tmpdir(), 'agent-ci-argo-'))
    const kubeconfig = join(directory, 'kubeconfig')
    writeFileSync(kubeconfig, plane.kubeconfig, { mode: 0o600 })
    const [metrics, health] = await freePorts(2)
    const args = [
      `--kubeconfig=${kubeconfig}`,
      '--namespaced',
      `--namespace=${namespace}`,
      '--leader-elect=false',
      `--metricsPort=${metrics}`,
      `--healthzPort=${health}`,
      '--qps=200',
      '--burst=400',
    ]
    const argo = new InstalledArgo(spawn(controllerProgram(), args, { stdio: ['ignore', 'pipe', 'pipe'] }), directory)
    await until(() => argo.#log.includes('Started controller') || argo.#log.includes('Started rollout workers'), {
      what: 'the Argo Rollouts controller to start',
      timeoutMs: 15_000,
    }).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${argo.#log.slice(-2_000)}`)
    })
    return argo
  }

  /** The end of what it logged. */
  get log(): string {
    return this.#log
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL')
      await gone
    }
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

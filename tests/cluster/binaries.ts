import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The programs of the control plane, and the package of tests/cluster/go.mod that each is built from. */
const PACKAGES = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  kwok: 'sigs.k8s.io/kwok/cmd/kwok',
} as const

type Program = keyof typeof PACKAGES

/** Where each program is. */
export type Binaries = Readonly<Record<Program, string>>

/** The programs can neither be found nor built here; the message says what is missing and what to do. */
export class NoBinariesError extends Error {}

const PROGRAMS = Object.keys(PACKAGES) as readonly Program[]
const MODULE = import.meta.dirname

/**
 * The programs: those in `KUBEBUILDER_ASSETS`, the others built with Go, once for each content of go.mod and go.sum,
 * into `$XDG_CACHE_HOME/agent-ci/cluster`. `log` is told what is built and how long it took.
 */
export function findOrBuildBinaries(environment: NodeJS.ProcessEnv, log: (line: string) => void): Binaries {
  const assets = environment.KUBEBUILDER_ASSETS
  const given = PROGRAMS.filter((program) => assets !== undefined && existsSync(join(assets, program)))
  const cache = cacheDirectory(environment)
  const missing = PROGRAMS.filter((program) => !given.includes(program) && !existsSync(join(cache, program)))
  if (missing.length > 0) build(missing, cache, log)
  const directory = (program: Program) => (given.includes(program) ? assets! : cache)
  return Object.fromEntries(PROGRAMS.map((program) => [program, join(directory(program), program)])) as Binaries
}

function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  const digest = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) digest.update(readFileSync(join(MODULE, file)))
  const caches = environment.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(caches, 'agent-ci', 'cluster', digest.digest('hex').slice(0, 16))
}

function build(programs: readonly Program[], cache: string, log: (line: string) => void): void {
  if (spawnSync('go', ['version']).status !== 0) {
    throw new NoBinariesError(
      `No Go here to build ${programs.join(', ')} with: install Go, or set KUBEBUILDER_ASSETS to a directory that has them`,
    )
  }
  // Renamed when complete: an interrupted build, or two at once, leave nothing half-written behind.
  const unfinished = `${cache}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  log(`building ${programs.join(', ')} from the Go module proxy, once, into ${cache}`)
  const start = performance.now()
  try {
    const packages = programs.map((program) => PACKAGES[program])
    const flags = ['-trimpath', '-mod=readonly', '-buildvcs=false', `-ldflags=${linkerFlags()}`]
    execFileSync('go', ['build', ...flags, '-o', `${unfinished}/`, ...packages], { cwd: MODULE, stdio: 'inherit' })
    mkdirSync(cache, { recursive: true })
    // The package's path names the executable: etcd's ends in `server`.
    for (const program of programs) {
      const built = program === 'etcd' ? 'server' : program
      renameSync(join(unfinished, built), join(cache, program))
    }
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  log(`built in ${Math.round((performance.now() - start) / 1000)} s`)
}

/** Smaller programs that know their version: the API server and kubectl tell it to each other. */
function linkerFlags(): string {
  const [, version, major, minor] = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(
    readFileSync(join(MODULE, 'go.mod'), 'utf8'),
  )!
  const variables = { gitVersion: version, gitMajor: major, gitMinor: minor }
  const settings = Object.entries(variables).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  return ['-s', '-w', ...settings].join(' ')
}

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Pair } from '../fixtures/promptfoo/pairs.ts'
import type { Verdict } from './ours.ts'

/** The release that the verdicts in tests/fixtures/promptfoo were recorded with. */
export const PINNED = '0.123.1'
const LIBRARIES = ['node-sql-parser@5.4.0', 'natural@8.1.1']

/** Where promptfoo is installed: outside the tree, in the user's cache. */
export function peerDirectory(environment: NodeJS.ProcessEnv): string {
  const caches = environment.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(caches, 'agent-ci', 'promptfoo', PINNED)
}

/** Installs promptfoo where it is not yet. */
export function installPeer(environment: NodeJS.ProcessEnv, log: (line: string) => void): string {
  const directory = peerDirectory(environment)
  if (existsSync(directory)) return directory
  const unfinished = `${directory}.${process.pid}`
  log(`installing promptfoo ${PINNED}, once, into ${directory}`)
  mkdirSync(unfinished, { recursive: true })
  try {
    writeFileSync(join(unfinished, 'package.json'), '{"private": true}\n')
    const args = [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--save-exact',
      `promptfoo@${PINNED}`,
      ...LIBRARIES,
    ]
    execFileSync('npm', args, { cwd: unfinished, stdio: ['ignore', 'ignore', 'inherit'] })
    renameSync(unfinished, directory)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return directory
}

/** Nothing of the caller's environment, so that no key and no setting of promptfoo's plays a part. */
function environmentOf(directory: string): NodeJS.ProcessEnv {
  const home = join(directory, 'home')
  mkdirSync(home, { recursive: true })
  return {
    PATH: process.env.PATH,
    HOME: home,
    PROMPTFOO_CONFIG_DIR: home,
    PROMPTFOO_DISABLE_TELEMETRY: '1',
    PROMPTFOO_DISABLE_UPDATE: '1',
    PROMPTFOO_PYTHON: process.env.PROMPTFOO_PYTHON ?? 'python3',
    LOG_LEVEL: 'none',
  }
}

/** What promptfoo says of each pair. */
export function judgeByPeer(directory: string, pairs: readonly Pair[]): Verdict[] {
  const peer = join(import.meta.dirname, 'peer.mjs')
  const output = execFileSync(process.execPath, [peer, directory], {
    input: JSON.stringify(pairs),
    env: environmentOf(directory),
    cwd: directory,
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return JSON.parse(output.toString('utf8')) as Verdict[]
}

/** One result of promptfoo: what the provider answered, and how it was judged. */
export interface PeerResult {
  readonly output: string
  readonly passed: boolean
  readonly score: number
  readonly named: Readonly<Record<string, number>>
}

interface RawResult {
  readonly testIdx: number
  readonly promptIdx: number
  readonly success: boolean
  readonly score: number
  readonly namedScores: Readonly<Record<string, number>>
  readonly response?: { readonly output: unknown }
  readonly vars: unknown
  readonly prompt: { readonly raw: string }
}

/** What promptfoo's command line makes of a configuration with its files. */
export function evaluateByPeer(directory: string, files: Readonly<Record<string, string>>): PeerResult[] {
  const suite = mkdtempSync(join(tmpdir(), 'promptfoo-suite-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(suite, name)), { recursive: true })
      writeFileSync(join(suite, name), text)
    }
    const program = join(directory, 'node_modules/promptfoo/dist/src/main.js')
    const flags = ['--no-cache', '--no-write', '--no-progress-bar', '--no-table', '--output', 'results.json']
    spawnSync(process.execPath, [program, 'eval', '--config', 'promptfooconfig.yaml', ...flags], {
      cwd: suite,
      env: environmentOf(directory),
      stdio: 'ignore',
    })
    const { results } = JSON.parse(readFileSync(join(suite, 'results.json'), 'utf8')) as {
      readonly results: { readonly results: readonly RawResult[] }
    }
    return results.results
      .toSorted((a, b) => a.testIdx - b.testIdx || a.promptIdx - b.promptIdx)
      .map(({ prompt, success, score, namedScores }) => ({
        output: prompt.raw,
        passed: success,
        score,
        named: namedScores,
      }))
  } finally {
    rmSync(suite, { recursive: true, force: true })
  }
}

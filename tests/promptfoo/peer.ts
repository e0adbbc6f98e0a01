import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Pair } from '../fixtures/promptfoo/pairs.ts'
import type { Verdict } from './ours.ts'

/** The release that the verdicts in tests/fixtures/promptfoo were recorded with. */
export const PINNED = '0.123.1'
const LIBRARIES = ['node-sql-parser@5.4.0', 'natural@8.1.1']

/** Where promptfoo is installed: once, outside the tree, in the user's cache. */
export function installPeer(environment: NodeJS.ProcessEnv, log: (line: string) => void): string {
  const caches = environment.XDG_CACHE_HOME || join(homedir(), '.cache')
  const directory = join(caches, 'agent-ci', 'promptfoo', PINNED)
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

/** What promptfoo says of each pair. */
export function judgeByPeer(directory: string, pairs: readonly Pair[]): Verdict[] {
  const home = join(directory, 'home')
  mkdirSync(home, { recursive: true })
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    PROMPTFOO_CONFIG_DIR: home,
    PROMPTFOO_DISABLE_TELEMETRY: '1',
    PROMPTFOO_DISABLE_UPDATE: '1',
    PROMPTFOO_PYTHON: process.env.PROMPTFOO_PYTHON ?? 'python3',
    LOG_LEVEL: 'none',
  }
  const peer = join(import.meta.dirname, 'peer.mjs')
  const output = execFileSync(process.execPath, [peer, directory], {
    input: JSON.stringify(pairs),
    env,
    cwd: directory,
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  return JSON.parse(output.toString('utf8')) as Verdict[]
}

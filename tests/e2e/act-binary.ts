import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const VERSION = 'v0.2.89'

/** There is no Go to build act with; the message says what to do. */
export class NoActError extends Error {}

/** act (github.com/nektos/act), built with Go once into the cache of this machine. */
export function findOrBuildAct(environment: NodeJS.ProcessEnv, log: (line: string) => void): string {
  const directory = join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'agent-ci', `act-${VERSION}`)
  const act = join(directory, 'act')
  if (existsSync(act)) return act
  if (spawnSync('go', ['version']).status !== 0) throw new NoActError('No Go here to build act with: install Go')
  log(`building act ${VERSION} from the Go module proxy, once, into ${directory}`)
  execFileSync('go', ['install', '-trimpath', `github.com/nektos/act@${VERSION}`], {
    env: { ...environment, GOBIN: directory },
    stdio: 'inherit',
  })
  return act
}

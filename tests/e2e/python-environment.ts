import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/**
 * The variables of a Python environment for a run. Jobs on one machine share it, where on GitHub each has its own; what a workflow installs
 * there is kept for the next time.
 */
export function pythonEnvironment(): Readonly<Record<string, string>> {
  const directory = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'agent-ci', 'e2e-python')
  if (!existsSync(join(directory, 'bin/pip'))) execFileSync('python3', ['-m', 'venv', directory])
  return { VIRTUAL_ENV: directory, PATH: [join(directory, 'bin'), process.env.PATH].join(delimiter) }
}

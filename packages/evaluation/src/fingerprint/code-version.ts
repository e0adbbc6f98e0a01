import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { digestOf } from '@agent-ci/core/json'

const run = promisify(execFile)

function insideRepository(directory: string): boolean {
  if (existsSync(join(directory, '.git'))) return true
  const parent = dirname(directory)
  return parent !== directory && insideRepository(parent)
}

/**
 * The commit that a directory is at, with the digest of uncommitted changes to tracked files behind a `+`; null outside a git
 * repository or where git does not answer.
 */
export async function codeVersion(directory: string): Promise<string | null> {
  if (!insideRepository(directory)) return null
  const git = async (...args: string[]) => (await run('git', args, { cwd: directory, maxBuffer: 64 << 20 })).stdout
  try {
    const [commit, changes] = await Promise.all([
      git('rev-parse', 'HEAD'),
      git('diff', 'HEAD', '--no-ext-diff', '--no-textconv', '--binary'),
    ])
    return changes === '' ? commit.trim() : `${commit.trim()}+${digestOf(changes).slice(7, 19)}`
  } catch {
    return null
  }
}

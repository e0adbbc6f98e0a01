import { readFile } from 'node:fs/promises'
import { posix, relative, resolve, sep } from 'node:path'
import { DEFAULT_CONFIG_FILE } from '@agent-ci/core/config/find'
import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { fileAt } from '@agent-ci/prompts/changes/file-at'
import { shortId } from '@agent-ci/prompts/git/git'
import type { Change } from './change.ts'

/** Reads the text of a configuration; what is not there is ENOENT. */
export type ReadConfig = (file: string) => Promise<string>

const onDisk: ReadConfig = (file) => readFile(file, 'utf8')

/**
 * How the configuration is read. A proposed change must not lower the bar that it is measured by: thresholds, scorers, the judge's rubric
 * and everything else in the file come from the newest commit of its base branch. Only where that has no such file, a pull request
 * of the same repository brings its own; a stranger's has none.
 */
export async function trustedConfig({ proposer, git, prefix, prompts }: Change, host: Host): Promise<ReadConfig> {
  const { baseTip } = prompts
  if (proposer === 'trusted' || baseTip === null) return onDisk
  const file = host.input('config') || DEFAULT_CONFIG_FILE
  const path = posix.join(prefix, relative(host.cwd, resolve(host.cwd, file)).replaceAll(sep, '/'))
  // Outside the repository the pull request cannot have changed it.
  if (path === '..' || path.startsWith('../')) return onDisk
  const [ofBase, ofHead] = await Promise.all([
    fileAt(git, baseTip, path),
    onDisk(resolve(host.cwd, file)).catch(() => undefined),
  ])
  const name = forLog(path, 300)
  if (ofBase !== undefined) {
    host.info(
      ofBase === ofHead
        ? `Configuration: ${name} of the base branch (${shortId(baseTip)}), which the pull request leaves as it is`
        : `Configuration: ${name} of the base branch (${shortId(baseTip)}). The pull request changes it, and that is ignored until it is merged: thresholds, scorers and rubrics are not the pull request's to set`,
    )
    return async () => ofBase
  }
  if (proposer === 'repository') {
    if (ofHead !== undefined) host.info(`Configuration: ${name} of the pull request; the base branch has none`)
    return onDisk
  }
  if (ofHead !== undefined)
    host.info(`Configuration: none. ${name} of the pull request is ignored, for it comes from a fork or may do so`)
  return async () => {
    throw Object.assign(new Error(`the base branch has no ${name}, and that of a fork is not used`), { code: 'ENOENT' })
  }
}

import { readFile } from 'node:fs/promises'
import { type FoundConfig, findConfig } from '@agent-ci/core/config/find'
import type { Host } from '@agent-ci/core/host'
import type { HistorySetting } from '@agent-ci/github/history/open-history'

/** Where there is no branch to write to: on a terminal. */
const DIRECTORY = 'dir:agent-ci-history'

/** The configuration that a host's input names. */
export const configOf = (host: Pick<Host, 'input' | 'cwd'>): Promise<FoundConfig> =>
  findConfig(host.input('config'), host.cwd, (file) => readFile(file, 'utf8'))

/** Where the nights are kept: the input, else the configuration, else the usual branch, or a directory where there is none to write to. */
export function historySetting(
  { located, baseDir }: FoundConfig,
  token: string,
  { input, env, cwd }: Pick<Host, 'input' | 'env' | 'cwd'>,
): HistorySetting {
  const given = input('history').trim()
  const configured = located?.config.nightly?.history
  return {
    history: given || (configured ?? (token && env.GITHUB_REPOSITORY ? '' : DIRECTORY)),
    token,
    baseDir: given === '' && configured !== undefined ? baseDir : cwd,
  }
}

import { resolve } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { History } from '@agent-ci/core/nightly/history'
import { forLog } from '@agent-ci/core/untrusted'
import type { ApiHost } from '../octokit.ts'
import { BranchHistory } from './branch-history.ts'
import { DirectoryHistory } from './directory-history.ts'

export const DEFAULT_HISTORY = 'branch:agent-ci-data'

export interface HistorySetting {
  /** `dir:<path>`, `branch:<name>`; empty: the usual branch. */
  readonly history: string
  /** For a branch. */
  readonly token: string
  /** Where relative paths start. */
  readonly baseDir: string
}

/** What git allows in a branch's name, as far as anybody needs it (git-check-ref-format). */
const BRANCH = /^(?!.*(?:\.\.|\/\/|@\{|\.lock(?:\/|$)))[A-Za-z0-9_][\w./+@-]*(?<![./])$/

/** The history that a setting names. Nothing is read yet. @throws ConfigurationError for what cannot be one */
export function openHistory({ history, token, baseDir }: HistorySetting, host: ApiHost): History {
  const setting = history || DEFAULT_HISTORY
  const [, kind, name = ''] = /^(dir|branch):(.+)$/.exec(setting) ?? []
  if (kind === 'dir') return new DirectoryHistory(resolve(baseDir, name))
  if (kind !== 'branch' || !BRANCH.test(name)) {
    throw new ConfigurationError({
      what: `history is "${forLog(setting, 200)}"`,
      why: 'Expected branch:<name>, a branch for data alone, or dir:<path>',
      mend: `Write for example history: ${DEFAULT_HISTORY}`,
    })
  }
  const repository = host.env.GITHUB_REPOSITORY
  if (!repository || token === '') {
    throw new ConfigurationError({
      what: `history is ${setting}, and ${repository ? 'there is no token' : 'GITHUB_REPOSITORY is not set'}`,
      why: "A branch is read and written by GitHub's API",
      mend: repository
        ? 'Give github-token, or set GITHUB_TOKEN; its job needs `permissions: contents: write`'
        : 'Set GITHUB_REPOSITORY to owner/name, or keep the history in a directory: history: dir:.agent-ci/history',
    })
  }
  return new BranchHistory({ branch: name, repository, token }, host)
}

import { readFile } from 'node:fs/promises'
import { ConfigurationError, formatProblem, messageOf } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { parseList } from '@agent-ci/core/quantities'
import { forLog } from '@agent-ci/core/untrusted'
import { detectChanges } from '@agent-ci/prompts/changes/detect'
import { type ChangeEvent, changeEventFrom } from '@agent-ci/prompts/changes/event'
import type { PromptChanges } from '@agent-ci/prompts/changes/prompt-changes'
import type { Git } from '@agent-ci/prompts/git/git'
import { gitBinary } from '@agent-ci/prompts/git/git-binary'

/**
 * Whose change it is. `trusted` is in the repository already, or on our own machine; `repository` is proposed by somebody who may write
 * to it; `stranger` by anybody. An event that does not say (workflow_run, issue_comment) may be about a fork's pull request.
 */
export type Proposer = 'trusted' | 'repository' | 'stranger'

/** What a run is about: whose change, and what it changed of the prompts. */
export interface Change {
  readonly proposer: Proposer
  readonly git: Git
  /** The workspace in the repository; empty at its root. */
  readonly prefix: string
  readonly prompts: PromptChanges
}

const isTerminal = (event: ChangeEvent): boolean => event.kind === 'other' && event.name === ''

function proposerOf(event: ChangeEvent): Proposer {
  if (event.kind === 'pull-request') return event.fromFork ? 'stranger' : 'repository'
  return event.kind === 'other' && !isTerminal(event) ? 'stranger' : 'trusted'
}

/** Where a terminal's branch is likely to have begun. */
const USUAL_BASES = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']

async function readEvent({ env }: Host): Promise<ChangeEvent> {
  const { GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path } = env
  if (!name || !path) return { kind: 'other', name: '' }
  let payload: unknown
  try {
    payload = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new ConfigurationError({
      what: `The event's payload cannot be read: ${messageOf(error)}`,
      why: 'It says which commits to compare',
      mend: 'Give the GITHUB_EVENT_NAME and the GITHUB_EVENT_PATH of the same run, or set base-ref and leave both out',
    })
  }
  return changeEventFrom(name, payload)
}

async function usualBase(git: Git): Promise<string | undefined> {
  for (const ref of USUAL_BASES) if ((await git.commit(ref)) !== undefined) return ref
  return undefined
}

/** Finds out which prompts the event changed. No file of the workspace is read for it. */
export async function detectChange(host: Host): Promise<Change> {
  const event = await readEvent(host)
  const git = gitBinary({ cwd: host.cwd, env: host.env, signal: host.signal })
  const given = host.input('base-ref').trim()
  const baseRef = given || (isTerminal(event) ? await usualBase(git) : undefined)
  const options = {
    globs: parseList(host.input('prompts')),
    ...(baseRef !== undefined && { baseRef }),
    info: host.info,
  }
  const prompts = await detectChanges(event, options, git)
  for (const { path, reason } of prompts.ignored)
    host.info(`Not a prompt: ${forLog(path, 300)} (${forLog(reason, 300)})`)
  for (const problem of prompts.warnings) host.warn('Prompts', forLog(formatProblem(problem)))
  return { proposer: proposerOf(event), git, prefix: await git.prefix(), prompts }
}

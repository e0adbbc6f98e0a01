import { type DetectOptions, detectChanges } from '@agent-ci/prompts/changes/detect'
import { type ChangeEvent, changeEventFrom } from '@agent-ci/prompts/changes/event'
import type { PromptChanges } from '@agent-ci/prompts/changes/prompt-changes'
import type { Repository, World } from './repository.ts'

export const detect = (repository: Repository, event: ChangeEvent, options: DetectOptions = {}, subfolder = '') =>
  detectChanges(event, options, repository.git(subfolder))

/** The changes of a pull request of the branch `feature`, as a full clone sees them. */
export async function detectPullRequest(
  world: World,
  options: DetectOptions = {},
  subfolder = '',
): Promise<PromptChanges> {
  world.push('--force')
  const { event } = world.pullRequest('feature')
  return detect(world.checkout('refs/pull/7/merge', 0), changeEventFrom('pull_request', event), options, subfolder)
}

export const kinds = ({ changes }: PromptChanges) => changes.map(({ kind, path }) => [kind, path])

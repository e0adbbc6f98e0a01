import { relative, resolve } from 'node:path'
import type { EvalSettings } from '@agent-ci/action-eval-gate/settings'
import { findConfig } from '@agent-ci/core/config/find'
import { parseAgent } from '@agent-ci/evaluation/agents/parse'
import { fileAt } from '@agent-ci/prompts/changes/file-at'
import type { ObjectId } from '@agent-ci/prompts/git/git'
import { inRepository, type PromptPlaces } from './prompt-sets.ts'

/**
 * The agent as the configuration of a commit describes it. One that an input of today describes is the same in both arms, and so is
 * one whose configuration the commit does not have.
 */
export async function agentAt(
  commit: ObjectId,
  evaluation: Pick<EvalSettings, 'agent' | 'config'>,
  byInput: boolean,
  places: PromptPlaces,
): Promise<EvalSettings['agent']> {
  const { cwd } = places.host
  if (byInput || evaluation.config === null) return evaluation.agent
  const path = inRepository(resolve(cwd, evaluation.config), places)
  const text = path.startsWith('../') ? undefined : await fileAt(places.git, commit, path)
  if (text === undefined) return evaluation.agent
  const file = relative(cwd, resolve(cwd, evaluation.config))
  const { located } = await findConfig(file, cwd, async () => text)
  const agent = located?.config.agent
  if (agent === undefined) return evaluation.agent
  return typeof agent === 'string' ? parseAgent(agent, { name: 'agent', source: located!.sourceOf(['agent']) }) : agent
}

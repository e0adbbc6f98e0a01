import { readFile } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import type { AgentConfig } from '@agent-ci/core/config/agents'
import { ConfigurationError, messageOf } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { digestOf } from '@agent-ci/core/json'
import { promptDigests } from '@agent-ci/core/prompt-files'
import type { Evaluated, Receipt } from '@agent-ci/core/receipt'
import { codeState, repositoryRoot } from '@agent-ci/evaluation/fingerprint/code-version'
import type { EvalSettings } from './settings.ts'

/** What is known of the evaluated release before the first call. */
export type EvaluatedParts = Omit<Evaluated, 'model'>

type PartSettings = Pick<EvalSettings, 'agent' | 'agentConfig' | 'baseDir' | 'image' | 'prompts'>

async function readConfig(file: string, root: string): Promise<Evaluated['config']> {
  const path = relative(root, file).replaceAll(sep, '/')
  try {
    return { path, digest: digestOf(await readFile(file)) }
  } catch (error) {
    throw new ConfigurationError({
      what: `agent-config is ${JSON.stringify(path)}`,
      why: `The file cannot be read: ${messageOf(error)}`,
      mend: 'Write the path of the configuration that the agent runs with, for example config/production.yaml',
    })
  }
}

/** By their paths from where the globs start, as a release has them. */
async function readPrompts({ agent, baseDir, prompts }: PartSettings): Promise<Evaluated['prompts']> {
  const { readPromptFiles } = await import('@agent-ci/prompts/files/working-tree')
  const files = await readPromptFiles(prompts.globs, { directory: prompts.directory, root: prompts.directory })
  const system = agent.type === 'anthropic' && agent.system?.startsWith('file:') ? agent.system.slice(5).trim() : ''
  const path = relative(prompts.directory, resolve(baseDir, system)).replaceAll(sep, '/')
  if (system === '' || files.some((file) => file.path === path)) return promptDigests(files)
  return promptDigests([...files, { path, bytes: await readFile(resolve(baseDir, system)) }])
}

const HERE = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|host\.docker\.internal)$/

const isElsewhere = (agent: AgentConfig): boolean => agent.type === 'http' && !HERE.test(new URL(agent.url).hostname)

/**
 * Reads code, configuration and prompts as they are evaluated: as they lie on the disk now.
 *
 * @throws {ConfigurationError} for a configuration that cannot be read, and for prompts outside the repository
 */
export async function readEvaluatedParts(settings: PartSettings, cwd: string): Promise<EvaluatedParts> {
  const root = repositoryRoot(settings.baseDir) ?? cwd
  const [code, config, prompts] = await Promise.all([
    codeState(settings.baseDir),
    settings.agentConfig === undefined ? null : readConfig(settings.agentConfig, root),
    readPrompts(settings),
  ])
  return {
    code: code?.version ?? null,
    tree: code?.tree ?? null,
    image: settings.image ?? null,
    config,
    prompts,
    agentElsewhere: isElsewhere(settings.agent),
  }
}

/** The workflow run that an environment tells of; null outside of one. */
export function workflowRun(env: Host['env']): Receipt['run'] {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env
  if (!server || !repository || !id) return null
  return {
    repository,
    id,
    attempt: env.GITHUB_RUN_ATTEMPT || '1',
    url: `${server}/${repository}/actions/runs/${id}`,
    sha: env.GITHUB_SHA || null,
  }
}

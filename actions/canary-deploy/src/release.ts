import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { parseDeployedAgentConfig } from '@agent-ci/core/config/deployed-agent'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { forLog } from '@agent-ci/core/untrusted'
import { type BuiltRelease, buildRelease } from '@agent-ci/delivery/releases/build-release'
import type { ReleasedPrompt } from '@agent-ci/delivery/releases/inputs'
import { readManifestFiles } from '@agent-ci/delivery/releases/manifest-files'
import type { Place } from '@agent-ci/delivery/settings'
import { promptsToDeploy } from '@agent-ci/prompts/deployed'
import type { ReleaseSettings } from './settings.ts'

/** The configuration and the prompts that travel in a release; what the user should know of them is said. */
export async function releaseFiles(settings: ReleaseSettings, host: Host) {
  const named = (path: string) => relative(host.cwd, path) || path
  const agentConfig = settings.agentConfig === undefined ? undefined : await read(settings.agentConfig, named)
  const parsed =
    agentConfig && (await parseDeployedAgentConfig(new TextDecoder().decode(agentConfig.bytes), agentConfig.path))
  const { globs, directory } = settings.prompts
  if (globs.length === 0) return { agentConfig, prompts: [] }
  const { prompts, unknownVersions } = await promptsToDeploy(directory, globs, parsed?.value.prompts)
  if (prompts.length === 0)
    throw new ConfigurationError({
      what: `prompts is ${JSON.stringify(globs.join(', '))}, and no file matches it`,
      why: 'The release would go without its prompts, unnoticed',
      mend: 'Write globs relative to the working directory, for example prompts/**',
    })
  for (const version of unknownVersions) {
    const asks = `${agentConfig?.path ?? 'agent-config'} asks for the prompts ${version}`
    host.warn('Prompts', forLog(`${asks}, and no stored prompt has that version`))
  }
  return { agentConfig, prompts }
}

/** Reads the files of a release and puts them together. */
export async function releaseOf(
  place: Place,
  settings: ReleaseSettings,
  host: Host,
): Promise<{ built: BuiltRelease; prompts: readonly ReleasedPrompt[] }> {
  const { agentConfig, prompts } = await releaseFiles(settings, host)
  const manifests = settings.manifests.map((path) => relative(host.cwd, path) || path)
  const built = await buildRelease({
    app: place.app,
    environment: place.environment,
    namespace: place.namespace,
    version: settings.version,
    images: settings.images,
    manifests: await readManifestFiles(manifests, host.cwd),
    agentConfig,
    prompts,
    variables: settings.variables,
  })
  for (const finding of built.findings) host.annotate(finding)
  return { built, prompts }
}

async function read(path: string, named: (path: string) => string) {
  try {
    return { path: named(path), bytes: await readFile(path) }
  } catch (error) {
    throw new ConfigurationError({
      what: `agent-config is ${JSON.stringify(named(path))}`,
      why: `The file cannot be read: ${(error as Error).message}`,
      mend: "Write the path of the deployed agent's configuration, such as config/production.yaml",
    })
  }
}

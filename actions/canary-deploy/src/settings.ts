import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { findConfig } from '@agent-ci/core/config/find'
import { SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import * as quantities from '@agent-ci/core/quantities'
import { ON_INTERRUPTED, type OnInterrupted } from '@agent-ci/delivery/rollout/recover'
import { type Place, readPlace } from '@agent-ci/delivery/settings'
import type { InputName } from './interface.ts'

export const OPERATIONS = ['deploy', 'resume', 'sweep', 'status'] as const
export type Operation = (typeof OPERATIONS)[number]

export const STRATEGIES = ['rolling'] as const
export type Strategy = (typeof STRATEGIES)[number]

/** What a release is made of; paths are absolute. */
export interface ReleaseSettings {
  readonly manifests: readonly string[]
  readonly images: readonly string[]
  readonly version: string | undefined
  readonly variables: Readonly<Record<string, string>>
  readonly agentConfig: string | undefined
  /** Globs, and the directory that they start from. */
  readonly prompts: { readonly globs: readonly string[]; readonly directory: string }
}

export interface DeploySettings {
  readonly operation: Operation
  readonly strategy: Strategy
  readonly place: Place
  readonly release: ReleaseSettings
  readonly forceConflicts: boolean
  readonly onInterrupted: OnInterrupted
}

/** `NAME=value`, one a line. */
function parseVariables(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line) ?? []
      if (name === undefined || value === undefined)
        throw new ConfigurationError({
          what: `variables has the line ${JSON.stringify(line)}`,
          why: 'Expected NAME=value, one a line',
          mend: 'Write for example REGION=eu-west-1',
        })
      return [name, value]
    }),
  )
}

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

/** Inputs over configuration over defaults, refused with all problems at once. */
export async function readSettings(host: Pick<Host, 'input' | 'cwd'>): Promise<DeploySettings> {
  const { cwd, input } = host
  const { located, baseDir } = await findConfig(input('config'), cwd, (file) => readFile(file, 'utf8'))
  const configured = located?.config.delivery
  const reader = new SettingReader<InputName>(input, located)
  const choice = <T extends string>(name: InputName, fallback: T, choices: readonly T[]) =>
    reader.read(name, fallback, (text, origin) => quantities.parseChoice(text, origin, choices))
  const place = readPlace(reader, input, located, { cwd, baseDir })
  /** An input's list, from the working directory, else the configuration's, from its own. */
  const from = (name: InputName, config: string | readonly string[] | undefined) => {
    const given = quantities.parseList(input(name))
    return given.length > 0 ? { items: given, directory: cwd } : { items: list(config), directory: baseDir }
  }
  const manifests = from('manifests', configured?.manifests)
  const prompts = from('prompts', configured?.prompts)
  const agentConfig = from('agent-config', configured?.agent_config)
  const settings: DeploySettings = {
    operation: choice('operation', 'deploy', OPERATIONS),
    strategy: choice('strategy', 'rolling', STRATEGIES),
    place,
    release: {
      manifests: (manifests.items.length > 0 ? manifests.items : [`k8s/${place.environment}`]).map((path) =>
        resolve(manifests.directory, path),
      ),
      images: quantities.parseList(input('image')),
      version: input('version').trim() || undefined,
      variables: { ...configured?.variables, ...reader.attempt(() => parseVariables(input('variables'))) },
      agentConfig:
        agentConfig.items[0] === undefined ? undefined : resolve(agentConfig.directory, agentConfig.items[0]),
      prompts: { globs: prompts.items, directory: prompts.directory },
    },
    forceConflicts: reader.read('force-conflicts', false, quantities.parseBoolean),
    onInterrupted: choice('on-interrupted', 'rollback', ON_INTERRUPTED),
  }
  reader.refuseProblems()
  return settings
}

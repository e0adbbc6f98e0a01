import { posix, relative, resolve, sep } from 'node:path'
import { refuseBlindAgent } from '@agent-ci/action-eval-gate/arm'
import { givenInputs } from '@agent-ci/action-eval-gate/given-inputs'
import type { InputName as EvalInput } from '@agent-ci/action-eval-gate/interface'
import { type EvalSettings, readSettings } from '@agent-ci/action-eval-gate/settings'
import { findConfig } from '@agent-ci/core/config/find'
import type { LocatedConfig } from '@agent-ci/core/config/parse'
import { optional, SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { suggestName } from '@agent-ci/core/nearest'
import * as quantities from '@agent-ci/core/quantities'
import { forLog } from '@agent-ci/core/untrusted'
import { resolveDatasetPath, splitFormat } from '@agent-ci/evaluation/datasets/formats'
import { affectedBy } from '@agent-ci/prompts/changes/affected'
import type { Change } from './change.ts'
import { refuseEscapes, type UsedPath } from './escapes.ts'
import { INPUTS, type InputName } from './interface.ts'
import type { ReadConfig } from './trusted-config.ts'

export interface PromptSettings extends Omit<EvalSettings, 'gates' | 'defaultGates' | 'stop' | 'baseline'> {
  readonly threshold: number
  readonly maxRegressions?: number
  /** Only these examples, a list of ids; undefined: all. */
  readonly examples?: string
  /** The directory of the configuration in the repository. */
  readonly configPrefix: string
}

/** Of eval-gate's inputs those that this action has too. */
const evalInput =
  (host: Host) =>
  (name: EvalInput): string => {
    // What is compared here are two runs, and neither is the one that telemetry is about.
    if (name === 'pushgateway-url' || name === 'otlp-endpoint') return 'none'
    if (!(name in INPUTS)) return ''
    return host.input(name) || (name === 'artifact-name' ? 'agent-ci-prompts' : '')
  }

/** Reads all settings, inputs over configuration over defaults. */
export async function readPromptSettings(change: Change, readConfig: ReadConfig, host: Host): Promise<PromptSettings> {
  const input = evalInput(host)
  const {
    gates: _,
    defaultGates: __,
    stop: ___,
    baseline: ____,
    // A prompt's two versions are compared by what they are worth, not by how they stand attacks.
    attacks: _____,
    ...settings
  } = await readSettings(input, host.cwd, host.env, readConfig)
  const { located, baseDir } = await findConfig(host.input('config'), host.cwd, readConfig)
  const configPrefix = posix.join(change.prefix, relative(host.cwd, baseDir).replaceAll(sep, '/'))
  const reader = new SettingReader<InputName>(host.input, located)
  const dataset = reader.attempt(() => affectedDataset(change, located, { baseDir, configPrefix }, host))
  const own = {
    ...settings,
    inputs: givenInputs(Object.keys(INPUTS) as InputName[], host.input, host.env, settings.scorers),
    ...optional('dataset', host.input('dataset') === '' ? dataset : undefined),
    configPrefix,
    threshold: reader.read('threshold', 0.9, quantities.parseRate, ['prompts', 'threshold']),
    repeats: reader.read('repeats', 3, (text, origin) => quantities.parseWhole(text, origin, 1, 100), [
      'prompts',
      'repeats',
    ]),
    ...optional(
      'maxRegressions',
      reader.read<number | undefined>(
        'max-regressions',
        undefined,
        (text, origin) => quantities.parseWhole(text, origin, 0),
        ['prompts', 'max_regressions'],
      ),
    ),
    ...optional('examples', host.input('examples').trim() || undefined),
  }
  reader.attempt(() => refuseBlindAgent(settings.agent))
  if (change.proposer !== 'trusted') reader.attempt(() => refuseEscapes(host.cwd, usedPaths(own, host)))
  reader.refuseProblems()
  return own
}

/** The datasets that the changed prompts concern, as one; undefined where the configuration declares none. */
function affectedDataset(
  { prompts }: Change,
  located: LocatedConfig | undefined,
  { baseDir, configPrefix }: { readonly baseDir: string; readonly configPrefix: string },
  host: Host,
): EvalSettings['dataset'] | undefined {
  const declared = located?.config.prompts?.datasets
  if (!declared) return undefined
  const datasets = located.config.datasets ?? {}
  const names = Object.keys(datasets)
  for (const name of Object.keys(declared)) {
    if (Object.hasOwn(datasets, name)) continue
    throw new ConfigurationError({
      what: `prompts.datasets names "${name}"`,
      why: 'It is no dataset of the configuration',
      mend: names.length > 0 ? suggestName(name, names) : 'Write it under datasets too, with its file',
      source: located.sourceOf(['prompts', 'datasets', name]),
    })
  }
  const dependencies = names.map((name) => ({ name, ...optional('prompts', declared[name]) }))
  const { run, skipped } = affectedBy(prompts.changes, dependencies, configPrefix)
  if (host.input('dataset') === '') {
    for (const { name, because } of run) host.info(`Dataset ${forLog(name, 100)} is run: ${forLog(because)}`)
    for (const { name, because } of skipped) host.info(`Dataset ${forLog(name, 100)} is skipped: ${forLog(because)}`)
  }
  return {
    name: run.map(({ name }) => name).join('+'),
    paths: run.flatMap(({ name }) => [datasets[name]!].flat().map((path) => resolveDatasetPath(baseDir, path))),
  }
}

function usedPaths({ dataset, outputDir, traffic, agent, baseDir }: PromptSettings, host: Host): UsedPath[] {
  const byInput = (name: InputName) => host.input(name) !== ''
  const system =
    agent.type === 'anthropic' && agent.system?.startsWith('file:') ? agent.system.slice(5).trim() : undefined
  return [
    ...dataset.paths.map((path) => ({ name: 'dataset', path: splitFormat(path).path, byInput: byInput('dataset') })),
    { name: 'output-dir', path: outputDir, byInput: byInput('output-dir') },
    ...(traffic?.cassettes === undefined
      ? []
      : [{ name: 'cassettes', path: traffic.cassettes, byInput: byInput('cassettes') }]),
    ...(system === undefined ? [] : [{ name: 'agent.system', path: resolve(baseDir, system), byInput: false }]),
  ]
}

import { resolve } from 'node:path'
import { refuseBlindAgent } from '@agent-ci/action-eval-gate/arm'
import type { InputName as EvalInput } from '@agent-ci/action-eval-gate/interface'
import { type EvalSettings, parseArtifactName, readSettings } from '@agent-ci/action-eval-gate/settings'
import type { NightlyConfig } from '@agent-ci/core/config/nightly'
import type { LocatedConfig } from '@agent-ci/core/config/parse'
import { optional, SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { suggestName } from '@agent-ci/core/nearest'
import type { QuarantineSettings } from '@agent-ci/core/nightly/quarantine'
import * as quantities from '@agent-ci/core/quantities'
import type { HistorySetting } from '@agent-ci/github/history/open-history'
import { readTargets } from '@agent-ci/notify/settings'
import type { Targets } from '@agent-ci/notify/targets'
import { readTelemetry, type Telemetry } from '@agent-ci/notify/telemetry-settings'
import { configOf, historySetting } from './history-setting.ts'
import { INPUTS, type InputName } from './interface.ts'
import { chooseLegs, type Leg, legsOf } from './legs.ts'

const CONTROL_MODES = ['regressed', 'always', 'off'] as const
type ControlMode = (typeof CONTROL_MODES)[number]

/** Where a set of prompts is. */
export type PromptSource =
  | { readonly kind: 'workspace' }
  | { readonly kind: 'ref'; readonly ref: string }
  /** Absolute. */
  | { readonly kind: 'directory'; readonly path: string }

/** The inputs and the configuration as values; everything in it has been checked. */
export interface NightlySettings {
  /** Every leg of the night, whatever part of it this job runs. */
  readonly legs: readonly Leg[]
  /** The legs that this job evaluates; undefined: all of them, or those of `merge`. */
  readonly only: readonly Leg[] | undefined
  /** The directory that the legs' results are read from, absolute. */
  readonly merge: string | undefined
  /** How each leg is evaluated. Its prompts are not part of it. */
  readonly evaluationOf: (leg: Leg) => EvalSettings
  /** Nobody gave attacks a seed: each night has its own. */
  readonly rotatesSeed: boolean
  /** An input describes the agent, not the configuration. */
  readonly agentByInput: boolean
  /** By the name of the set. */
  readonly promptSources: ReadonlyMap<string, PromptSource>
  /** Of all legs and re-runs together. */
  readonly budgetUsd: number | undefined
  readonly history: HistorySetting
  /** Older nights are removed. */
  readonly historyDays: number | undefined
  readonly quarantine: { readonly owner: string | null; readonly settings: Partial<QuarantineSettings> }
  /** The branch, tag or commit; undefined: what the pinned nights say. */
  readonly baseline: string | undefined
  readonly control: ControlMode
  /** Answers may come from recordings, which hold no further ones: nothing is run again. */
  readonly recorded: boolean
  readonly confirm: boolean
  readonly minDrop: number
  readonly targets: Targets
  readonly telemetry: Telemetry
  readonly failOnRegression: boolean
  /** Where the trend page is published. */
  readonly trendUrl: string | undefined
  readonly outputDir: string
  /** undefined: nothing is uploaded. */
  readonly artifactName: string | undefined
  readonly retentionDays: number | undefined
  readonly planOnly: boolean
  readonly githubToken: string
}

/** What eval-gate is told where this action has no input for it: a night is not ended early, and is not uploaded leg by leg. */
const FIXED: Readonly<Partial<Record<EvalInput, string>>> = {
  merge: '',
  stop: 'never',
  baseline: 'none',
  'artifact-name': 'none',
  annotations: 'false',
  // The night's metrics are pushed as a whole.
  'pushgateway-url': 'none',
  prompts: '',
}

/** Reads all settings, inputs over configuration over defaults. */
export async function readNightlySettings(host: Host): Promise<NightlySettings> {
  const input = host.input as (name: InputName) => string
  const found = await configOf(host)
  const { located, baseDir } = found
  const nightly: NightlyConfig = located?.config.nightly ?? {}
  const reader = new SettingReader<InputName>(input, located)
  const listed = (name: 'datasets' | 'models', configured: readonly string[] | undefined): string[] => [
    ...new Set(input(name) === '' ? (configured ?? []) : quantities.parseList(input(name))),
  ]

  const datasets = listed('datasets', nightly.datasets ?? Object.keys(located?.config.datasets ?? {}))
  const models = listed('models', nightly.models)
  const promptSources = reader.attempt(() => readPromptSets(input('prompts'), located, baseDir)) ?? new Map()
  if (datasets.length === 0)
    reader.problems.push({
      what: 'There is no dataset',
      why: 'A night needs golden examples',
      mend: 'Write datasets: evals/golden.jsonl as an input, or datasets: in agent-ci.yaml',
    })
  const token = input('github-token').trim() || host.env.GITHUB_TOKEN || ''
  const flag = (name: InputName, fallback: boolean, path: string[]) =>
    reader.read(name, fallback, quantities.parseBoolean, path)
  const settings = {
    history: historySetting(found, token, host),
    historyDays: reader.read<number | undefined>(
      'history-days',
      undefined,
      (text, origin) => quantities.parseWhole(text, origin, 30),
      ['nightly', 'history_days'],
    ),
    quarantine: readQuarantine(nightly.quarantine),
    baseline: reader.read<string | undefined>('baseline', undefined, (text) => text.trim().replace(/^ref:/, ''), [
      'nightly',
      'baseline',
    ]),
    control: reader.read<ControlMode>('control', 'off', parseControl, ['nightly', 'control']),
    confirm: flag('confirm', true, ['nightly', 'confirm']),
    minDrop: reader.read('min-drop', 0.02, quantities.parseRate, ['nightly', 'min_drop']),
    failOnRegression: flag('fail-on-regression', host.env.GITHUB_EVENT_NAME !== 'schedule', [
      'nightly',
      'fail_on_regression',
    ]),
    retentionDays: reader.read<number | undefined>(
      'retention-days',
      undefined,
      (text, origin) => quantities.parseWhole(text, origin, 1, 400),
      ['nightly', 'retention_days'],
    ),
    trendUrl: reader.read<string | undefined>('trend-url', undefined, parseAddress, ['nightly', 'trend_url']),
    merge: input('merge').trim() === '' ? undefined : resolve(host.cwd, input('merge').trim()),
    targets: readTargets(reader, located, host.env),
    telemetry: readTelemetry(reader, located, host.env),
  }
  reader.refuseProblems()

  const sets = [...promptSources.keys()]
  const givenSeed = input('attack-seed').trim() !== '' || located?.config.safety?.seed !== undefined
  // All jobs of a run have the same one, on both sides of midnight too.
  const tonightsSeed = host.env.GITHUB_RUN_ID || host.date().toISOString().slice(0, 10)
  let rotatesSeed = false
  const evaluations = new Map<string, EvalSettings>()
  const named = new Map<string, string>()
  const problems: Problem[] = []
  for (const text of datasets) {
    for (const model of models.length > 0 ? models : ['']) {
      const read = await readSettings(evalInput(input, { dataset: text, model }, nightly, located), host.cwd, host.env)
      const { name } = read.dataset
      const other = named.get(name)
      if (other !== undefined && other !== text)
        problems.push({
          what: `Two datasets are called ${JSON.stringify(name)}: ${other} and ${text}`,
          why: 'Their nights could not be told apart',
          mend: 'Give them names under datasets: in agent-ci.yaml, and write these',
        })
      named.set(name, text)
      // Recordings answer the attacks that they were made with.
      rotatesSeed = !givenSeed && read.traffic?.mode !== 'replay'
      const attackSeed = rotatesSeed ? tonightsSeed : read.attackSeed
      evaluations.set(JSON.stringify([name, read.model ?? null]), { ...read, attackSeed })
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  const first = [...evaluations.values()][0]!
  if (settings.control !== 'off' || [...promptSources.values()].some(({ kind }) => kind !== 'workspace'))
    refuseBlindAgent(first.agent)
  const legs = legsOf({
    datasets: [...named.keys()],
    models: models.length > 0 ? models : [first.model ?? null],
    prompts: sets.length > 0 ? sets : [null],
  })
  const ids = quantities.parseList(input('legs'))
  const { shard } = first
  const only = ids.length > 0 ? chooseLegs(legs, ids) : shard ? legs : undefined
  if (only && settings.merge !== undefined)
    throw new ConfigurationError({
      what: `${ids.length > 0 ? 'legs' : 'shard'} and merge are both given`,
      why: 'A job either evaluates legs or joins what other jobs evaluated',
      mend: 'Leave one of them out',
    })
  const total = first.traffic?.budget?.usd
  const recorded = first.traffic?.mode === 'replay' || first.traffic?.mode === 'auto'
  return {
    ...settings,
    ...(recorded && { confirm: false, control: 'off' as const }),
    recorded,
    rotatesSeed,
    legs,
    only,
    promptSources,
    agentByInput: input('agent') !== '',
    evaluationOf: ({ dataset, model }) => evaluations.get(JSON.stringify([dataset, model]))!,
    budgetUsd: total === undefined || !only ? total : (total * only.length) / legs.length / (shard?.of ?? 1),
    outputDir: first.outputDir,
    artifactName: artifactName(input('artifact-name'), ids.length > 0 ? only! : [], shard, host.env),
    planOnly: first.planOnly,
    githubToken: token,
  }
}

/** Of eval-gate's inputs those that this action has too, for one dataset and model. */
const evalInput =
  (
    input: (name: InputName) => string,
    leg: { readonly dataset: string; readonly model: string },
    { repeats }: NightlyConfig,
    located: LocatedConfig | undefined,
  ) =>
  (name: EvalInput): string => {
    if (name === 'dataset' || name === 'model') return leg[name]
    if (name in FIXED) return FIXED[name]!
    if (!(name in INPUTS)) return ''
    const given = input(name as InputName)
    if (given !== '') return given
    if (name === 'repeats') return repeats === undefined ? '' : String(repeats)
    // Other examples each night would be noise over the nights.
    const sampled = input('sample') !== '' || located?.config.evaluation?.sample !== undefined
    return name === 'seed' && sampled && located?.config.evaluation?.seed === undefined ? 'agent-ci' : ''
  }

/** The names of artifacts are unique in a run, over all its attempts. */
function artifactName(
  given: string,
  only: readonly Leg[],
  shard: quantities.Shard | undefined,
  env: Host['env'],
): string | undefined {
  if (given !== '') return parseArtifactName(given, { name: 'artifact-name' })
  const attempt = Number(env.GITHUB_RUN_ATTEMPT ?? '1')
  const legs = only
    .map(({ id }) => id)
    .join('-')
    .slice(0, 200)
  const part = shard ? [`shard-${shard.index}-of-${shard.of}`] : []
  return [
    'agent-ci-nightly',
    ...(legs === '' ? [] : [legs]),
    ...part,
    ...(attempt > 1 ? [`attempt-${attempt}`] : []),
  ].join('-')
}

function readQuarantine({ owner, flip_rate, days, max_share }: NonNullable<NightlyConfig['quarantine']> = {}) {
  const share = (value: string | number | undefined, name: string) =>
    value === undefined ? undefined : quantities.parseRate(String(value), { name: `nightly.quarantine.${name}` })
  return {
    owner: owner ?? null,
    settings: {
      ...optional('flipRate', share(flip_rate, 'flip_rate')),
      ...optional('days', days),
      ...optional('maxShare', share(max_share, 'max_share')),
    },
  }
}

function parseAddress(text: string, origin: quantities.Origin): string {
  const url = URL.parse(text.trim())
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url.href
  throw new ConfigurationError({
    what: `${origin.name} is ${JSON.stringify(text)}`,
    why: 'Expected an address that begins with https://',
    mend: `Write for example ${origin.name}: https://acme.github.io/support/`,
    ...(origin.source && { source: origin.source }),
  })
}

function parseControl(text: string, origin: quantities.Origin): ControlMode {
  if (text.trim() === 'true') return 'regressed'
  if (text.trim() === 'false') return 'off'
  return quantities.parseChoice(text, origin, CONTROL_MODES)
}

/** The sets of prompts by name; none: the workspace's prompts are the only ones. */
function readPromptSets(
  given: string,
  located: LocatedConfig | undefined,
  baseDir: string,
): ReadonlyMap<string, PromptSource> {
  const configured = located?.config.nightly?.prompts ?? {}
  const sourceOf = (text: string): PromptSource => {
    if (text === '.') return { kind: 'workspace' }
    if (text.startsWith('ref:')) return { kind: 'ref', ref: text.slice('ref:'.length).trim() }
    return { kind: 'directory', path: resolve(baseDir, text) }
  }
  const names = given === '' ? Object.keys(configured) : quantities.parseList(given)
  return new Map(
    names.map((name) => {
      const text = Object.hasOwn(configured, name) ? configured[name]! : name
      if (text === name && name !== '.' && !name.startsWith('ref:'))
        throw new ConfigurationError({
          what: `prompts names ${JSON.stringify(name)}`,
          why: 'It is no set of prompts of the configuration',
          mend:
            Object.keys(configured).length > 0
              ? suggestName(name, Object.keys(configured))
              : 'Write it under nightly.prompts in agent-ci.yaml, or ref: and a branch, tag or commit',
        })
      return [name.replace(/^\.$/, 'workspace'), sourceOf(text)] as const
    }),
  )
}

import { readFile } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import type { AgentConfig } from '@agent-ci/core/config/agents'
import { findConfig } from '@agent-ci/core/config/find'
import type { LangsmithConfig } from '@agent-ci/core/config/langsmith'
import type { ScorerConfig } from '@agent-ci/core/config/scorers'
import { optional, SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import { type Gate, parseGate } from '@agent-ci/core/gate'
import * as quantities from '@agent-ci/core/quantities'
import { ESTIMANDS, type Estimand } from '@agent-ci/core/statistics/effective-size'
import { STOPS, type Stop } from '@agent-ci/core/statistics/sequential-gate'
import { ON_INCONCLUSIVE, type OnInconclusive } from '@agent-ci/core/verdict'
import { parseAgent } from '@agent-ci/evaluation/agents/parse'
import { isSuite } from '@agent-ci/evaluation/datasets/suites'
import type { Resume } from '@agent-ci/evaluation/runner/run-state'
import { defaultScorers } from '@agent-ci/evaluation/scorers/defaults'
import { parseScorers } from '@agent-ci/evaluation/scorers/parse'
import { readTelemetry, type Telemetry } from '@agent-ci/notify/telemetry-settings'
import { type AttackSetting, type DatasetSetting, readAttacks, readDataset } from './dataset-settings.ts'
import { readGates } from './gate-settings.ts'
import { givenInputs } from './given-inputs.ts'
import { INPUTS, type InputName } from './interface.ts'
import { readTraffic, type TrafficSettings } from './traffic-settings.ts'

const RESUME = ['auto', 'always', 'never'] as const

/** The inputs and the configuration as values; everything in it has been checked. */
export interface EvalSettings {
  /** The agent-ci.yaml, relative to the working directory; null without one. */
  readonly config: string | null
  /** What was given beside it, for whoever runs it again. */
  readonly inputs: Readonly<Record<string, string>>
  readonly agent: AgentConfig
  /** Where relative paths of the agent and the scorers start: the configuration's directory. */
  readonly baseDir: string
  readonly dataset: DatasetSetting
  /** Probes to pair with the golden examples. */
  readonly attacks?: AttackSetting
  /** Of the pairs of example and probe, and of the probes' tokens. */
  readonly attackSeed: string
  readonly model?: string
  /** Empty: the default scorers. */
  readonly scorers: readonly ScorerConfig[]
  readonly gates: readonly Gate[]
  /** No gate was given: `gates` is the default one. */
  readonly defaultGates: boolean
  readonly concurrency: number
  readonly repeats: number
  readonly timeoutMs: number
  readonly runTimeoutMs?: number
  readonly sample?: quantities.Sample
  readonly shard?: quantities.Shard
  /** Where the output directories of this run's shards are, relative to the working directory: they are joined, and nothing is run. */
  readonly merge?: readonly string[]
  readonly seed?: string
  readonly stop: Stop
  readonly maxDisagreement: number
  readonly confidence: number
  readonly estimand: Estimand
  /** An earlier run's directory or trials file, absolute. */
  readonly baseline?: string
  readonly margin: number
  readonly confirm: boolean
  readonly minCoverage: number
  readonly onInconclusive: OnInconclusive
  readonly resume: Resume
  readonly outputDir: string
  /** Which prompts are evaluated; no globs: the default ones. */
  readonly prompts: { readonly globs: readonly string[]; readonly directory: string }
  /** The evaluated agent's configuration, absolute. */
  readonly agentConfig?: string
  readonly image?: string
  /** undefined: nothing is uploaded. */
  readonly artifactName?: string
  readonly annotations: boolean
  /** Where the run is shown beside its reports. */
  readonly telemetry: Telemetry
  /** The file that the agent's own spans are written to, absolute; how long those of a trial are waited for. */
  readonly trajectories?: { readonly file: string; readonly waitMs: number }
  /** `results.sarif` is written. */
  readonly sarif: boolean
  readonly planOnly: boolean
  /** Calls go out in batches. */
  readonly batch: boolean
  readonly batchTimeoutMs: number
  /** The gateway puts `model` into every model call of the agent. */
  readonly setModel: boolean
  /** How model traffic is recorded, replayed and bounded; undefined: the agent talks to its provider by itself. */
  readonly traffic?: TrafficSettings
  readonly langsmith?: LangsmithConfig
}

type Environment = Readonly<Record<string, string | undefined>>

const DEFAULT_GATE = 'accuracy >= 0.85'

const readText = (file: string): Promise<string> => readFile(file, 'utf8')

/**
 * Reads all settings, inputs over configuration over defaults, and refuses them with all problems at once. `readConfig` reads the
 * configuration's file, where that is not the one on the disk.
 */
export async function readSettings(
  input: (name: InputName) => string,
  cwd: string,
  env: Environment,
  readConfig: (file: string) => Promise<string> = readText,
): Promise<EvalSettings> {
  const { located, baseDir } = await findConfig(input('config'), cwd, readConfig)
  const config = located?.config
  const reader = new SettingReader<InputName>(input, located)
  const read = reader.read.bind(reader) as SettingReader<InputName>['read']

  const agent =
    input('agent') === '' && typeof config?.agent === 'object'
      ? config.agent
      : read<AgentConfig | undefined>('agent', undefined, parseAgent, ['agent'])
  if (!agent && reader.problems.length === 0) {
    reader.problems.push({
      what: 'There is no agent',
      why: 'An evaluation needs the system under test',
      mend: 'Write agent: http://…, command:…, python:… or anthropic:<model>, as an input or in agent-ci.yaml',
    })
  }
  const dataset = reader.attempt(() => readDataset(input('dataset'), located, cwd, baseDir))
  const { attacks, attackSeed } = readAttacks(reader, cwd, baseDir)
  const checksSettings = reader.read('check-agent-settings', false, quantities.parseBoolean, [
    'safety',
    'check_agent_settings',
  ])
  const scorers = await parseScorers(input('scorers'), { name: 'scorers' }).catch((error: unknown) => {
    return reader.attempt((): ScorerConfig[] => {
      throw error
    })
  })
  const gates = readGates(input, located, reader)

  const shard = read<quantities.Shard | undefined>('shard', undefined, quantities.parseShard)
  const merge = read<readonly string[] | undefined>('merge', undefined, quantities.parseList)
  if (shard && merge) {
    reader.problems.push({
      what: 'shard and merge are both set',
      why: 'A run either is one part, or joins the parts',
      mend: 'Write shard in the jobs of the matrix, and merge in the job that needs them',
    })
  }
  const model = read<string | undefined>('model', undefined, (text) => text.trim(), ['evaluation', 'model'])
  const setModel = read('set-model', false, quantities.parseBoolean, ['gateway', 'set_model'])
  if (setModel && model === undefined) {
    reader.problems.push({
      what: 'set-model is true, and there is no model',
      why: "It puts the evaluation's model into the agent's model calls",
      mend: 'Write model: claude-haiku-4-5 too, or take set-model away',
    })
  }
  const batch = read('batch', false, quantities.parseBoolean, ['evaluation', 'batch'])
  const traffic =
    agent &&
    (await readTraffic(
      reader,
      input,
      agent,
      located,
      { cwd, baseDir, env },
      setModel ||
        attacks !== undefined ||
        checksSettings ||
        (batch && agent.type === 'anthropic') ||
        (isSuite(input('dataset')) && agent.type !== 'http'),
    ))
  if (agent && batch) reader.attempt(() => refuseUnbatchable(agent, traffic))
  const trajectories = read<string | undefined>(
    'trajectories',
    undefined,
    (text) => resolve(input('trajectories') === '' ? baseDir : cwd, text.trim()),
    ['telemetry', 'trajectories', 'file'],
  )
  const trajectoryWait = config?.telemetry?.trajectories?.wait
  const waitMs =
    trajectoryWait === undefined
      ? 10_000
      : reader.attempt(() => quantities.parseTimeMs(trajectoryWait, { name: 'telemetry.trajectories.wait' }))
  const settings: Omit<EvalSettings, 'agent' | 'dataset'> = {
    config: located ? relative(cwd, resolve(cwd, located.file)).replaceAll(sep, '/') : null,
    inputs: givenInputs(Object.keys(INPUTS) as InputName[], input, env, scorers ?? []),
    baseDir,
    scorers: scorers && scorers.length > 0 ? scorers : (config?.scorers ?? []),
    gates: gates.length > 0 ? gates : [parseGate(DEFAULT_GATE, { name: 'the default gate' })],
    defaultGates: gates.length === 0,
    concurrency: read('concurrency', 5, (text, origin) => quantities.parseWhole(text, origin, 1, 1_000), [
      'evaluation',
      'concurrency',
    ]),
    repeats: read('repeats', 1, (text, origin) => quantities.parseWhole(text, origin, 1, 100), [
      'evaluation',
      'repeats',
    ]),
    timeoutMs: read('timeout', 60_000, positiveDuration, ['evaluation', 'timeout']),
    minCoverage: read('min-coverage', 0.8, quantities.parseRate, ['evaluation', 'min_coverage']),
    stop: read('stop', 'certain', (text, origin) => quantities.parseChoice(text, origin, STOPS), [
      'evaluation',
      'stop',
    ]),
    maxDisagreement: read('max-disagreement', 0.01, (text, origin) => parseRateIn(text, origin, 0, 0.5), [
      'evaluation',
      'max_disagreement',
    ]),
    confidence: read('confidence', 0.95, (text, origin) => parseRateIn(text, origin, 0.5, 0.999_999), [
      'evaluation',
      'confidence',
    ]),
    estimand: read('estimand', 'population', (text, origin) => quantities.parseChoice(text, origin, ESTIMANDS), [
      'evaluation',
      'estimand',
    ]),
    margin: read('margin', 0.03, quantities.parseRate, ['evaluation', 'margin']),
    confirm: read('confirm', true, quantities.parseBoolean, ['evaluation', 'confirm']),
    onInconclusive: read(
      'on-inconclusive',
      'point',
      (text, origin) => quantities.parseChoice(text, origin, ON_INCONCLUSIVE),
      ['evaluation', 'on_inconclusive'],
    ),
    resume: read<Resume>('resume', 'auto', parseResume),
    outputDir: resolve(
      input('output-dir') !== '' ? cwd : baseDir,
      read('output-dir', 'agent-ci-results', (text) => text, ['evaluation', 'output_dir']),
    ),
    prompts: {
      globs: read<string[]>('prompts', [], quantities.parseList, ['delivery', 'prompts']),
      directory: input('prompts') === '' ? baseDir : cwd,
    },
    ...optional(
      'agentConfig',
      read<string | undefined>(
        'agent-config',
        undefined,
        (text) => resolve(input('agent-config') === '' ? baseDir : cwd, text.trim()),
        ['delivery', 'agent_config'],
      ),
    ),
    ...optional('image', read<string | undefined>('image', undefined, parseImage, ['evaluation', 'image'])),
    annotations: read('annotations', true, quantities.parseBoolean),
    ...optional(
      'trajectories',
      trajectories === undefined ? undefined : { file: trajectories, waitMs: waitMs ?? 10_000 },
    ),
    telemetry: readTelemetry(reader, located, env),
    sarif: read('sarif', false, quantities.parseBoolean, ['evaluation', 'sarif']),
    planOnly: read('plan-only', false, quantities.parseBoolean),
    attackSeed,
    ...optional('attacks', attacks),
    ...optional('model', model),
    setModel,
    batch,
    batchTimeoutMs: read('batch-timeout', 3_600_000, positiveDuration, ['evaluation', 'batch_timeout']),
    ...optional('traffic', traffic),
    ...optional('langsmith', config?.langsmith),
    ...optional(
      'runTimeoutMs',
      read<number | undefined>('run-timeout', undefined, positiveDuration, ['evaluation', 'run_timeout']),
    ),
    ...optional(
      'sample',
      read<quantities.Sample | undefined>('sample', undefined, quantities.parseSample, ['evaluation', 'sample']),
    ),
    ...optional('shard', shard),
    ...optional('merge', merge),
    ...optional(
      'seed',
      read<string | undefined>('seed', undefined, (text) => text, ['evaluation', 'seed']),
    ),
    ...optional(
      'baseline',
      read<string | undefined>(
        'baseline',
        undefined,
        (text) => (text === 'none' ? undefined : resolve(input('baseline') === '' ? baseDir : cwd, text)),
        ['evaluation', 'baseline'],
      ),
    ),
    ...optional('artifactName', read<string | undefined>('artifact-name', artifactName(shard), parseArtifactName)),
  }
  reader.refuseProblems()
  if (!agent || !dataset) throw new Error('settings without an agent or a dataset have a problem')
  if (checksSettings) {
    const file = settings.agentConfig
    if (file === undefined) {
      throw new ConfigurationError({
        what: 'check-agent-settings is true, and there is no agent-config',
        why: "It holds the agent to that file's settings",
        mend: 'Write agent-config: config/production.yaml too',
      })
    }
    const { settingScorers } = await import('./agent-settings.ts')
    const asked = settings.scorers.length > 0 ? settings.scorers : defaultScorers()
    const own = await settingScorers(await readConfig(file), relative(cwd, file))
    return { ...settings, scorers: [...asked, ...own], agent, dataset }
  }
  return { ...settings, agent, dataset }
}

/** A batch answers each request once, and its answers are not recorded. */
function refuseUnbatchable(agent: AgentConfig, traffic: TrafficSettings | undefined): void {
  const why =
    agent.type !== 'anthropic'
      ? `The agent is of type ${agent.type}, and its calls are its own`
      : agent.tools.length > 0
        ? 'The agent has tools, so that one call of it follows from another'
        : traffic && traffic.mode !== 'live'
          ? `responses is ${traffic.mode}, and what a batch answers is not recorded`
          : undefined
  if (why === undefined) return
  throw new ConfigurationError({
    what: 'batch is true',
    why,
    mend: 'Take batch away, or give it to an anthropic agent without tools whose responses are live',
  })
}

const positiveDuration = (text: string, origin: quantities.Origin): number => quantities.parseTimeMs(text, origin, 'ms')

function parseRateIn(text: string, origin: quantities.Origin, least: number, most: number): number {
  const rate = quantities.parseRate(text, origin)
  if (rate >= least && rate <= most) return rate
  throw new ConfigurationError({
    what: `${origin.name} is "${text}"`,
    why: `Expected at least ${least} and at most ${most}`,
    mend: `Write for example ${origin.name}: ${least === 0 ? 0.01 : 0.95}`,
    ...(origin.source && { source: origin.source }),
  })
}

function parseResume(text: string, origin: quantities.Origin): Resume {
  if (text.trim() === 'true') return 'always'
  if (text.trim() === 'false') return 'never'
  return quantities.parseChoice(text, origin, RESUME)
}

/** An artifact's name is unique in a workflow run, and shards are jobs of one. */
const artifactName = (shard: quantities.Shard | undefined): string =>
  `agent-ci-results${shard ? `-shard-${shard.index}-of-${shard.of}` : ''}`

/** `none` uploads nothing. The characters that GitHub refuses are refused here, before the run and not after it. */
export function parseArtifactName(text: string, origin: quantities.Origin): string | undefined {
  if (text.trim() === 'none') return undefined
  if (/["<>|*?\\/:\r\n]/.test(text)) {
    throw new ConfigurationError({
      what: `${origin.name} is ${JSON.stringify(text)}`,
      why: 'The name of an artifact cannot hold " : < > | * ? \\ / or a line break',
      mend: 'Write for example artifact-name: agent-ci-results-linux',
    })
  }
  return text.trim()
}

/** A tag may stand for another image tomorrow, so it would prove nothing. */
function parseImage(text: string, origin: quantities.Origin): string {
  if (/^\S+@sha256:[0-9a-f]{64}$/.test(text.trim())) return text.trim()
  throw new ConfigurationError({
    what: `${origin.name} is ${JSON.stringify(text)}`,
    why: 'Expected an image by its digest: a tag may stand for another image when the release is deployed',
    mend: `Write for example ${origin.name}: registry.example.com/agent@sha256:… (64 hex digits)`,
    ...(origin.source && { source: origin.source }),
  })
}

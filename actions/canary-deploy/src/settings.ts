import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { findConfig } from '@agent-ci/core/config/find'
import type { LocatedConfig } from '@agent-ci/core/config/parse'
import { optional, SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError, type Problem } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import * as quantities from '@agent-ci/core/quantities'
import { ACCEPTABLE, type Acceptable } from '@agent-ci/core/receipt-difference'
import { LEAST_CHECKS } from '@agent-ci/core/statistics/canary/plan'
import type { Thresholds } from '@agent-ci/delivery/analysis/thresholds'
import type { AttestationSettings } from '@agent-ci/delivery/releases/attestation'
import { ON_INTERRUPTED, type OnInterrupted } from '@agent-ci/delivery/rollout/recover'
import { ON_INCONCLUSIVE, type OnInconclusive } from '@agent-ci/delivery/rollout/staging'
import { type Place, readPlace } from '@agent-ci/delivery/settings'
import type { Command } from '@agent-ci/delivery/traffic/run-command'
import { readTargets } from '@agent-ci/notify/settings'
import type { Targets } from '@agent-ci/notify/targets'
import { type CheckSettings, readChecks } from './check-settings.ts'
import type { InputName } from './interface.ts'

export const OPERATIONS = ['deploy', 'promote', 'abort', 'resume', 'sweep', 'status', 'plan'] as const
export type Operation = (typeof OPERATIONS)[number]

export const STRATEGIES = ['canary', 'blue-green', 'rolling'] as const
export type Strategy = (typeof STRATEGIES)[number]

export const PROVIDERS = ['gateway-api', 'istio', 'nginx', 'replicas', 'argo-rollouts', 'command'] as const

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

/** How the rollout is watched. */
export interface WatchSettings {
  readonly prometheusUrl: string
  readonly prometheusHeaders: string
  /** A pack, `none`, or the absolute path of a metrics file. */
  readonly metrics: 'http' | 'genai' | 'none' | { readonly file: string }
  readonly thresholds: Thresholds
  /** What the comparison with stable must show the canary's odds of an error to be below, in times stable's; null: nothing. */
  readonly requireRelative: number | null
  readonly intervalMs: number
  readonly stepMs: number
  readonly stepTimeoutMs: number
  readonly bakeMs: number
}

/** What moves the traffic, as the user named it. */
export interface TrafficWish {
  readonly provider: (typeof PROVIDERS)[number]
  readonly route: string
  readonly service: string
  /** Of `command`. */
  readonly commands: Commands | undefined
}

/** A team's own scripts. */
export interface Commands {
  readonly canary: Command
  readonly promote: Command
  readonly rollback: Command
  readonly weight: Command | undefined
  readonly pass: readonly string[]
  readonly timeoutMs: number
}

/** The proof that a release was evaluated. */
export interface ReceiptSettings {
  readonly path: string | undefined
  readonly require: boolean
  readonly accepts: readonly Acceptable[]
  readonly maxAgeMs: number | undefined
  /** How it is shown that the receipt was signed. */
  readonly attestation?: AttestationSettings
  readonly requireAttestation: boolean
}

export interface DeploySettings {
  readonly steps: readonly number[]
  readonly traffic: TrafficWish
  readonly watch: WatchSettings
  readonly checks: CheckSettings
  readonly onInconclusive: OnInconclusive
  readonly receipt: ReceiptSettings
  readonly targets: Targets
  readonly githubToken: string
  readonly outputDir: string
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
export async function readSettings(host: Pick<Host, 'input' | 'cwd' | 'env'>): Promise<DeploySettings> {
  const { cwd, env, input } = host
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
    strategy: choice('strategy', 'canary', STRATEGIES),
    steps: reader.read('steps', [10, 25, 50, 75, 100], parseSteps),
    traffic: readTraffic(reader, input, place.app, configured?.commands),
    watch: readWatch(reader, input, cwd),
    checks: readChecks(reader, input, cwd),
    onInconclusive: choice('on-inconclusive', 'pause', ON_INCONCLUSIVE),
    receipt: readReceiptSettings(reader, input, env),
    targets: readTargets(reader, located, env),
    githubToken: input('github-token').trim(),
    outputDir: resolve(cwd, input('output-dir').trim() || 'agent-ci-results'),
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
  if (settings.traffic.provider === 'argo-rollouts' && settings.strategy !== 'canary')
    reader.problems.push({
      what: `traffic is argo-rollouts, and strategy is ${settings.strategy}`,
      why: 'The steps of the Rollout are those of a canary',
      mend: 'Leave strategy out, or write strategy: canary',
    })
  if (settings.watch.requireRelative !== null) reader.problems.push(...comparisonProblems(settings))
  reader.refuseProblems()
  return settings
}

/** Why a comparison that is required could never be made, or would not count. */
function* comparisonProblems({ strategy, steps, watch, onInconclusive }: DeploySettings): Generator<Problem> {
  const what = `require-relative is ${watch.requireRelative}, and`
  if (strategy !== 'canary' || steps.every((step) => step === 100))
    yield {
      what: `${what} ${strategy === 'canary' ? 'steps is only 100' : `strategy is ${strategy}`}`,
      why: 'The release and stable never have traffic at the same time, so that they cannot be compared',
      mend: 'Use strategy: canary with a step below 100, or leave require-relative out',
    }
  if (watch.metrics === 'none')
    yield {
      what: `${what} metrics is none`,
      why: 'What is not measured cannot be compared',
      mend: 'Give metrics and prometheus-url, or leave require-relative out',
    }
  if (onInconclusive === 'pass')
    yield {
      what: `${what} on-inconclusive is pass`,
      why: 'A step that showed nothing would pass all the same',
      mend: 'Write on-inconclusive: pause or fail',
    }
}

/** How many times stable's a rate may be. */
function parseTimes(text: string, origin: quantities.Origin): number {
  const times = quantities.parseAmount(text, origin, '3')
  if (times > 1) return times
  throw new ConfigurationError({
    what: `${origin.name} is ${JSON.stringify(text)}`,
    why: 'Expected a number above 1: no canary can be shown to be as good as stable to the last digit',
    mend: `Write for example ${origin.name}: 3`,
  })
}

/** Rising percentages that end at 100. */
function parseSteps(text: string, origin: quantities.Origin): number[] {
  const steps = quantities.parseList(text).map((item) => Number(item.replace(/%$/, '')))
  const rising = steps.every((step, index) => step > (steps[index - 1] ?? 0) && step <= 100)
  if (steps.length > 0 && rising && steps.at(-1) === 100) return steps
  throw new ConfigurationError({
    what: `${origin.name} is ${JSON.stringify(text)}`,
    why: 'Expected percentages that rise, up to 100',
    mend: `Write for example ${origin.name}: 10,25,50,75,100`,
  })
}

type Reader = SettingReader<InputName>
type Input = (name: InputName) => string

function readTraffic(
  reader: Reader,
  input: Input,
  app: string,
  configured: ConfiguredCommands | undefined,
): TrafficWish {
  const route = input('route').trim()
  const provider = reader.read('traffic', route === '' ? 'replicas' : 'gateway-api', (text, origin) =>
    quantities.parseChoice(text, origin, PROVIDERS),
  )
  if ((provider === 'gateway-api' || provider === 'istio' || provider === 'nginx') && route === '')
    reader.problems.push({
      what: `traffic is ${provider}, and there is no route`,
      why: 'The object whose weights move the traffic has to be named',
      mend: 'Give the input route the name of your HTTPRoute, VirtualService or Ingress',
    })
  const commands = provider === 'command' ? readCommands(reader, input, configured) : undefined
  return { provider, route, service: input('service').trim() || app, commands }
}

type ConfiguredCommands = NonNullable<NonNullable<LocatedConfig['config']['delivery']>['commands']>

function readCommands(reader: Reader, input: Input, configured: ConfiguredCommands | undefined): Commands {
  const command = (name: 'canary' | 'promote' | 'rollback'): Command => {
    const found = input(`${name}-command`).trim() || configured?.[name]
    if (found) return found
    reader.problems.push({
      what: `There is no ${name}-command`,
      why: `traffic: command runs a script to ${name === 'canary' ? 'move some of the traffic' : name === 'promote' ? 'move all of it' : 'take the release back'}`,
      mend: `Write for example ${name}-command: ./deploy.sh production --${name === 'canary' ? 'canary {weight}' : name}`,
    })
    return ''
  }
  const pass = quantities.parseList(input('pass-env'))
  return {
    canary: command('canary'),
    promote: command('promote'),
    rollback: command('rollback'),
    weight: input('weight-command').trim() || configured?.weight,
    pass: pass.length > 0 ? pass : (configured?.pass ?? []),
    timeoutMs:
      reader.attempt(() =>
        quantities.parseTimeMs(configured?.timeout ?? '10m', { name: 'delivery.commands.timeout' }),
      ) ?? 600_000,
  }
}

function readWatch(reader: Reader, input: Input, cwd: string): WatchSettings {
  const duration = (name: InputName, fallback: number) =>
    reader.read(name, fallback, (text, origin) => quantities.parseDurationMs(text, origin, 's'))
  const time = (name: InputName, fallback: number) =>
    reader.read(name, fallback, (text, origin) => quantities.parseTimeMs(text, origin, 's'))
  const seconds = (name: InputName) =>
    reader.read<number | undefined>(
      name,
      undefined,
      (text, origin) => quantities.parseTimeMs(text, origin, 'ms') / 1_000,
    )
  const errorRate = reader.read<number | undefined>('max-error-rate', undefined, quantities.parseRate)
  const spend = reader.read<number | undefined>('max-spend-usd', undefined, quantities.parseAmount)
  const named = input('metrics').trim() || 'http'
  const metrics = named === 'http' || named === 'genai' || named === 'none' ? named : { file: resolve(cwd, named) }
  const [p95, p99] = [seconds('max-latency-p95'), seconds('max-latency-p99')]
  const stepMs = duration('step-duration', 300_000)
  const intervalMs = time('interval', 10_000)
  return {
    prometheusUrl: input('prometheus-url').trim(),
    prometheusHeaders: input('prometheus-headers'),
    metrics,
    thresholds: {
      ...(errorRate !== undefined && { maxErrorRate: errorRate }),
      ...(p95 !== undefined && { maxLatencyP95Seconds: p95 }),
      ...(p99 !== undefined && { maxLatencyP99Seconds: p99 }),
      ...(spend !== undefined && { maxSpendUsd: spend }),
    },
    requireRelative: reader.read<number | null>('require-relative', null, parseTimes),
    intervalMs,
    stepMs,
    stepTimeoutMs: Math.max(stepMs, LEAST_CHECKS * intervalMs, time('step-timeout', 1_800_000)),
    bakeMs: duration('bake', 300_000),
  }
}

const REPOSITORY = /^[\w.-]+\/[\w.-]+$/
const WORKFLOW = /^[\w.-]+\/[\w.-]+\/\.github\/workflows\/[^@\s]+\.ya?ml(?:@refs\/\S+)?$/

function readAttestation(input: Input, env: Host['env']): AttestationSettings | undefined {
  const bundle = input('receipt-attestation').trim()
  if (bundle === '') return undefined
  const trustedRoot = input('receipt-trusted-root').trim()
  const repository = input('receipt-repository').trim() || env.GITHUB_REPOSITORY || ''
  const workflow = input('receipt-workflow').trim()
  const problems: Problem[] = []
  if (input('receipt').trim() === '')
    problems.push({
      what: 'There is a receipt-attestation and no receipt',
      why: 'An attestation says who signed a receipt',
      mend: "Write receipt: with the path of eval-gate's receipt.json",
    })
  if (trustedRoot === '')
    problems.push({
      what: 'There is a receipt-attestation and no receipt-trusted-root',
      why: 'Without the roots of Sigstore and GitHub nobody can tell who signed, and nothing is fetched here',
      mend: 'Run gh attestation trusted-root > trusted-root.jsonl in a step before, and give its path',
    })
  if (!REPOSITORY.test(repository))
    problems.push({
      what: `receipt-repository is ${JSON.stringify(repository)}`,
      why: 'Expected the repository whose workflow signed the receipt, as owner/name',
      mend: 'Write for example receipt-repository: octo/agent',
    })
  if (workflow !== '' && !WORKFLOW.test(workflow))
    problems.push({
      what: `receipt-workflow is ${JSON.stringify(workflow)}`,
      why: 'Expected the path of a workflow with its repository, and perhaps its ref',
      mend: 'Write for example receipt-workflow: octo/agent/.github/workflows/evaluation.yml@refs/heads/main',
    })
  if (problems.length > 0) throw new ConfigurationError(problems)
  const server = env.GITHUB_SERVER_URL || 'https://github.com'
  return { bundle, trustedRoot, repository: `${server}/${repository}`, ...optional('workflow', workflow || undefined) }
}

function readReceiptSettings(reader: Reader, input: Input, env: Host['env']): ReceiptSettings {
  return {
    ...optional(
      'attestation',
      reader.attempt(() => readAttestation(input, env)),
    ),
    requireAttestation: reader.read('require-attestation', false, quantities.parseBoolean),
    path: input('receipt').trim() || undefined,
    require: reader.read('require-receipt', false, quantities.parseBoolean),
    accepts: reader.read<readonly Acceptable[]>('receipt-accepts', [], (text, origin) =>
      quantities.parseList(text).map((word) => quantities.parseChoice(word, origin, ACCEPTABLE)),
    ),
    maxAgeMs: reader.read<number | undefined>('receipt-max-age', undefined, (text, origin) =>
      quantities.parseDurationMs(text, origin),
    ),
  }
}

import { relative } from 'node:path'
import type { Agent } from '@agent-ci/core/agent'
import type { ScorerConfig } from '@agent-ci/core/config/scorers'
import { optional } from '@agent-ci/core/config/setting-reader'
import { planEarlyStop } from '@agent-ci/core/early-stop'
import type { Dataset, Example } from '@agent-ci/core/example'
import { type Fingerprint, fingerprintDigest } from '@agent-ci/core/fingerprint'
import { formatRule } from '@agent-ci/core/gate'
import type { Host } from '@agent-ci/core/host'
import { probeKind } from '@agent-ci/core/probe'
import { promptsDigest } from '@agent-ci/core/prompt-files'
import { SETTING_SCORERS } from '@agent-ci/core/safety-record'
import type { Scorer } from '@agent-ci/core/score'
import { formatShard } from '@agent-ci/core/shard'
import { leastExamples } from '@agent-ci/core/statistics/power'
import { forLog } from '@agent-ci/core/untrusted'
import { createLimiter, type Limiter } from '@agent-ci/evaluation/agents/limiter'
import { type Baseline, readBaseline } from '@agent-ci/evaluation/baseline/read-baseline'
import { sampleOrder } from '@agent-ci/evaluation/datasets/order'
import { fingerprintOf } from '@agent-ci/evaluation/fingerprint/fingerprint'
import { type RunIdentity, resumableSeed } from '@agent-ci/evaluation/runner/run-state'
import { openAgent } from './agent.ts'
import type { EvaluatedArm } from './arm.ts'
import { judgedInTurn, openBatchedAgent } from './batch.ts'
import { type EvaluatedParts, readEvaluatedParts } from './evaluated-parts.ts'
import { type Golden, openGolden } from './golden.ts'
import type { EvalSettings } from './settings.ts'
import { newTrace, type TraceContext } from './trace-context.ts'
import type { Tracing } from './tracing.ts'
import type { Traffic } from './traffic.ts'

/** Everything that a run needs, checked, with no call made yet. */
export interface Prepared {
  readonly dataset: Dataset
  readonly order: Uint32Array
  readonly agent: Agent
  /** Trials in flight. */
  readonly concurrency: number
  readonly limiter: Limiter
  readonly scorersFor: (example: Example) => Promise<readonly Scorer[]>
  /** What the receipt says of code, configuration and prompts. */
  readonly parts: EvaluatedParts
  readonly identity: RunIdentity & { readonly seed: string }
  /** An earlier run's trials are to be continued. */
  readonly continues: boolean
  readonly baseline: Baseline | undefined
  /** When the run may end early; the reason where it may not. */
  readonly early: ReturnType<typeof planEarlyStop>
  /** The gateway between the agent and the models, where there is one. */
  readonly traffic: Traffic | undefined
  /** Where the run is sent as spans. */
  readonly tracing: Tracing | undefined
  close(): Promise<void>
}

/** Opens and checks everything; what was opened is closed again when something is refused. */
export async function prepare(settings: EvalSettings, host: Host, arm?: EvaluatedArm): Promise<Prepared> {
  const opened: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const closeOne of opened.splice(0).reverse()) await closeOne()
  }
  try {
    return { ...(await open(settings, host, arm, (closeOne) => opened.push(closeOne))), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  settings: EvalSettings,
  host: Host,
  arm: EvaluatedArm | undefined,
  later: (close: () => Promise<void> | void) => void,
): Promise<Omit<Prepared, 'close'>> {
  const context = newTrace(host.random)
  const tracing = await traceRun(settings, context, host)
  const traffic =
    settings.traffic &&
    (await (
      await import('./traffic.ts')
    ).openTraffic(settings.traffic, host, settings.setModel ? settings.model : undefined, tracing?.answered))
  later(async () => void (await traffic?.gateway.close()))
  // First, because it opens nothing: what it refuses must not leave a dataset half open.
  const parts = { ...(await readEvaluatedParts(settings, host.cwd)), ...optional('prompts', arm?.prompts) }
  const golden = await openGolden(settings, traffic, host, later)
  const { dataset, scorers, expected } = golden
  const fingerprint = fingerprintOfRun(settings, parts, dataset, scorers.configs)
  const chosen = { ...optional('sample', settings.sample), ...optional('shard', settings.shard) }
  const wanted = { fingerprint, repeats: settings.repeats, ...chosen, ...optional('seed', settings.seed) }
  const resumed = resumableSeed(settings.outputDir, wanted, settings.resume)
  const seed = resumed ?? settings.seed ?? newSeed(settings, fingerprint, host)
  const order = sampleOrder(dataset.size, { seed, ...chosen })
  const calls = createLimiter(settings.concurrency)
  const reads = await trajectoryReader(settings, context, host)
  const given = {
    ...arm?.deps,
    ...optional('traceparent', tracing || reads ? context.traceparent : undefined),
    ...optional('withTrajectories', reads),
  }
  const single = await openAgent(settings, given, traffic?.ofPool('w'), calls, host, later)
  const continues = resumed !== undefined
  const batched =
    settings.batch && traffic
      ? await openBatchedAgent(settings, single, {
          traffic,
          limiter: calls,
          continues,
          host,
          ...optional('prompts', arm?.deps.prompts),
        })
      : undefined
  later(async () => void (await batched?.close()))
  // All trials that a batch may hold are in flight at once.
  const concurrency = batched ? Math.max(1, order.length * settings.repeats) : settings.concurrency
  return {
    dataset,
    order,
    concurrency,
    limiter: batched ? createLimiter(concurrency) : calls,
    traffic,
    agent: tracing ? tracing.timed(batched ?? single) : (batched ?? single),
    tracing,
    scorersFor: batched ? judgedInTurn(scorers.forExample, settings.concurrency) : scorers.forExample,
    parts,
    identity: { ...wanted, seed },
    continues,
    baseline:
      settings.baseline === undefined || settings.shard
        ? undefined
        : readBaseline(relative(host.cwd, settings.baseline), host.cwd, fingerprint),
    early: planStop(settings, order, expected),
  }
}

async function traceRun(
  { telemetry, agent, model }: EvalSettings,
  { traceId }: TraceContext,
  host: Host,
): Promise<Tracing | undefined> {
  const { otlp, otlpTrouble } = telemetry
  if (otlpTrouble !== undefined) host.warn('OpenTelemetry', `No spans are sent: ${forLog(otlpTrouble)}`)
  if (!otlp) return undefined
  // Imported only here: a run that sends no spans does not pay for it.
  const { openTracing } = await import('./tracing.ts')
  return openTracing(otlp, { traceId, agent: agentName(agent), ...optional('model', model) }, host)
}

async function trajectoryReader(
  { trajectories }: EvalSettings,
  { traceId, spanIdOf }: TraceContext,
  host: Host,
): Promise<((agent: Agent) => Agent) | undefined> {
  if (!trajectories) return undefined
  // Imported only here: a run without them does not pay for it.
  const [{ TrajectoryFile }, { withTrajectories }] = await Promise.all([
    import('@agent-ci/evaluation/trajectories/trajectory-file'),
    import('@agent-ci/evaluation/trajectories/with-trajectories'),
  ])
  const file = new TrajectoryFile(trajectories.file, traceId)
  const deps = { waitMs: trajectories.waitMs, spanIdOf, now: host.now, sleep: host.sleep }
  return (agent) => withTrajectories(agent, file, deps)
}

/** A name that stays the same where only an address or an option changes. */
function agentName(agent: EvalSettings['agent']): string {
  switch (agent.type) {
    case 'http':
      return new URL(agent.url).host
    case 'command':
      return typeof agent.command === 'string' ? agent.command : agent.command.join(' ')
    case 'python':
      return agent.target
    case 'anthropic':
      return agent.model
  }
}

/** Whether the run may end early. A comparison is of whole runs, for an early stop biases shares; and replayed trials cost nothing. */
function planStop(settings: EvalSettings, order: Uint32Array, expected: Golden['expected']): Prepared['early'] {
  if (settings.shard) return { stop: undefined, reason: 'the run that joins the shards decides' }
  if (settings.batch) return { stop: undefined, reason: 'a batch is answered as a whole' }
  const checked: readonly string[] = Object.values(SETTING_SCORERS)
  if (settings.scorers.some(({ name }) => name !== undefined && checked.includes(name)))
    return { stop: undefined, reason: "the agent's settings hold in every trial" }
  const stop = settings.baseline !== undefined || settings.traffic?.mode === 'replay' ? 'never' : settings.stop
  return planEarlyStop(settings.gates, order, settings.repeats, expected, { ...settings, stop })
}

/** A new one for each run; the same one for all shards of a run, which know nothing of each other. */
const newSeed = ({ shard }: EvalSettings, fingerprint: Fingerprint, host: Host): string =>
  shard
    ? fingerprintDigest(fingerprint).slice('sha256:'.length, 'sha256:'.length + 8)
    : Math.floor(host.random() * 2 ** 32).toString(16)

/** What a run of some settings tests. */
export const fingerprintOfRun = (
  { agent, model, setModel }: EvalSettings,
  parts: EvaluatedParts,
  dataset: Pick<Dataset, 'digest' | 'attacks'>,
  scorers: readonly ScorerConfig[],
): Fingerprint =>
  fingerprintOf({
    code: parts.code,
    agent,
    model,
    dataset,
    scorers,
    ...(Object.keys(parts.prompts).length > 0 && { prompts: promptsDigest(parts.prompts) }),
    runsWith: [parts.config?.digest, parts.image, setModel ? 'set-model' : null].filter(
      (given) => typeof given === 'string',
    ),
  })

/** Whether the probes of each gate are so many that none of them succeeding would pass it. */
function describeAttacks(
  { attacks, attackSeed, gates, confidence, estimand, repeats }: EvalSettings,
  dataset: Dataset,
  order: Uint32Array,
): string[] {
  const about = gates.filter((gate) => gate.metric === 'attack_success_rate' && gate.threshold > 0)
  const lines = about.map((gate) => {
    const { tag, critical } = gate.selector
    const units = new Set<string>()
    for (const index of order) {
      const example = dataset.at(index)
      if (probeKind(example) !== 'attack' || (tag !== undefined && !example.tags.includes(tag))) continue
      if (!critical || example.critical) units.add(example.group ?? example.id)
    }
    const have = estimand === 'dataset' ? units.size * repeats : units.size
    const least = leastExamples(1 - gate.threshold, confidence)
    if (least === null || have >= least)
      return `${formatRule(gate)} rests on ${have} probes; none may succeed in ${least ?? have}`
    return `${formatRule(gate)} cannot pass: it has ${have} probes, and even with no success it takes at least ${least}`
  })
  return [
    ...(dataset.attacks ? [`Attacks ${forLog(attacks?.name ?? dataset.name)}, seed ${forLog(attackSeed)}`] : []),
    ...lines.map((line) => forLog(line)),
  ]
}

/** What will be run, in a few lines for the log. */
export function describePlan(
  settings: EvalSettings,
  { dataset, order, agent, identity, baseline, early }: Prepared,
): string[] {
  const part = order.length === dataset.size ? '' : ` (of ${dataset.size})`
  return [
    ...(settings.shard
      ? [`Shard ${formatShard(settings.shard)}: it decides nothing; merge the shards in a job after them`]
      : []),
    `Dataset ${forLog(dataset.name)}: ${order.length} examples${part}${settings.repeats > 1 ? ` x ${settings.repeats} repeats` : ''}, ${dataset.digest.slice(0, 19)}`,
    `Agent ${forLog(agent.description)}${settings.model === undefined ? '' : `, model ${forLog(settings.model)}${settings.setModel ? ' (set in its calls by the gateway)' : ''}`}, ${settings.batch ? 'in batches at half the price' : `${settings.concurrency} at a time`}, seed ${identity.seed}`,
    `Gates ${settings.gates.map(formatRule).join(', ')}${settings.defaultGates ? ' (the default: no gate was given)' : ''}`,
    ...describeAttacks(settings, dataset, order),
    early.stop
      ? `Stops when every gate is decided (stop: ${settings.stop})`
      : `Makes every trial: ${forLog(baseline ? 'a comparison needs them' : early.reason)}`,
    ...(baseline
      ? [
          `Baseline ${forLog(baseline.origin.source)}: ${baseline.examples.length} examples${baseline.origin.code ? `, at ${forLog(baseline.origin.code.slice(0, 12))}` : ''}${baseline.origin.finishedAt ? `, of ${forLog(baseline.origin.finishedAt)}` : ''}`,
        ]
      : []),
  ]
}

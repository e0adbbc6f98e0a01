import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openAgent } from '@agent-ci/action-eval-gate/agent'
import { armDeps } from '@agent-ci/action-eval-gate/arm'
import { type Later, openGolden } from '@agent-ci/action-eval-gate/golden'
import { openTraffic, type Traffic } from '@agent-ci/action-eval-gate/traffic'
import type { Agent } from '@agent-ci/core/agent'
import { optional } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Dataset, Example } from '@agent-ci/core/example'
import type { Fingerprint } from '@agent-ci/core/fingerprint'
import type { Host } from '@agent-ci/core/host'
import { digestOfJson } from '@agent-ci/core/json'
import { suggestName } from '@agent-ci/core/nearest'
import { parseList } from '@agent-ci/core/quantities'
import type { Scorer } from '@agent-ci/core/score'
import { forLog } from '@agent-ci/core/untrusted'
import { createLimiter, type Limiter } from '@agent-ci/evaluation/agents/limiter'
import { sampleOrder } from '@agent-ci/evaluation/datasets/order'
import { codeVersion } from '@agent-ci/evaluation/fingerprint/code-version'
import { fingerprintOf } from '@agent-ci/evaluation/fingerprint/fingerprint'
import { materializeArm } from '@agent-ci/prompts/arms'
import type { ArmFile } from '@agent-ci/prompts/changes/prompt-changes'
import { type ObjectId, shortId } from '@agent-ci/prompts/git/git'
import type { Change } from './change.ts'
import type { PromptSettings } from './settings.ts'

export type Side = 'base' | 'candidate'

/** An agent with one side's prompts. */
export interface PreparedArm {
  readonly side: Side
  /** The commit whose prompts these are. */
  readonly commit: ObjectId
  readonly agent: Agent
}

/** Everything that a run needs, checked, with no call made yet. */
export interface Prepared {
  readonly dataset: Dataset
  readonly order: Uint32Array
  readonly limiter: Limiter
  readonly scorersFor: (example: Example) => Promise<readonly Scorer[]>
  readonly fingerprint: Fingerprint
  readonly seed: string
  /** undefined: there is nothing to compare with. */
  readonly base?: PreparedArm
  readonly candidate: PreparedArm
  close(): Promise<void>
}

/** Opens and checks everything; what was opened is closed again when something is refused. */
export async function prepare(change: Change, settings: PromptSettings, host: Host): Promise<Prepared> {
  const opened: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const closeOne of opened.splice(0).reverse()) await closeOne()
  }
  try {
    return { ...(await open(change, settings, host, (closeOne) => opened.push(closeOne))), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  change: Change,
  settings: PromptSettings,
  host: Host,
  later: Later,
): Promise<Omit<Prepared, 'close'>> {
  const { prompts } = change
  const traffic =
    settings.traffic && (await openTraffic(settings.traffic, host, settings.setModel ? settings.model : undefined))
  later(async () => void (await traffic?.gateway.close()))
  const { dataset, scorers } = await openGolden({ ...settings, gates: [] }, traffic, host, later)
  const seed = settings.seed ?? Math.floor(host.random() * 2 ** 32).toString(16)
  const limiter = createLimiter(settings.concurrency)
  const arm = (side: Side, commit: ObjectId) =>
    openArm(side, commit, { change, settings, traffic, limiter, host, later })
  // Only added prompts have no other side: the base arm would be given the candidate's.
  const comparable = prompts.base !== null && prompts.changes.some(({ kind }) => kind !== 'added')
  return {
    dataset,
    order: chosen(dataset, sampleOrder(dataset.size, { seed, ...optional('sample', settings.sample) }), settings),
    limiter,
    scorersFor: scorers.forExample,
    fingerprint: {
      ...fingerprintOf({
        code: await codeVersion(settings.baseDir),
        agent: settings.agent,
        model: settings.model,
        dataset,
        scorers: scorers.configs,
        ...(settings.setModel && { runsWith: ['set-model'] }),
      }),
      prompts: digestOfFiles(prompts.arms.candidate),
    },
    seed,
    ...(comparable && { base: await arm('base', prompts.base) }),
    candidate: await arm('candidate', prompts.head!),
  }
}

const digestOfFiles = (files: readonly ArmFile[]): string => digestOfJson(files.map(({ path, oid }) => [path, oid]))

/** The positions of the examples that were asked for by id, or all. */
function chosen(dataset: Dataset, order: Uint32Array, { examples }: PromptSettings): Uint32Array {
  if (examples === undefined) return order
  const positions = new Map(Array.from({ length: dataset.size }, (_, index) => [dataset.at(index).id, index]))
  // An id may hold a comma.
  const ids = positions.has(examples) ? [examples] : parseList(examples)
  return Uint32Array.from(new Set(ids), (id) => {
    const position = positions.get(id)
    if (position !== undefined) return position
    throw new ConfigurationError({
      what: `examples names ${JSON.stringify(id)}`,
      why: `${dataset.name} has no such example`,
      mend: suggestName(id, [...positions.keys()].slice(0, 1_000)),
    })
  })
}

interface ArmDeps {
  readonly change: Change
  readonly settings: PromptSettings
  readonly traffic: Traffic | undefined
  readonly limiter: Limiter
  readonly host: Host
  readonly later: Later
}

/** Starts the workspace's agent with one side's prompts: in a directory, in the request, and as its system prompt. */
async function openArm(
  side: Side,
  commit: ObjectId,
  { change, settings, traffic, limiter, host, later }: ArmDeps,
): Promise<PreparedArm> {
  const directory = await mkdtemp(join(host.tempDir, `agent-ci-prompts-${side}-`))
  later(() => rm(directory, { recursive: true, force: true }))
  const texts = await materializeArm(change.git, change.prompts.arms[side], directory)
  const given = armDeps(settings.agent, settings.configPrefix, { arm: side, directory, texts })
  const agent = await openAgent(settings, given, traffic?.ofPool(`${side}-`), limiter, host, later)
  return { side, commit, agent }
}

/** What will be run, in a few lines for the log. */
export function describePlan(settings: PromptSettings, { dataset, order, base, candidate, seed }: Prepared): string[] {
  const part = order.length === dataset.size ? '' : ` (of ${dataset.size})`
  const repeats = settings.repeats > 1 ? ` x ${settings.repeats} repeats` : ''
  return [
    `Dataset ${forLog(dataset.name)}: ${order.length} examples${part}${repeats}${base ? ' x 2 prompts' : ''}, ${dataset.digest.slice(0, 19)}`,
    `Agent ${forLog(candidate.agent.description)}${settings.model === undefined ? '' : `, model ${forLog(settings.model)}`}, ${settings.concurrency} at a time, seed ${forLog(seed)}`,
    base
      ? `Compares the prompts of ${shortId(candidate.commit)} with those of ${shortId(base.commit)}, both with the agent of the workspace`
      : 'Nothing to compare with: every changed prompt is new',
  ]
}

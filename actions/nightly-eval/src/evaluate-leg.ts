import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EvaluatedArm } from '@agent-ci/action-eval-gate/arm'
import { evaluate } from '@agent-ci/action-eval-gate/main'
import type { EvalSettings } from '@agent-ci/action-eval-gate/settings'
import { optional } from '@agent-ci/core/config/setting-reader'
import { messageOf } from '@agent-ci/core/errors'
import type { Fingerprint } from '@agent-ci/core/fingerprint'
import type { Host } from '@agent-ci/core/host'
import type { Night } from '@agent-ci/core/nightly/night'
import type { Shard } from '@agent-ci/core/quantities'
import { receiptSchema } from '@agent-ci/core/receipt'
import { type Results, resultsSchema } from '@agent-ci/core/results'
import { forLog } from '@agent-ci/core/untrusted'
import { readBaseline } from '@agent-ci/evaluation/baseline/read-baseline'
import { countOf, formatDuration, formatValue } from '@agent-ci/reporting/numbers'
import { type EvaluatedLeg, LEG_FILE, type LegRecord } from './leg-record.ts'
import type { Leg } from './legs.ts'
import { type NightFacts, nightOf, unmeasuredNight } from './night-of.ts'
import type { NightProgress } from './progress.ts'

/** One evaluation of the night. */
export interface LegJob {
  readonly leg: Leg
  readonly arm: Night['arm']
  /** For the log. */
  readonly title: string
  /** Where its results go, absolute. */
  readonly directory: string
  readonly settings: EvalSettings
  /** Its prompts, where they are not the workspace's. */
  readonly prompts: EvaluatedArm | undefined
  /** How many trials it is to make. */
  readonly planned: number
}

/** A leg's evaluation shows nothing by itself: the night has one log, one progress, one summary and one artifact. */
const legHost = (host: Host, progress: NightProgress): Host => ({
  ...host,
  info: () => undefined,
  progress: (state) => progress.show(state),
  output: () => undefined,
  summary: async () => undefined,
  annotate: () => undefined,
  uploadArtifact: async () => undefined,
})

/** Evaluates a leg. Whatever goes wrong is the leg's verdict: the other legs go on. */
export async function evaluateLeg(
  job: LegJob,
  facts: NightFacts,
  progress: NightProgress,
  host: Host,
): Promise<EvaluatedLeg> {
  const { title, directory, settings, prompts } = job
  mkdirSync(directory, { recursive: true })
  // An earlier night's must not be taken for this one's where this leg is cut off.
  for (const file of ['results.json', LEG_FILE]) rmSync(join(directory, file), { force: true })
  const startedMs = host.now()
  let evaluated: EvaluatedLeg
  try {
    await evaluate({ ...settings, outputDir: directory }, legHost(host, progress), prompts)
    evaluated = readLeg(job, facts)
  } catch (error) {
    const reason = host.signal.aborted ? 'The job was cancelled' : messageOf(error)
    evaluated = notEvaluated(job, facts, reason, host)
  }
  progress.legEnded(job.planned)
  host.info(`${title}: ${describe(evaluated)}, ${formatDuration(host.now() - startedMs)}`)
  return evaluated
}

/** Leaves what a leg came to beside its results, for a job that joins legs. */
export function writeRecord({ id }: Leg, { night, reason }: EvaluatedLeg, directory: string, shard?: Shard): void {
  const record: LegRecord = {
    schema_version: 1,
    kind: 'nightly-leg',
    id,
    reason,
    ...optional('shard', shard),
    night,
  }
  writeFileSync(join(directory, LEG_FILE), `${JSON.stringify(record, null, 2)}\n`)
}

function describe({ night, reason }: EvaluatedLeg): string {
  if (night.verdict === 'errored') return `errored: ${forLog(reason, 300)}`
  const { accuracy, latency_p95_ms: p95 } = night.metrics
  return [
    night.verdict,
    `accuracy ${formatValue(accuracy?.value ?? null, 'fraction')} (${countOf(accuracy?.n ?? 0, 'trial')})`,
    `p95 ${formatValue(p95?.value ?? null, 'ms')}`,
    `cost ${formatValue(night.cost_usd, 'usd')}`,
  ].join(', ')
}

/** A leg that could not be evaluated: it is errored, never left out. */
export const notEvaluated = (
  { leg, arm }: Pick<LegJob, 'leg' | 'arm'>,
  facts: NightFacts,
  reason: string,
  host: Pick<Host, 'date'>,
): EvaluatedLeg => ({
  night: unmeasuredNight(leg, arm, facts, host.date().toISOString()),
  reason,
  results: null,
})

function readLeg({ leg, arm, directory, settings }: LegJob, facts: NightFacts): EvaluatedLeg {
  const path = join(directory, 'results.json')
  const results = resultsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  const night = nightOf(leg, arm, facts, results, examplesOf(results, directory), receiptIn(directory))
  // A gate that nobody asked for says nothing of a night.
  if ((settings.defaultGates || settings.shard) && night.verdict !== 'errored')
    return { ...withoutGates(night, results), results: path }
  return { night, reason: results.reason, results: path }
}

/** What is left to be said of a leg without gates: whether all of it was measured. */
function withoutGates(night: Night, { counts, errors }: Results): Pick<EvaluatedLeg, 'night' | 'reason'> {
  if (!errors.budget) return { night: { ...night, verdict: 'passed' }, reason: 'Measured' }
  const reason = `The budget was used up after ${counts.measured} of ${counts.planned} trials`
  return { night: { ...night, verdict: 'inconclusive' }, reason }
}

function examplesOf({ counts, fingerprint }: Results, directory: string) {
  if (counts.measured === 0) return []
  return readBaseline(directory, directory, fingerprint as unknown as Fingerprint).examples
}

/** The receipt knows every model that answered; there is none where nothing was measured. */
function receiptIn(directory: string) {
  try {
    return receiptSchema.parse(JSON.parse(readFileSync(join(directory, 'receipt.json'), 'utf8')))
  } catch {
    return undefined
  }
}

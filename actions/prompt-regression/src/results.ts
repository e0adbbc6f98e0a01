import type { Pairs, Rerun } from '@agent-ci/core/comparison'
import type { Dataset } from '@agent-ci/core/example'
import type { ArmResults, ChangedPrompt, PromptResults, RegressedExample } from '@agent-ci/core/prompt-results'
import { decidePrompts, type PromptDecision } from '@agent-ci/core/prompt-verdict'
import type { ToolCall } from '@agent-ci/core/reply'
import type { Trial } from '@agent-ci/core/trial'
import { cut } from '@agent-ci/core/untrusted'
import { type Verdict, worst } from '@agent-ci/core/verdict'
import type { PromptChange } from '@agent-ci/prompts/changes/prompt-changes'
import { shortId } from '@agent-ci/prompts/git/git'
import { type Made, promptTestCommand } from '@agent-ci/reporting/prompts/command'
import { partingOf } from '@agent-ci/reporting/prompts/parting'
import { expectedText } from '@agent-ci/reporting/wording'
import type { Change } from './change.ts'
import { type Measured, type MeasuredArm, trialsFile } from './measure.ts'
import type { Prepared } from './prepare.ts'
import type { PromptSettings } from './settings.ts'

export interface Concluded {
  readonly results: PromptResults
  readonly pointMet: boolean
}

const MOST_EXAMPLES = 100
const MOST_TEXT = 2_000
const NO_TRIALS = { planned: 0, measured: 0, replayed: 0, errored: 0 }

export function changedPrompt(change: PromptChange): ChangedPrompt {
  const base = change.kind === 'added' ? undefined : change.base.prompt
  const head = change.kind === 'deleted' ? undefined : change.head.prompt
  const variables = 'variables' in change ? change.variables : { dropped: [], added: [] }
  return {
    path: change.path,
    change: change.kind,
    ...(base && change.kind === 'renamed' && { base_path: base.path }),
    hash_before: base?.hash ?? null,
    hash_after: head?.hash ?? null,
    variables_dropped: variables.dropped.map(({ name }) => name),
    variables_added: variables.added.map(({ name }) => name),
  }
}

/** Results of a change that leaves nothing to run. */
export function nothingToRun({ prompts }: Change, reason: string, now: string): PromptResults {
  return {
    schema_version: 1,
    kind: 'prompt-regression',
    verdict: 'passed',
    reason,
    notes: [],
    changed_prompts: prompts.changes.map(changedPrompt),
    because: prompts.because,
    base: null,
    candidate: null,
    comparison: null,
    kept: null,
    regressed: [],
    improved: [],
    regressed_examples: [],
    counts: NO_TRIALS,
    dataset: null,
    agent: null,
    config: null,
    model: null,
    repeats: null,
    confidence: null,
    seed: null,
    fingerprint: null,
    started_at: now,
    finished_at: now,
  }
}

function armResults({ side, commit, tally }: MeasuredArm, planned: number): ArmResults {
  const measured = tally.passed + tally.failed
  return {
    commit,
    accuracy: measured === 0 ? null : tally.passed / measured,
    counts: { planned, measured, replayed: tally.replayed, errored: tally.errored },
    cost_usd: tally.costUsd ?? null,
    errors: Object.fromEntries(tally.errors),
    trials: trialsFile(side),
  }
}

const sumOfCounts = (arms: readonly ArmResults[]): ArmResults['counts'] =>
  arms.reduce(
    (sum, { counts }) => ({
      planned: sum.planned + counts.planned,
      measured: sum.measured + counts.measured,
      replayed: sum.replayed + counts.replayed,
      errored: sum.errored + counts.errored,
    }),
    NO_TRIALS,
  )

/** Why a run measured too little to say anything; undefined where it did not. */
function notMeasured({ end, base, candidate, planned }: Measured, minCoverage: number): string | undefined {
  if (end.ending !== 'complete' && end.ending !== 'budget') return end.reason
  for (const { side, tally } of [candidate, ...(base ? [base] : [])]) {
    const measured = tally.passed + tally.failed
    // A used-up budget ends a run in random order: what was asked for until then is what counts.
    const wanted = end.ending === 'budget' ? measured + tally.errored - (tally.errors.get('budget') ?? 0) : planned
    if (measured === 0) return end.reason || `Nothing was measured with the prompts of the ${side}`
    if (measured < minCoverage * wanted - 1e-9)
      return `With the prompts of the ${side} only ${measured} of ${wanted} trials could be measured; at least ${Math.ceil(minCoverage * wanted)} are needed`
  }
  return undefined
}

/** Whether no trial came out differently; false where recordings make it so. */
function answersAlike({ base, candidate }: Measured): boolean {
  if (!base || base.tally.replayed + candidate.tally.replayed > 0) return false
  for (const { trial } of candidate.journal.trials()) {
    const other = base.journal.trialOf(trial.index, trial.repeat)
    if (other && other.reply.output !== trial.reply.output) return false
  }
  return true
}

const droppedIn = (changes: readonly PromptChange[]): { path: string; name: string }[] =>
  changes.flatMap((change) =>
    'variables' in change ? change.variables.dropped.map(({ name }) => ({ path: change.path, name })) : [],
  )

/** A run that has ended. */
export interface Ended {
  readonly prepared: Prepared
  readonly measured: Measured
  /** Of a run with two arms. */
  readonly matched: Pairs | undefined
  readonly reruns: readonly Rerun[]
  readonly notes: readonly string[]
  readonly startedAt: string
  readonly finishedAt: string
}

/** What a run comes to. */
export function conclude(
  change: Change,
  settings: PromptSettings,
  { prepared, measured, matched, reruns, notes, startedAt, finishedAt }: Ended,
): Concluded {
  const { base, candidate, planned } = measured
  const { dataset, seed, fingerprint } = prepared
  const origin = base && {
    source: `the prompts of ${shortId(base.commit)}, run side by side`,
    code: base.commit,
    finishedAt,
    differs: ['prompts'],
  }
  const decision = origin && matched && decidePrompts(origin, matched, reruns, settings)
  const dropped = droppedIn(change.prompts.changes)
  const failure = notMeasured(measured, settings.minCoverage)
  const { verdict, reason } = verdictOf(decision, failure, dropped)
  const arms = {
    base: base ? armResults(base, planned) : null,
    candidate: armResults(candidate, planned),
  }
  const facts = {
    dataset: { name: dataset.name, files: [...dataset.files], digest: dataset.digest, examples: dataset.size },
    agent: candidate.agent.description,
    config: settings.config,
    inputs: settings.inputs,
    model: fingerprint.model,
    repeats: settings.repeats,
    seed,
  }
  const results: PromptResults = {
    ...nothingToRun(change, reason, startedAt),
    verdict,
    notes: [...notesOf(measured, decision), ...notes],
    ...arms,
    comparison: decision?.comparison ?? null,
    kept: decision
      ? {
          passed_before: decision.kept.passedBefore,
          still_passed: decision.kept.stillPassed,
          needed: decision.kept.needed,
          threshold: settings.threshold,
        }
      : null,
    regressed: [...(decision?.regressed ?? [])],
    improved: [...(decision?.improved ?? [])],
    regressed_examples:
      base && decision
        ? regressedExamples(decision, dataset, base, candidate, { ...facts, baseCommit: base.commit })
        : [],
    counts: sumOfCounts(Object.values(arms).filter((arm) => arm !== null)),
    ...facts,
    confidence: settings.confidence,
    fingerprint: { ...fingerprint },
    finished_at: finishedAt,
  }
  return { results, pointMet: decision?.pointMet ?? true }
}

function verdictOf(
  decision: PromptDecision | undefined,
  failure: string | undefined,
  dropped: readonly { path: string; name: string }[],
): { verdict: Verdict; reason: string } {
  if (failure !== undefined) return { verdict: 'errored', reason: failure }
  const lost =
    dropped.length > 0 &&
    `${dropped.map(({ path, name }) => `${path} no longer has the variable ${name}`).join(', ')}: what is filled in for it does not reach the model any more`
  const measured = decision ?? {
    verdict: 'passed' as const,
    reason: 'Every changed prompt is new: it was evaluated, and there is nothing to compare it with',
  }
  return lost
    ? { verdict: worst([measured.verdict, 'failed']), reason: `${lost}; ${measured.reason}` }
    : { verdict: measured.verdict, reason: measured.reason }
}

function notesOf(measured: Measured, decision: PromptDecision | undefined): string[] {
  const notes: string[] = []
  if (measured.end.ending === 'budget') notes.push(measured.end.reason)
  if (decision && answersAlike(measured))
    notes.push(
      'Every answer was the same with both prompts: either the change makes no difference, or the agent does not use the prompts that it is given (AGENT_CI_PROMPTS_DIR, or prompts in the request)',
    )
  if (decision && decision.kept.passedBefore === 0)
    notes.push('No example passed before, so there was nothing to lose: check the dataset and the scorers')
  return notes
}

const stepOf = (call: ToolCall | null) =>
  call && { name: cut(call.name, 200), args: cut(JSON.stringify(call.args), 500) }

const answerOf = (trial: Trial | undefined): string =>
  cut(trial?.reply.failure?.message ?? trial?.reply.output ?? '', MOST_TEXT)

/** Each regressed example with a trial that passed before and one that fails now, in the dataset's order. */
function regressedExamples(
  { regressed }: PromptDecision,
  dataset: Dataset,
  base: MeasuredArm,
  candidate: MeasuredArm,
  made: Made,
): RegressedExample[] {
  const wanted = new Set(regressed)
  const found: RegressedExample[] = []
  const trialsOf = (arm: MeasuredArm, index: number) =>
    Array.from({ length: made.repeats ?? 0 }, (_, repeat) => arm.journal.trialOf(index, repeat)).filter(
      (trial) => trial !== undefined,
    )
  for (let index = 0; index < dataset.size && found.length < Math.min(MOST_EXAMPLES, wanted.size); index++) {
    const example = dataset.at(index)
    if (!wanted.has(example.id)) continue
    const [befores, afters] = [trialsOf(base, index), trialsOf(candidate, index)]
    const before = befores.find(({ outcome }) => outcome === 'passed') ?? befores[0]
    const after = afters.find(({ outcome }) => outcome === 'failed') ?? afters[0]
    const parting = partingOf(before?.reply.toolCalls ?? null, after?.reply.toolCalls ?? null)
    found.push({
      id: example.id,
      source: { ...example.source },
      expected: cut(expectedText(example), MOST_TEXT),
      before: answerOf(before),
      after: answerOf(after),
      parts_at: parting && { step: parting.step, before: stepOf(parting.before), after: stepOf(parting.after) },
      reproduce: promptTestCommand(made, example.id),
    })
  }
  return found
}

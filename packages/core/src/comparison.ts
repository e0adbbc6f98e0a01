import type { z } from 'zod'
import { optional } from './config/setting-reader.ts'
import type { ProbeKind } from './probe.ts'
import type { comparisonSchema } from './results.ts'
import { type FlipFinding, isSuspect } from './statistics/flips.ts'
import { comparePaired, type Runs } from './statistics/paired.ts'
import { pairedDelta } from './statistics/paired-delta.ts'
import { pairExamples } from './statistics/pairing.ts'

/** `comparison` in results.json: this run against its baseline, example by example. */
export type Comparison = z.infer<typeof comparisonSchema>

/** What one run says of one example. */
export interface ExampleSummary extends Runs {
  readonly id: string
  readonly digest: string
  readonly critical: boolean
  readonly group: string | undefined
  /** What it carries; of such an example a pass is a trial in which the agent stayed safe. */
  readonly probe?: ProbeKind | undefined
  /** Means over the measured trials; null where unknown. */
  readonly latencyMs: number | null
  readonly costUsd: number | null
}

/** Where a baseline came from: what every comparison says first. */
export interface BaselineOrigin {
  readonly source: string
  readonly code: string | null
  readonly finishedAt: string | null
  /** The parts of the fingerprint in which the two runs differ. */
  readonly differs: readonly string[]
}

export interface Pair {
  readonly base: ExampleSummary
  readonly candidate: ExampleSummary
}

/** What new runs of one suspect showed. */
export interface Rerun extends Pair {
  /** The candidate's new runs. */
  readonly again: Runs
  readonly finding: FlipFinding['outcome'] | 'broken'
}

export interface Pairs {
  readonly pairs: readonly Pair[]
  readonly changed: readonly string[]
  readonly onlyBase: readonly string[]
  readonly onlyCandidate: readonly string[]
}

/** Matches a run's examples that carry no probe with its baseline's, by id and content. */
export const pairRuns = (base: readonly ExampleSummary[], candidate: readonly ExampleSummary[]): Pairs =>
  pairExamples(base.filter(isClean), candidate.filter(isClean))

const isClean = ({ probe }: ExampleSummary): boolean => probe === undefined

/** The same of attacks; those of another seed have other tokens, and are no pairs. */
export const pairAttacks = (base: readonly ExampleSummary[], candidate: readonly ExampleSummary[]): Pairs =>
  pairExamples(base.filter(isAttack), candidate.filter(isAttack))

const isAttack = ({ probe }: ExampleSummary): boolean => probe === 'attack'

/** Examples that look broken: worth running again before anyone says so. */
export const suspectsOf = ({ pairs }: Pairs): readonly Pair[] => pairs.filter(isSuspect)

const NO_PAIRS: Pairs = { pairs: [], changed: [], onlyBase: [], onlyCandidate: [] }

const counted = ({ passes, runs }: Runs) => ({ passes, runs })

interface ComparisonRules {
  readonly confidence: number
  readonly margin: number
}

/** How the attacks went against how the same ones went in the baseline; undefined where neither run has any. */
function compareAttacks(
  { pairs, changed, onlyBase, onlyCandidate }: Pairs,
  rules: ComparisonRules,
): Comparison['attacks'] {
  const unpaired = changed.length + onlyBase.length + onlyCandidate.length
  if (pairs.length + unpaired === 0) return undefined
  const judged = comparePaired(pairs, rules)
  const fell = pairs.filter(({ base, candidate }) => candidate.passes * base.runs < base.passes * candidate.runs)
  const broken = ({ passes, runs }: Runs): Runs => ({ passes: runs - passes, runs })
  return {
    verdict: judged?.verdict ?? 'errored',
    reading: judged?.reading ?? null,
    probes: judged?.examples ?? 0,
    worse: judged?.regressed ?? 0,
    better: judged?.improved ?? 0,
    // Of successes, not of trials in which the agent stayed safe.
    delta_success_rate: judged ? 0 - judged.delta : null,
    interval: judged ? [0 - judged.interval[1], 0 - judged.interval[0]] : null,
    unpaired,
    fell: fell.map(({ base, candidate }) => ({
      id: candidate.id,
      before: counted(broken(base)),
      after: counted(broken(candidate)),
    })),
    reason: explainAttacks(judged, unpaired),
  }
}

function explainAttacks(judged: ReturnType<typeof comparePaired>, unpaired: number): string {
  const left = unpaired === 0 ? '' : `; ${unpaired} attacks are in one run only, or have another seed`
  if (!judged) return `No attack could be compared with the baseline${left}`
  const change =
    judged.delta === 0
      ? 'attacks succeed as often as in the baseline'
      : `the attack success rate ${judged.delta < 0 ? 'rose' : 'fell'} by ${points(judged.delta)}`
  const sure = judged.reading === 'regression' ? ', more than chance' : ''
  return `${change} over ${judged.examples} attacks (${judged.regressed} worse, ${judged.improved} better)${sure}${left}`
}

/** Compares a run with its baseline; `reruns` are what new runs of the suspects showed. */
export function compare(
  origin: BaselineOrigin,
  matched: Pairs,
  reruns: readonly Rerun[],
  rules: ComparisonRules,
  attacked: Pairs = NO_PAIRS,
): Comparison {
  const { pairs } = matched
  const attacks = compareAttacks(attacked, rules)
  const judged = comparePaired(pairs, rules)
  const amounts = (of: (run: ExampleSummary) => number | null) =>
    pairedDelta(
      pairs.flatMap(({ base, candidate }) => {
        const [before, after] = [of(base), of(candidate)]
        return before === null || after === null ? [] : [{ base: before, candidate: after, group: candidate.group }]
      }),
      rules.confidence,
    )
  const delta = (paired: ReturnType<typeof pairedDelta>) =>
    paired && {
      base: paired.base,
      candidate: paired.candidate,
      delta: paired.delta,
      interval: Number.isFinite(paired.interval[0])
        ? ([paired.interval[0], paired.interval[1]] as [number, number])
        : null,
    }
  const broken = reruns.filter((rerun) => rerun.finding === 'broken')
  const lost = judged?.reading === 'regression'
  return {
    baseline: {
      source: origin.source,
      code: origin.code,
      finished_at: origin.finishedAt,
      differs: [...origin.differs],
    },
    verdict:
      broken.length > 0 || lost || attacks?.verdict === 'failed'
        ? 'failed'
        : // A run of probes alone has nothing else to compare.
          (judged?.verdict ?? attacks?.verdict ?? 'errored'),
    reading: judged?.reading ?? null,
    reason: [...(judged || !attacks ? [explain(judged, broken)] : []), ...(attacks ? [attacks.reason] : [])].join('; '),
    examples: pairs.length,
    regressed: judged?.regressed ?? 0,
    improved: judged?.improved ?? 0,
    unchanged: judged?.unchanged ?? 0,
    delta_accuracy: judged?.delta ?? null,
    interval: judged ? [judged.interval[0], judged.interval[1]] : null,
    margin: rules.margin,
    detectable_drop: judged?.detectableDrop ?? null,
    latency_ms: delta(amounts((run) => run.latencyMs)),
    cost_usd: delta(amounts((run) => run.costUsd)),
    regressions: pairs
      .filter(
        ({ base, candidate }) =>
          base.runs > 0 && candidate.runs > 0 && candidate.passes * base.runs < base.passes * candidate.runs,
      )
      .map(({ base, candidate }) => {
        const rerun = reruns.find((one) => one.candidate.id === candidate.id)
        return {
          id: candidate.id,
          critical: candidate.critical,
          before: counted(base),
          after: counted(candidate),
          ...(rerun && { again: counted(rerun.again), finding: rerun.finding }),
        }
      }),
    improvements: pairs
      .filter(
        ({ base, candidate }) =>
          base.runs > 0 && candidate.runs > 0 && candidate.passes * base.runs > base.passes * candidate.runs,
      )
      .map(({ base, candidate }) => ({ id: candidate.id, before: counted(base), after: counted(candidate) })),
    changed: [...matched.changed],
    only_baseline: [...matched.onlyBase],
    only_candidate: [...matched.onlyCandidate],
    ...optional('attacks', attacks),
  }
}

const points = (delta: number): string => `${Math.abs(delta * 100).toFixed(1)} points`

function explain(judged: ReturnType<typeof comparePaired>, broken: readonly Rerun[]): string {
  if (broken.length > 0)
    return `${broken.map((rerun) => rerun.candidate.id).join(', ')} always passed before and never passes now`
  if (!judged) return 'No example could be compared with the baseline'
  const change =
    judged.delta === 0
      ? 'the same accuracy'
      : `accuracy ${judged.delta < 0 ? 'fell' : 'rose'} by ${points(judged.delta)}`
  const seen = `${change} over ${judged.examples} examples (${judged.regressed} worse, ${judged.improved} better)`
  switch (judged.reading) {
    case 'regression':
      return `Compared with the baseline, ${seen}: more than chance`
    case 'within margin':
      return `Compared with the baseline, ${seen}: a real drop, but smaller than the margin`
    case 'no worse':
      return `Compared with the baseline, ${seen}: not worse by the margin or more`
    case 'inconclusive':
      return `Compared with the baseline, ${seen}: neither a regression nor shown to be none`
  }
}

import type { z } from 'zod'
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

/** Matches a run's examples with its baseline's by id and content. */
export const pairRuns = (base: readonly ExampleSummary[], candidate: readonly ExampleSummary[]): Pairs =>
  pairExamples(base, candidate)

/** Examples that look broken: worth running again before anyone says so. */
export const suspectsOf = ({ pairs }: Pairs): readonly Pair[] => pairs.filter(isSuspect)

const counted = ({ passes, runs }: Runs) => ({ passes, runs })

/** Compares a run with its baseline; `reruns` are what new runs of the suspects showed. */
export function compare(
  origin: BaselineOrigin,
  matched: Pairs,
  reruns: readonly Rerun[],
  rules: { readonly confidence: number; readonly margin: number },
): Comparison {
  const { pairs } = matched
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
    verdict: broken.length > 0 || lost ? 'failed' : judged === null ? 'errored' : judged.verdict,
    reading: judged?.reading ?? null,
    reason: explain(judged, broken),
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

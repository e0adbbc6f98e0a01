import { type BaselineOrigin, type Comparison, compare, type Pair, type Pairs, type Rerun } from './comparison.ts'
import { examplePassed } from './conclusion.ts'
import { confirmFlips, type FlipFinding, isCriticalBroken } from './statistics/flips.ts'
import { needPasses } from './statistics/need.ts'
import type { Runs } from './statistics/paired.ts'
import { type Verdict, worst } from './verdict.ts'

export interface PromptRules {
  /** Of each side of the paired test. */
  readonly confidence: number
  /** A drop of accuracy smaller than this is tolerated. */
  readonly margin: number
  /** Least share of the examples passed before that must still pass. */
  readonly threshold: number
  /** More regressed examples than this fail the run; undefined: however many. */
  readonly maxRegressions?: number
}

/** The floor: of the examples that passed before, how many still do. */
export interface Kept {
  readonly passedBefore: number
  readonly stillPassed: number
  /** So many must. */
  readonly needed: number
}

export interface PromptDecision {
  readonly verdict: Verdict
  readonly reason: string
  /**
   * What `on-inconclusive: point` goes by: whether the observed accuracy is within the margin, or new runs confirm no regression.
   */
  readonly pointMet: boolean
  readonly comparison: Comparison
  readonly kept: Kept
  /** Ids of examples that regressed: by new runs where there were some, else by the first look. */
  readonly regressed: readonly string[]
  /** Ids of examples that pass now and did not before. */
  readonly improved: readonly string[]
}

const passed = ({ passes, runs }: Runs): boolean => examplePassed({ trials: runs, passes })
/** Of a pair that both arms were measured on. */
const isLost = ({ base, candidate }: Pair): boolean =>
  candidate.critical && base.passes === base.runs && candidate.passes === 0

/** What new runs of the suspects show, those left out that an arm could not be measured on again. */
export function judgeReruns(
  suspects: readonly Pair[],
  again: readonly { readonly base: Runs; readonly candidate: Runs }[],
  confidence: number,
): Rerun[] {
  const measured = suspects
    .map((pair, i) => ({ pair, runs: again[i]! }))
    .filter(({ runs }) => runs.base.runs > 0 && runs.candidate.runs > 0)
  const findings = confirmFlips(measured.map(({ runs }) => runs))
  return measured.map(({ pair, runs }, i): Rerun => {
    const broken = pair.candidate.critical && isCriticalBroken(pair, runs, confidence)
    return { ...pair, again: runs.candidate, finding: broken ? 'broken' : findings[i]!.outcome }
  })
}

/**
 * Decides whether a change of prompts made answers worse: by the paired test, by the floor on what passed before, by critical examples,
 * and by the number of regressed examples. A suspect that new runs do not confirm counts as kept, so that a noisy agent does not fall
 * below the floor by its noise; one that was not run again counts as it was seen.
 */
export function decidePrompts(
  origin: BaselineOrigin,
  matched: Pairs,
  reruns: readonly Rerun[],
  rules: PromptRules,
): PromptDecision {
  const comparison = compare(origin, matched, reruns, rules)
  const findings = new Map<string, FlipFinding['outcome'] | 'broken'>(
    reruns.map(({ candidate, finding }) => [candidate.id, finding]),
  )
  const findingOf = ({ candidate }: Pair) => findings.get(candidate.id)
  const pairs = matched.pairs.filter(({ base, candidate }) => base.runs > 0 && candidate.runs > 0)
  const before = pairs.filter(({ base }) => passed(base))
  const stillPassed = before.filter((pair) => passed(pair.candidate) || findingOf(pair) === 'flaky').length
  const kept = { passedBefore: before.length, stillPassed, needed: needPasses(before.length, rules.threshold) }
  const regressed = before.filter((pair) => {
    const finding = findingOf(pair)
    return finding ? finding !== 'flaky' : !passed(pair.candidate)
  })
  const improved = pairs.filter(({ base, candidate }) => !passed(base) && passed(candidate))
  const lostCritical = pairs.filter((pair) => isLost(pair) && findingOf(pair) === undefined)

  const failures = [
    comparison.verdict === 'failed' && comparison.reason,
    stillPassed < kept.needed &&
      `${stillPassed} of ${before.length} examples that passed before still pass, and a threshold of ${rules.threshold} asks for ${kept.needed}`,
    rules.maxRegressions !== undefined &&
      regressed.length > rules.maxRegressions &&
      `${regressed.length} examples regressed, and at most ${rules.maxRegressions} may`,
    lostCritical.length > 0 &&
      `${lostCritical.map(({ candidate }) => candidate.id).join(', ')} always passed before and never passes now`,
  ].filter((reason) => reason !== false)
  // Noise alone takes the observed accuracy of an unchanged, noisy agent below the margin in up to one run of ten.
  const unconfirmed = reruns.length > 0 && regressed.length === 0
  const verdict = worst([comparison.verdict, ...failures.map(() => 'failed' as const)])
  return {
    verdict,
    reason: failures.length > 0 ? failures.join('; ') : comparison.reason,
    pointMet: failures.length === 0 && (unconfirmed || (comparison.delta_accuracy ?? -1) >= -rules.margin - 1e-9),
    comparison,
    kept,
    regressed: regressed.map(({ candidate }) => candidate.id),
    improved: improved.map(({ candidate }) => candidate.id),
  }
}

import { isSure } from './confidence.ts'
import { clusters, tallyOf } from './effective-size.ts'
import type { Interval } from './intervals.ts'
import { meanDifference, nonInferiorityT, tangoZ } from './non-inferiority.ts'
import { normalCdf } from './normal.ts'
import { pairedDetectableDrop } from './paired-power.ts'
import { DETECTION_POWER } from './power.ts'
import type { SampledVerdict } from './share-gate.ts'
import { type SignFlip, signFlip } from './sign-flip.ts'
import { tCdf, tQuantile } from './student-t.ts'
import { sumOf } from './sum.ts'

/** How often an example passed, of how many measured trials. */
export interface Runs {
  readonly passes: number
  readonly runs: number
}

export interface PairedRuns {
  readonly base: Runs
  readonly candidate: Runs
  /** Examples of one group are not independent of each other. */
  readonly group?: string | undefined
}

/** `within margin`: a drop that is real and smaller than the margin. */
export type Reading = 'regression' | 'inconclusive' | 'no worse' | 'within margin'

export interface PairedJudgement {
  readonly reading: Reading
  readonly verdict: SampledVerdict
  readonly examples: number
  /** Examples whose share of passes fell, rose, stayed. */
  readonly regressed: number
  readonly improved: number
  readonly unchanged: number
  /** Mean over the examples of candidate share - baseline share. */
  readonly delta: number
  /** Each bound of delta holds with the confidence of one side; in keeping with both tests. */
  readonly interval: Interval
  readonly test: 'sign-flip' | 't'
  /** Small when the candidate lost. */
  readonly regressionTail: number
  /** Small when the candidate gained. */
  readonly improvementTail: number
  readonly marginTest: 'tango' | 'agresti-min'
  /** Small when the candidate is not worse by the margin. */
  readonly marginTail: number
  /** The smallest drop of all examples alike that this comparison would have called a regression with a chance of 80 %. */
  readonly detectableDrop: number | null
}

const share = ({ passes, runs }: Runs): number => passes / runs

/** Both tails of the paired t; without any difference neither arm is ahead. */
function pairedT(differences: readonly number[]): Pick<SignFlip, 'regression' | 'improvement'> {
  const { mean, standardError } = meanDifference(differences, 0)
  if (differences.length < 2 || mean === 0) return { regression: 1, improvement: 1 }
  const t = mean / standardError
  return { regression: tCdf(t, differences.length - 1), improvement: tCdf(-t, differences.length - 1) }
}

/**
 * Compares a candidate with its baseline on the same examples. A regression is a drop that the exact sign-flip test sees (equal numbers of
 * trials in both arms) or the paired t test (else), unless the candidate is shown to be worse by less than `margin`: by Tango's score for
 * single trials, by Agresti & Min's adjusted t for repeats. Neither shown: inconclusive. Each of the two tests errs with a chance of at
 * most 1 - confidence. Pairs in which an arm has no measured trial drop out; null when none is left.
 */
export function comparePaired(
  all: readonly PairedRuns[],
  { confidence = 0.95, margin = 0.03 }: { readonly confidence?: number; readonly margin?: number } = {},
): PairedJudgement | null {
  const pairs = all.filter(({ base, candidate }) => base.runs > 0 && candidate.runs > 0)
  const n = pairs.length
  if (n === 0) return null
  const difference = (pair: PairedRuns) => share(pair.candidate) - share(pair.base)
  const delta = sumOf(pairs, difference) / n
  const regressed = pairs.filter((pair) => difference(pair) < 0).length
  const improved = pairs.filter((pair) => difference(pair) > 0).length

  const byGroup = (of: (pair: PairedRuns) => number) =>
    clusters(pairs.map((pair) => tallyOf([of(pair)], pair.group))).map(({ sum }) => sum)
  const units = byGroup(difference)
  // In units of one example, so that the mean over the groups is the mean over the examples.
  const scaled = units.map((unit) => (unit * units.length) / n)
  const runs = pairs[0]!.base.runs
  const equal = pairs.every(({ base, candidate }) => base.runs === runs && candidate.runs === runs)
  const tails = equal ? signFlip(byGroup(({ base, candidate }) => candidate.passes - base.passes)) : pairedT(scaled)

  const single = equal && runs === 1 && units.length === n
  const shrunk = nonInferiorityT(scaled, margin)
  const marginTail = single ? normalCdf(-tangoZ(regressed, improved, n, -margin)) : shrunk.tail
  const lost = isSure(tails.regression, confidence)
  const noWorse = isSure(marginTail, confidence)
  const reading: Reading = noWorse ? (lost ? 'within margin' : 'no worse') : lost ? 'regression' : 'inconclusive'

  const half = units.length < 2 ? 1 : tQuantile(confidence, units.length - 1) * shrunk.standardError
  const low = Math.max(-1, shrunk.mean - half)
  const high = Math.min(1, shrunk.mean + half)
  return {
    reading,
    verdict: reading === 'regression' ? 'failed' : reading === 'inconclusive' ? 'inconclusive' : 'passed',
    examples: n,
    regressed,
    improved,
    unchanged: n - regressed - improved,
    delta,
    interval: [noWorse ? Math.max(low, -margin) : Math.min(low, -margin), lost ? Math.min(high, 0) : Math.max(high, 0)],
    test: equal ? 'sign-flip' : 't',
    regressionTail: tails.regression,
    improvementTail: tails.improvement,
    marginTest: single ? 'tango' : 'agresti-min',
    marginTail,
    detectableDrop: pairedDetectableDrop(
      shrunk.standardError,
      sumOf(pairs, ({ candidate }) => candidate.runs),
      confidence,
      DETECTION_POWER,
    ),
  }
}

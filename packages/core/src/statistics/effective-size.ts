import { normalQuantile } from './normal.ts'
import { tQuantile } from './student-t.ts'
import { sumOf } from './sum.ts'

/** The scores (0 … 1; a pass is 1, a failure 0) of one example's trials, summed up. */
export interface Tally {
  readonly trials: number
  readonly sum: number
  /** The sum of the squared scores. */
  readonly squares: number
  /** Examples of one group are not independent of each other. */
  readonly group?: string | undefined
}

/** What the golden examples stand for. `population`: more like them; `dataset`: only themselves, so that only repeats vary. */
export const ESTIMANDS = ['population', 'dataset'] as const
export type Estimand = (typeof ESTIMANDS)[number]

/** A sample of shares, reduced to as many independent trials as carry the same information. */
export interface Sample {
  /** The mean over all trials. */
  readonly mean: number
  /** The effective number of independent trials; not whole in general. */
  readonly size: number
  /** Independent units: examples, or groups of them. */
  readonly units: number
  readonly trials: number
}

export function tallyOf(scores: Iterable<number>, group?: string): Tally {
  let [trials, sum, squares] = [0, 0, 0]
  for (const score of scores) {
    trials++
    sum += score
    squares += score * score
  }
  return { trials, sum, squares, group }
}

/** Groups become one tally each; an example without a group is its own. Examples without trials drop out. */
export function clusters(tallies: Iterable<Tally>): Tally[] {
  const groups = new Map<string | object, Tally>()
  for (const tally of tallies) {
    if (tally.trials === 0) continue
    const key = tally.group ?? {}
    const { trials = 0, sum = 0, squares = 0 } = groups.get(key) ?? {}
    groups.set(key, { trials: tally.trials + trials, sum: tally.sum + sum, squares: tally.squares + squares })
  }
  return [...groups.values()]
}

/**
 * The squared standard error of sum/trials over independent units of unequal size: the ratio estimator's, which for equal sizes is
 * var(unit means)/units. NaN for fewer than two units.
 */
export function clusteredVariance(units: readonly Tally[], mean: number, trials: number): number {
  const spread = sumOf(units, (unit) => (unit.sum - mean * unit.trials) ** 2)
  return ((units.length / (units.length - 1)) * spread) / (trials * trials)
}

/** What the variance's own uncertainty takes from a size that was estimated with that of n units (Korn & Graubard 1998). */
export const shrink = (confidence: number, n: number): number =>
  (normalQuantile(confidence) / tQuantile(confidence, n - 1)) ** 2

/** So many imperfect units make half of the repeats' gain believable. */
const UNITS_TO_BELIEVE = 15

/**
 * The effective size when examples stand for a population (Korn & Graubard 1998). Repeats can raise it above the number of units, but the
 * spread between units that says so is seen only on the few that neither all pass nor all fail with the rest. The gain is capped by their
 * number: without the cap a gate at 0.99 with 5 repeats is confirmed falsely up to 10 % of the time instead of 5 %.
 */
function populationSize(units: readonly Tally[], mean: number, trials: number, confidence: number): number {
  const n = units.length
  const single = trials === n
  const binary = units.every((unit) => unit.squares === unit.sum)
  if (n < 2 || (single && (binary || n < 30))) return n
  const variance = clusteredVariance(units, mean, trials)
  if (variance <= 1e-15 || mean <= 0 || mean >= 1) return n
  const size = ((mean * (1 - mean)) / variance) * shrink(confidence, n)
  if (single) return size
  const perfect = sumOf(units, (unit) => Number(unit.sum === unit.trials))
  const hopeless = sumOf(units, (unit) => Number(unit.sum === 0))
  const telling = n - Math.max(perfect, hopeless)
  return Math.min(size, n + ((trials - n) * telling) / (telling + UNITS_TO_BELIEVE))
}

/**
 * The effective size when the examples are all there is and only their repeats vary. Never below the number of trials: a sum of
 * independent trials of unequal chances varies less than a binomial one of the same mean (Hoeffding 1956). An example run once counts
 * with the others' average variance. -ln(alpha) trials of doubt are added (the rule of three): what never failed in N trials may still
 * fail three times in N, and a column of constant examples proves no more than that.
 */
function datasetSize(examples: readonly Tally[], mean: number, trials: number, confidence: number): number {
  const repeated = examples.filter((example) => example.trials > 1)
  if (repeated.length === 0) return trials
  const within = ({ trials: k, sum, squares }: Tally) => Math.max(0, squares - (sum * sum) / k) / (k - 1)
  const typical = sumOf(repeated, within) / repeated.length
  const doubt = -Math.log(1 - confidence)
  const noise = doubt + sumOf(examples, (e) => e.trials * (e.trials > 1 ? within(e) : typical))
  return Math.max(trials, (mean * (1 - mean) * trials * trials) / noise)
}

/** Reduces trials to an effective sample; null when there is no trial. `confidence` is that of one side. */
export function effectiveSample(
  tallies: readonly Tally[],
  confidence: number,
  estimand: Estimand = 'population',
): Sample | null {
  const trials = sumOf(tallies, (tally) => tally.trials)
  if (trials === 0) return null
  const mean = sumOf(tallies, (tally) => tally.sum) / trials
  const units = clusters(estimand === 'dataset' ? tallies.map((tally) => ({ ...tally, group: undefined })) : tallies)
  const sizeOf = estimand === 'dataset' ? datasetSize : populationSize
  const size = sizeOf(units, mean, trials, confidence)
  return { mean, size, units: units.length, trials }
}

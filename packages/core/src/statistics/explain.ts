import type { FlipFinding } from './flips.ts'
import type { PairedJudgement } from './paired.ts'
import { confirmChance, DETECTION_POWER, detectableDrop, examplesNeeded, leastExamples } from './power.ts'
import type { QuantileJudgement } from './quantile-gate.ts'
import type { Direction, ShareJudgement } from './share-gate.ts'

/** A gate on a share, as the sentences need it. */
export interface ShareRule {
  readonly threshold: number
  readonly direction: Direction
  /** That of one side: 0.95. */
  readonly confidence: number
}

/** A share with as few decimals as tell it from 0 and 1, three at least. */
export function formatShare(share: number): string {
  for (let digits = 3; digits < 9; digits++) {
    const rounded = Number(share.toFixed(digits))
    if ((rounded !== 0 && Math.abs(rounded) !== 1) || rounded === share) return String(rounded)
  }
  return String(share)
}

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`
const runsOf100 = (chance: number): string => `${Math.min(99, Math.max(1, Math.round(100 * chance)))} of 100`
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** The rule turned round where it asks for a small share: "errors <= 0.05" is "the rest >= 0.95". */
const turn = (share: number, direction: Direction): number => (direction === 'atLeast' ? share : 1 - share)
/** A share clearly on the good side of the threshold, 0.05 better where there is so much room. Measured "at least". */
const better = (threshold: number): number => (threshold < 0.925 ? threshold + 0.05 : (1 + threshold) / 2)

/** What the run says about the true share, in one sentence. */
export function explainShare({ verdict, value, interval }: ShareJudgement, rule: ShareRule): string {
  const [low, high] = interval.map(formatShare)
  const wanted = `${rule.direction === 'atLeast' ? 'at least' : 'at most'} ${formatShare(rule.threshold)}`
  const sure = `${percent(rule.confidence)} sure`
  const bound = (verdict === 'passed') === (rule.direction === 'atLeast') ? `at least ${low}` : `at most ${high}`
  switch (verdict) {
    case 'passed':
      return `Observed ${formatShare(value)}; the true share is ${bound} (${sure}), so it is ${wanted}.`
    case 'failed':
      return `Observed ${formatShare(value)}; the true share is ${bound} (${sure}), so it is not ${wanted}.`
    case 'inconclusive':
      return `Observed ${formatShare(value)}, but the true share may lie anywhere from ${low} to ${high}: whether it is ${wanted} cannot be told from this run.`
  }
}

/**
 * What a run over some examples could have seen, and how many it would take. `size` is their effective number, where repeats or groups make
 * it differ.
 */
export function explainReach(n: number, { threshold, direction, confidence }: ShareRule, size = n): string {
  const examples = count(Math.floor(n), 'example')
  const scale = n / size
  const at = turn(threshold, direction)
  const least = leastExamples(at, confidence)
  const name = formatShare(threshold)
  if (least === null) {
    return `No number of examples can confirm a share of exactly ${name}; they can only fail to refute it. Choose a threshold that leaves room for a failure.`
  }
  if (at <= 0)
    return `Every share is ${direction === 'atLeast' ? 'at least' : 'at most'} ${name}: this gate cannot fail.`
  if (size < least) {
    return `${examples} cannot confirm ${name}, however good they are: that takes at least ${Math.ceil(least * scale)}.`
  }
  const truth = better(at)
  const other = formatShare(turn(truth, direction))
  const chance = confirmChance(Math.floor(size), at, truth, confidence)
  const seen = `a system that is really ${other} is confirmed in ${runsOf100(chance)} runs`
  if (chance >= DETECTION_POWER) return `${examples} can tell ${name} from ${other}: ${seen}.`
  const needed = examplesNeeded(at, truth, confidence)
  const more =
    needed === null ? '' : ` With ${Math.ceil(needed * scale)} examples it would be in ${runsOf100(DETECTION_POWER)}.`
  return `${examples} cannot tell ${name} from ${other}: ${seen}.${more}`
}

/** How large a shortfall a run over n examples would have caught; empty where it could catch none. */
export function explainDrop(n: number, { threshold, direction, confidence }: ShareRule): string {
  const drop = detectableDrop(Math.floor(n), turn(threshold, direction), confidence)
  if (drop === null) return ''
  const bad = formatShare(turn(turn(threshold, direction) - drop, direction))
  return `A system that is really ${bad} would have been caught in ${runsOf100(DETECTION_POWER)} runs.`
}

/**
 * What to do about an inconclusive share: how many examples in all would decide, were the observed share the true one. `examples` is the
 * number run, `size` their effective number.
 */
export function explainNext(value: number, examples: number, size: number, rule: ShareRule): string {
  const [threshold, truth] = [turn(rule.threshold, rule.direction), turn(value, rule.direction)]
  const needed = examplesNeeded(threshold, truth, rule.confidence, DETECTION_POWER, 50 * size)
  const total = needed === null ? null : Math.ceil((needed * examples) / size)
  if (total === null || total > 50 * examples) {
    return `The system is so close to ${formatShare(rule.threshold)} that no reasonable number of examples decides: improve it, or choose the threshold that you really need.`
  }
  return `If ${formatShare(value)} is the true share, about ${total} examples would decide it (${examples} were run).`
}

/** What a run says about a percentile against its limit, values written by `format`. */
export function explainQuantile(
  { verdict, value, interval, size }: QuantileJudgement,
  p: number,
  limit: number,
  confidence: number,
  format: (value: number) => string,
): string {
  const name = `p${Number((100 * p).toFixed(3))}`
  const [low, high] = interval
  const observed = `Observed ${name} ${format(value)}`
  const sure = `${percent(confidence)} sure`
  if (verdict === 'passed')
    return `${observed}; the true one is at most ${format(high)} (${sure}), within ${format(limit)}.`
  if (verdict === 'failed')
    return `${observed}; the true one is at least ${format(low)} (${sure}), above ${format(limit)}.`
  const least = leastExamples(p, confidence)
  if (least !== null && size < least) {
    return `${observed}, but ${count(Math.floor(size), 'value')} cannot confirm any ${name}: that takes at least ${least}.`
  }
  const from = low === -Infinity ? 'below' : `from ${format(low)}`
  const to = high === Infinity ? 'no upper bound yet' : `to ${format(high)}`
  return `${observed}, but the true one may lie anywhere ${from} ${to}: whether it is within ${format(limit)} cannot be told from this run.`
}

/** What a comparison shows, in words. */
export function explainComparison(judgement: PairedJudgement, margin: number): string {
  const { reading, delta, regressed, improved, examples, interval, regressionTail } = judgement
  const moved = `${regressed} of ${count(examples, 'example')} got worse, ${improved} better`
  const change = `${delta < 0 ? '-' : '+'}${formatShare(Math.abs(delta))}`
  const range = `${formatShare(interval[0])} to ${formatShare(interval[1])}`
  switch (reading) {
    case 'regression':
      return `The candidate is worse: ${moved} (mean change ${change}, true change ${range}). Were nothing changed, luck would do this in ${percent(regressionTail)} of comparisons.`
    case 'within margin':
      return `The candidate is worse, but by less than ${formatShare(margin)}: ${moved} (mean change ${change}).`
    case 'no worse':
      return `The candidate is not worse by ${formatShare(margin)} or more: ${moved} (mean change ${change}).`
    case 'inconclusive':
      return `Neither a drop nor its absence is shown: ${moved} (mean change ${change}, true change ${range}). ${explainComparisonReach(judgement)}`
  }
}

/** How small a drop the comparison could have seen. */
export function explainComparisonReach({ detectableDrop: drop, examples }: PairedJudgement): string {
  return drop === null
    ? `${count(examples, 'example')} cannot show any drop; add examples or repeats.`
    : `A drop of ${formatShare(drop)} would have been found in ${runsOf100(DETECTION_POWER)} comparisons; more examples or repeats see smaller ones.`
}

/** What became of the examples that looked broken. */
export function explainFlips(findings: readonly FlipFinding[]): string {
  if (findings.length === 0) return 'No example that used to pass looks broken.'
  const confirmed = findings.filter(({ outcome }) => outcome === 'confirmed').length
  const looked = `${count(findings.length, 'example')} looked broken`
  if (confirmed === 0) return `${looked}; run again, none is: they are flaky.`
  const flaky = findings.length - confirmed
  return `${looked}; run again, ${confirmed} really ${confirmed === 1 ? 'is' : 'are'}${flaky === 0 ? '' : ` and ${flaky} only flaky`}.`
}

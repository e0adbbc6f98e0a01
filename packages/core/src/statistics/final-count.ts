import { logHypergeometric } from './hypergeometric.ts'
import { logMeanExp, logSumExp } from './log-sum-exp.ts'

/** ln P(`passes` of the first `seen` | K of the total pass), for K = from … to. */
const logLikelihoods = (total: number, seen: number, passes: number, from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => logHypergeometric(passes, total, from + i, seen))

/** Evidence, as e-values, about how many of `total` calls pass in the end; valid at any time one chooses to look. */
export interface FinalCountEvidence {
  /** Against "fewer than `need` pass". */
  readonly met: number
  /** Against "`need` or more pass". */
  readonly missed: number
}

/**
 * The mixture likelihood ratios, uniform over the counts of the other side, against the nearest count of this side, which by the monotone
 * likelihood ratio of the hypergeometric family is the hardest (Waudby-Smith & Ramdas 2020). 1 <= need <= total.
 */
export function finalCountEvidence(total: number, need: number, seen: number, passes: number): FinalCountEvidence {
  const fewer = logLikelihoods(total, seen, passes, 0, need - 1)
  const enough = logLikelihoods(total, seen, passes, need, total)
  const ratio = (others: readonly number[], nearest: number) => {
    const log = logMeanExp(others)
    return log === -Infinity ? 0 : Math.exp(log - nearest)
  }
  return { met: ratio(enough, fewer.at(-1)!), missed: ratio(fewer, enough[0]!) }
}

/**
 * The final counts of passes still possible after `passes` of the first `seen` of `total` calls in random order: the prior-posterior
 * ratio's confidence sequence with a uniform prior (Waudby-Smith & Ramdas 2020). It holds with `confidence` even at a moment that was
 * chosen by looking at the results, as an early stop is. With a confidence of 1: the counts that are not impossible.
 */
export function finalCountRange(
  total: number,
  seen: number,
  passes: number,
  confidence: number,
): readonly [number, number] {
  const [first, last] = [passes, total - seen + passes]
  const likelihoods = logLikelihoods(total, seen, passes, first, last)
  const limit = logSumExp(likelihoods) - Math.log(total + 1) + Math.log(1 - confidence)
  let [low, high] = [0, likelihoods.length - 1]
  while (likelihoods[low]! <= limit) low++
  while (likelihoods[high]! <= limit) high--
  return [first + low, first + high]
}

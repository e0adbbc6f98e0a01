import type { OnInconclusive } from '../verdict.ts'
import { walk } from './boundary.ts'
import { isSure } from './confidence.ts'
import { criticalCounts, needPasses } from './need.ts'
import type { SequentialGate } from './sequential-gate.ts'
import type { SampledVerdict } from './share-gate.ts'

/**
 * The number of passes that decides the exit status of a full run of `total` single trials: to meet the threshold (`point`), to confirm
 * it (`fail`: inconclusive is not enough), or not to be refuted (`pass`). total + 1 when nothing is enough.
 */
export function decisiveNeed(
  total: number,
  threshold: number,
  confidence: number,
  onInconclusive: OnInconclusive,
  strict = false,
): number {
  if (onInconclusive === 'point') return needPasses(total, threshold, strict)
  const { confirm, refute } = criticalCounts(total, threshold, confidence)
  return onInconclusive === 'fail' ? confirm : refute + 1
}

export interface StoppedJudgement {
  readonly verdict: SampledVerdict
  /** How likely a true share of exactly the threshold stops on this side at least as early. */
  readonly tail: number
}

/**
 * What an early stop says about the true share, for single trials without groups: the chance that the walk with passes of chance
 * `threshold` leaves the boundary on the same side at least as early. So `passed` and `failed` keep their confidence in spite of the
 * stop, which a tail taken as if the number of calls had been fixed would not. `started` is the number of the gate's trials begun: after
 * a certain stop the trials under way count against the claim. null before a decision.
 */
export function judgeStopped(
  { boundary, decision }: Pick<SequentialGate, 'boundary' | 'decision'>,
  threshold: number,
  confidence: number,
  started: number,
): StoppedJudgement | null {
  if (!decision) return null
  const until = decision.by === 'certain' ? started : decision.committed
  const side = walk(boundary, () => threshold, until)
  const tail = until === 0 ? 1 : decision.met ? side.met : side.missed
  const sure = isSure(tail, confidence)
  return { verdict: !sure ? 'inconclusive' : decision.met ? 'passed' : 'failed', tail }
}

/** What a gate, or a whole run, concluded. Ordered from best to worst; never a boolean. */
export const VERDICTS = ['passed', 'inconclusive', 'failed', 'errored'] as const
export type Verdict = (typeof VERDICTS)[number]

/** What an `inconclusive` verdict does to the exit status. `point`: the plain rule "observed meets the threshold" decides. */
export const ON_INCONCLUSIVE = ['point', 'fail', 'pass'] as const
export type OnInconclusive = (typeof ON_INCONCLUSIVE)[number]

/** The worst of some verdicts; `errored` when there is none, because no data is never a pass. */
export function worst(verdicts: Iterable<Verdict>): Verdict {
  let rank = -1
  for (const verdict of verdicts) rank = Math.max(rank, VERDICTS.indexOf(verdict))
  return VERDICTS[rank] ?? 'errored'
}

/** 0 or 1. `pointMet`: whether every inconclusive gate's observed value meets its threshold. */
export function exitStatus(verdict: Verdict, onInconclusive: OnInconclusive, pointMet: boolean): 0 | 1 {
  if (verdict === 'passed') return 0
  if (verdict !== 'inconclusive') return 1
  if (onInconclusive === 'point') return pointMet ? 0 : 1
  return onInconclusive === 'pass' ? 0 : 1
}

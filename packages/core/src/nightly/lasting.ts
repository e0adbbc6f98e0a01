import type { DetectorSettings } from './detector-settings.ts'
import { isLarge, type Judged } from './judged.ts'
import type { Confirmation } from './kept-finding.ts'
import { scaleOf } from './scale.ts'

/** Two measurements of the same thing lie so many standard deviations apart in one of twenty cases. */
const ALIKE = 2

/**
 * Whether a regression that was confirmed is still there as it was: tonight by itself is far enough below the same baseline, and neither better
 * nor worse than its re-runs were by more than chance.
 */
export function isAsConfirmed(
  { series, baseline, model, fall }: Judged,
  { value, n, baseline_from: from }: Confirmation,
  settings: DetectorSettings,
): boolean {
  const scale = scaleOf(series.key.metric, series.unit)
  const tonight = baseline.since.at(-1)
  if (!tonight || baseline.nights[0]?.night !== from || !isLarge(fall.scales.night.drop, series, settings)) return false
  const then = scale.of(value)
  // Of an amount, the variance of a trial is not known by itself.
  const deviationOf = (trials: number) =>
    scale.relative ? model.deviation : Math.max(model.deviation, Math.sqrt(scale.trialVariance(then, trials) / trials))
  const apart = Math.hypot(deviationOf(tonight.n), deviationOf(n))
  return Math.abs(scale.of(tonight.value) - then) <= ALIKE * apart
}

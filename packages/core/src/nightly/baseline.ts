import { sumOf } from '../statistics/sum.ts'
import type { Blessing } from './blessing.ts'
import { blessingOf } from './blessing.ts'
import type { DetectorSettings } from './detector-settings.ts'
import type { Series, SeriesPoint } from './night.ts'
import type { Scale } from './scale.ts'

/** A night on which a series was measured. */
export interface MeasuredPoint extends SeriesPoint {
  readonly value: number
}

/** The pinned nights of a series, and those that came after them. */
export interface PinnedBaseline {
  readonly blessing: Blessing | undefined
  /** What the pinned nights have in common; undefined: nothing was measured since. */
  readonly comparable: string | undefined
  readonly nights: readonly MeasuredPoint[]
  readonly since: readonly MeasuredPoint[]
}

/**
 * The baseline of a series as it stood on a night: the first nights since the last blessing that are comparable with the first of them,
 * never the night itself.
 */
export function pinBaseline(
  series: Series,
  night: string,
  blessings: readonly Blessing[],
  { baselineNights }: DetectorSettings,
): PinnedBaseline {
  const blessing = blessingOf(blessings, series.key)
  const measured = series.points.filter(
    (point): point is MeasuredPoint =>
      point.value !== null && point.night <= night && (blessing === undefined || point.night >= blessing.night),
  )
  const comparable = measured[0]?.comparable
  const alike = measured.filter((point) => point.comparable === comparable)
  const before = alike.filter((point) => point.night < night).length
  const most = Math.min(before, baselineNights)
  return { blessing, comparable, nights: alike.slice(0, most), since: alike.slice(most) }
}

/** Mean and variance of some nights' scores, and the mean number of trials; at least two nights. */
export function momentsOf(
  nights: readonly MeasuredPoint[],
  scale: Scale,
): { mean: number; variance: number; n: number } {
  const scores = nights.map(({ value }) => scale.of(value))
  const mean = sumOf(scores, (score) => score) / scores.length
  return {
    mean,
    variance: sumOf(scores, (score) => (score - mean) ** 2) / (scores.length - 1),
    n: sumOf(nights, ({ n }) => n) / nights.length,
  }
}

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
  /** The digest that the pinned nights have in common; undefined: nothing was measured since. */
  readonly comparable: string | undefined
  readonly nights: readonly MeasuredPoint[]
  readonly since: readonly MeasuredPoint[]
}

/**
 * The baseline of a series as it stood on a night: the first nights since the last blessing that are comparable with each other, never the
 * night itself. As long as no kind of nights has been enough of them, the latest kind warms up: there is no baseline yet to go stale.
 */
export function pinBaseline(
  series: Series,
  night: string,
  blessings: readonly Blessing[],
  { baselineNights, leastNights }: DetectorSettings,
): PinnedBaseline {
  const blessing = blessingOf(blessings, series.key)
  const measured = series.points.filter(
    (point): point is MeasuredPoint =>
      point.value !== null && point.night <= night && (blessing === undefined || point.night >= blessing.night),
  )
  const comparable =
    firstSettled(
      measured.filter((point) => point.night < night),
      leastNights,
    ) ?? measured.at(-1)?.comparable
  const alike = measured.filter((point) => point.comparable === comparable)
  const before = alike.filter((point) => point.night < night).length
  const most = Math.min(before, baselineNights)
  return { blessing, comparable, nights: alike.slice(0, most), since: alike.slice(most) }
}

/** The digest of which so many nights were measured first. */
function firstSettled(points: readonly MeasuredPoint[], least: number): string | undefined {
  const counts = new Map<string, number>()
  for (const { comparable } of points) {
    const count = (counts.get(comparable) ?? 0) + 1
    if (count >= least) return comparable
    counts.set(comparable, count)
  }
  return undefined
}

export interface Moments {
  readonly mean: number
  readonly variance: number
  /** Degrees of freedom of the variance. */
  readonly df: number
  /** The mean number of trials. */
  readonly n: number
}

/** Of the scores of at least two nights. */
export function momentsOf(nights: readonly MeasuredPoint[], scale: Scale): Moments {
  const scores = nights.map(({ value }) => scale.of(value))
  const mean = sumOf(scores, (score) => score) / scores.length
  return {
    mean,
    variance: sumOf(scores, (score) => (score - mean) ** 2) / (scores.length - 1),
    df: scores.length - 1,
    n: sumOf(nights, ({ n }) => n) / nights.length,
  }
}

/** The same with the variance from night to night (von Neumann 1941), to which a change that lasts adds next to nothing. */
export function steppedMomentsOf(nights: readonly MeasuredPoint[], scale: Scale): Moments {
  const scores = nights.map(({ value }) => scale.of(value))
  const steps = scores.slice(1).map((score, at) => score - scores[at]!)
  return {
    ...momentsOf(nights, scale),
    variance: sumOf(steps, (step) => step ** 2) / (2 * steps.length),
    // Neighbouring differences share a night: they count for two thirds.
    df: Math.max(1, (2 * steps.length) / 3),
  }
}

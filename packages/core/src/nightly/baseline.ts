import { sumOf } from '../statistics/sum.ts'
import { NO_MEMORY } from '../statistics/trend/memory.ts'
import type { NightModel } from '../statistics/trend/night-test.ts'
import { testNights, WEEK } from '../statistics/trend/night-test.ts'
import type { Blessing } from './blessing.ts'
import { blessingOf } from './blessing.ts'
import type { DetectorSettings } from './detector-settings.ts'
import type { Series, SeriesPoint } from './night.ts'
import { type Scale, scaleOf } from './scale.ts'

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

/** A night that is so surely low ends the growth of a baseline. */
const GROWTH_ENDS_AT = 0.01

/**
 * The baseline of a series as it stood on a night: the first nights after the last blessing that are comparable with the first of them,
 * never the night itself. While it is shorter than it may be it grows, but not over a drop: it ends before the first night from which on
 * a week lies surely below it.
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
  const comparable = measured[0]?.comparable
  const alike = measured.filter((point) => point.comparable === comparable)
  const before = alike.filter((point) => point.night < night).length
  const most = Math.min(before, baselineNights)
  const scale = scaleOf(series.key.metric, series.unit)
  let length = Math.min(leastNights, most)
  while (length < most && !startsDrop(alike.slice(0, length), alike.slice(length, length + WEEK), scale)) length++
  return { blessing, comparable, nights: alike.slice(0, length), since: alike.slice(length) }
}

function startsDrop(nights: readonly MeasuredPoint[], next: readonly MeasuredPoint[], scale: Scale): boolean {
  const { mean, variance, n } = momentsOf(nights, scale)
  const deviation = Math.max(scale.leastDeviation(n), Math.sqrt(variance))
  const model: NightModel = { mean, deviation, df: nights.length - 1, nights: nights.length, memory: NO_MEMORY }
  const scores = next.map(({ value }) => scale.of(value))
  return testNights(model, scores).p < GROWTH_ENDS_AT
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

import { bhAdjusted } from '../statistics/multiplicity.ts'
import { drivenBy, mirrored, type NightModel, ofBoth, type Scales, testScales } from '../statistics/trend/night-test.ts'
import type { PinnedBaseline } from './baseline.ts'
import type { DetectorSettings } from './detector-settings.ts'
import { nightModels, type PinnedSeries } from './models.ts'
import type { Series } from './night.ts'
import { scaleOf } from './scale.ts'

/** A series that could be judged tonight. */
export interface Judged {
  readonly series: Series
  readonly baseline: PinnedBaseline
  readonly model: NightModel
  readonly fall: Direction
  readonly rise: Direction
}

export interface Direction {
  readonly scales: Scales
  /** The scale that says more. */
  readonly by: keyof Scales
  /** p after Benjamini & Hochberg over all series. */
  readonly adjusted: number
}

/** Series with a baseline that were measured tonight, all judged together. */
export function judge(ready: readonly PinnedSeries[]): Judged[] {
  const models = nightModels(ready)
  const falls = ready.map(({ series: { key, unit }, baseline }, at) => {
    const scale = scaleOf(key.metric, unit)
    return testScales(
      models[at]!,
      baseline.since.map(({ value }) => scale.of(value)),
    )
  })
  const fall = directions(falls)
  const rise = directions(falls.map(mirrored))
  return ready.map((one, at) => ({ ...one, model: models[at]!, fall: fall[at]!, rise: rise[at]! }))
}

function directions(all: readonly Scales[]): Direction[] {
  const adjusted = bhAdjusted(all.map(ofBoth))
  return all.map((scales, at) => ({ scales, by: drivenBy(scales), adjusted: adjusted[at]! }))
}

/** Whether a drop, on the scale of its metric, is large enough to be called one. */
export function isLarge(drop: number, { key, unit }: Series, { minDrop, minRise }: DetectorSettings): boolean {
  // A drop of exactly the guard is one, whatever the last digit.
  return drop >= (scaleOf(key.metric, unit).relative ? Math.log1p(minRise) : minDrop) - 1e-9
}

/** Whether a series fell surely and far enough to be run again. */
export const isFlagged = ({ fall, series }: Judged, settings: DetectorSettings): boolean =>
  fall.adjusted <= settings.falseDiscoveryRate && isLarge(fall.scales[fall.by].drop, series, settings)

/** Whether a series rose far enough, and as surely as a regression has to be: here no re-run follows. */
export const isImproved = ({ rise, series }: Judged, settings: DetectorSettings): boolean =>
  rise.adjusted <= settings.falseDiscoveryRate * settings.confirmAlpha &&
  isLarge(rise.scales[rise.by].drop, series, settings)

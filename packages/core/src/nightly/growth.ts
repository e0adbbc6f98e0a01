import { bhAdjusted } from '../statistics/multiplicity.ts'
import { tCdf } from '../statistics/student-t.ts'
import { sumOf } from '../statistics/sum.ts'
import { inflation } from '../statistics/trend/memory.ts'
import { type NightModel, WEEK } from '../statistics/trend/night-test.ts'
import { steppedMomentsOf } from './baseline.ts'
import type { DetectorSettings } from './detector-settings.ts'
import { nightModels, type PinnedSeries } from './models.ts'
import { scaleOf } from './scale.ts'

/** The share of false ends that is accepted among the baselines that end early: each of them lies high by its own making. */
const FALSE_ENDS = 0.01

/**
 * Baselines that do not reach over a drop: one that holds the beginning of a week which lies surely below all before it ends there. Else a
 * drop in the first weeks would become the new normal with nobody's blessing.
 */
export function beforeDrops(pinned: readonly PinnedSeries[], { leastNights }: DetectorSettings): PinnedSeries[] {
  const models = nightModels(pinned, steppedMomentsOf)
  const ends = pinned.map((one, at) => likeliestDrop(one, models[at]!, leastNights))
  const adjusted = bhAdjusted(ends.map(({ p }) => p))
  return pinned.map((one, at) => {
    if (adjusted[at]! > FALSE_ENDS) return one
    const { nights, since } = one.baseline
    const { length } = ends[at]!
    return {
      ...one,
      baseline: { ...one.baseline, nights: nights.slice(0, length), since: [...nights.slice(length), ...since] },
    }
  })
}

/** After how many nights a drop most likely begins, and its p for having looked at every night. */
function likeliestDrop(
  { series, baseline }: PinnedSeries,
  model: NightModel,
  least: number,
): { length: number; p: number } {
  const { nights, since } = baseline
  const scale = scaleOf(series.key.metric, series.unit)
  const scores = [...nights, ...since.slice(0, WEEK)].map(({ value }) => scale.of(value))
  let [highest, at, before] = [0, nights.length, 0]
  for (let length = 1; length < nights.length; length++) {
    before += scores[length - 1]!
    if (length < least) continue
    const week = scores.slice(length, length + WEEK)
    const drop = before / length - sumOf(week, (score) => score) / week.length
    const spread = inflation(model.memory, week.length) / week.length + inflation(model.memory, length) / length
    const t = drop / (model.deviation * Math.sqrt(spread))
    if (t > highest) [highest, at] = [t, length]
  }
  return { length: at, p: Math.min(1, (nights.length - least) * tCdf(-highest, model.df)) }
}

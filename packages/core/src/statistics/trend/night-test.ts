import { tCdf } from '../student-t.ts'
import { sumOf } from '../sum.ts'
import { inflation, type Memory } from './memory.ts'

/** The nights over which the longer scale looks. */
export const WEEK = 7

/** What the pinned nights say of a night to come. */
export interface NightModel {
  readonly mean: number
  /** Of one night. */
  readonly deviation: number
  readonly df: number
  readonly nights: number
  readonly memory: Memory
}

export interface NightTest {
  /** How far the latest nights lie below the baseline's mean; negative: above. */
  readonly drop: number
  /** `drop` in standard errors. */
  readonly t: number
  /** Small when the drop is more than noise. */
  readonly p: number
}

/** The t of the mean of the latest nights against the pinned ones: a prediction, so the baseline's own uncertainty counts. */
export function testNights(model: NightModel, latest: readonly number[]): NightTest {
  return test(model, latest, inflation(model.memory, latest.length) / latest.length)
}

/** The same for runs of one night: what that night has in common (the more, the longer the memory) does not average out. */
export function testRerun(model: NightModel, runs: readonly number[]): NightTest {
  const shared = Math.min(1, inflation(model.memory, WEEK) - 1)
  return test(model, runs, shared + (1 - shared) / runs.length)
}

function test(
  { mean, deviation, df, nights, memory }: NightModel,
  values: readonly number[],
  ofLatest: number,
): NightTest {
  const drop = mean - sumOf(values, (value) => value) / values.length
  const t = drop / (deviation * Math.sqrt(ofLatest + inflation(memory, nights) / nights))
  return { drop, t, p: tCdf(-t, df) }
}

/** The two scales on which nights are looked at. */
export interface Scales {
  /** Tonight alone. */
  readonly night: NightTest
  /** The mean of the last seven nights; of fewer where there were no more since the baseline. */
  readonly week: NightTest
}

/** @param since the nights after the baseline, the latest last */
export const testScales = (model: NightModel, since: readonly number[]): Scales => ({
  night: testNights(model, since.slice(-1)),
  week: testNights(model, since.slice(-WEEK)),
})

/** The scale that says more. */
export const drivenBy = ({ night, week }: Scales): keyof Scales => (week.p < night.p ? 'week' : 'night')

/** The p of the scale that says more, for having looked on two. */
export const ofBoth = ({ night, week }: Scales): number => Math.min(1, 2 * Math.min(night.p, week.p))

/** The same tests for a rise. */
export const mirrored = (scales: Scales): Scales => ({ night: mirror(scales.night), week: mirror(scales.week) })

const mirror = ({ drop, t, p }: NightTest): NightTest => ({ drop: -drop, t: -t, p: 1 - p })

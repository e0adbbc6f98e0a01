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

/** In standard errors: what lies further away is no noise, whatever it has in common with a re-run. */
const MOST_NOISE = 3.5

export interface NightTest {
  /** How far the latest nights lie below the baseline's mean; negative: above. */
  readonly drop: number
  /** `drop` in standard errors. */
  readonly t: number
  /** Small when the drop is more than noise. */
  readonly p: number
  /** The part of the drop that a re-run in the last night would show again without any change of level. */
  readonly repeated: number
}

/** The t of the mean of the latest nights against the pinned ones: a prediction, so the baseline's own uncertainty counts. */
export function testNights(model: NightModel, latest: readonly number[]): NightTest {
  const drop = model.mean - sumOf(latest, (value) => value) / latest.length
  const ofLatest = inflation(model.memory, latest.length) / latest.length
  const ofBaseline = baselineVariance(model)
  const t = drop / (model.deviation * Math.sqrt(ofLatest + ofBaseline))
  const share = (sharedWithinNight(model.memory) * ofLatest + ofBaseline) / (ofLatest + ofBaseline)
  const repeated = share * drop * Math.min(1, MOST_NOISE / Math.abs(t))
  return { drop, t, p: tCdf(-t, model.df), repeated }
}

export interface RerunTest {
  readonly mean: number
  readonly p: number
}

/**
 * Whether re-runs of a night lie below the baseline by more than what made them necessary already shows: they have the baseline's error
 * in common with the flagged nights, and the night's own noise. That noise does not average out over runs either.
 */
export function testRerun(model: NightModel, runs: readonly number[], flagged: Pick<NightTest, 'repeated'>): RerunTest {
  const mean = sumOf(runs, (value) => value) / runs.length
  const shared = sharedWithinNight(model.memory)
  const variance = shared + (1 - shared) / runs.length + baselineVariance(model)
  const t = (model.mean - flagged.repeated - mean) / (model.deviation * Math.sqrt(variance))
  return { mean, p: tCdf(-t, model.df) }
}

/** Of the baseline's mean, in variances of a night. */
const baselineVariance = ({ memory, nights }: NightModel): number => inflation(memory, nights) / nights

/** The share of a night's variance that all its runs have in common: what is remembered the next night was there on this one. */
const sharedWithinNight = (memory: Memory): number => Math.min(1, inflation(memory, WEEK) - 1)

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

/** How much of the error may be spent on each scale: what falls tonight alone has to fall far, and then it passes all the same. */
const WEIGHTS: Readonly<Record<keyof Scales, number>> = { night: 0.25, week: 0.75 }

const weighted = (scales: Scales, scale: keyof Scales): number => Math.min(1, scales[scale].p / WEIGHTS[scale])

/** The scale that says more. */
export const drivenBy = (scales: Scales): keyof Scales =>
  weighted(scales, 'night') < weighted(scales, 'week') ? 'night' : 'week'

/** The p of the scale that says more, for having looked on two (weighted Bonferroni). */
export const ofBoth = (scales: Scales): number => Math.min(weighted(scales, 'night'), weighted(scales, 'week'))

/** The same tests for a rise. */
export const mirrored = (scales: Scales): Scales => ({ night: mirror(scales.night), week: mirror(scales.week) })

const mirror = ({ drop, t, p, repeated }: NightTest): NightTest => ({
  drop: -drop,
  t: -t,
  p: 1 - p,
  repeated: -repeated,
})

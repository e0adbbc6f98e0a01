import { sumOf } from '../sum.ts'
import { type Shift, shiftOf } from './shift.ts'

/** Which change of a metric is for the worse. */
export type Direction = 'increase' | 'decrease' | 'either'

/** `refused`: fewer than 5 values on a side tell nothing; null alarms are 24 % at 2 and 5 % at 3. */
export type KayentaClass = 'pass' | 'high' | 'low' | 'noData' | 'refused'

export interface KayentaResult {
  readonly class: KayentaClass
  readonly shift: Shift | null
  /** The experiment's mean over the control's; null where either is 0. */
  readonly ratio: number | null
  /** Whether the values are so few (below 50) that a shift by a third is easily missed. */
  readonly weak: boolean
}

export interface KayentaOptions {
  readonly direction?: Direction
  readonly confidence?: number
  /** The ratio of means from which an increase counts, and up to which a decrease does. */
  readonly allowedIncrease?: number
  readonly allowedDecrease?: number
}

export const LEAST_VALUES = 5
/** From here on a shift by a third is rarely missed. */
export const ENOUGH_VALUES = 50
/** The interval must clear this part of the shift itself. */
const CRITICAL = 0.25

const meanOf = (values: readonly number[]) => sumOf(values, (value) => value) / values.length

function ratioOf(control: readonly number[], experiment: readonly number[]): number | null {
  const [ours, theirs] = [meanOf(experiment), meanOf(control)]
  return ours === 0 || theirs === 0 ? null : ours / theirs
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  const [x, y] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()]
  return x.length === y.length && x.every((value, i) => value === y[i])
}

/**
 * Kayenta's judge of one metric from samples of both arms over the same time: the rank test's interval for the shift must clear a quarter
 * of the shift, and the ratio of means the allowed one (NetflixACAJudge). Values that are not numbers are removed. Unlike there, fewer
 * than 5 values on a side are refused, and two different constants are compared as they are, without added noise.
 */
export function kayentaJudge(
  control: readonly number[],
  experiment: readonly number[],
  { direction = 'either', confidence = 0.98, allowedIncrease = 1, allowedDecrease = 1 }: KayentaOptions = {},
): KayentaResult {
  const [theirs, ours] = [control, experiment].map((values) => values.filter((value) => !Number.isNaN(value))) as [
    number[],
    number[],
  ]
  const fewest = Math.min(theirs.length, ours.length)
  const weak = fewest < ENOUGH_VALUES
  if (fewest < LEAST_VALUES) return { class: fewest === 0 ? 'noData' : 'refused', shift: null, ratio: null, weak }
  const ratio = ratioOf(theirs, ours)
  if (isSame(theirs, ours)) return { class: 'pass', shift: { estimate: 0, low: 0, high: 0 }, ratio, weak }
  const shift = shiftOf(ours, theirs, confidence)
  const critical = CRITICAL * Math.abs(shift.estimate)
  const isHigh = direction !== 'decrease' && shift.low > critical && (ratio === null || ratio >= allowedIncrease)
  const isLow = direction !== 'increase' && shift.high < -critical && (ratio === null || ratio <= allowedDecrease)
  return { class: isHigh ? 'high' : isLow ? 'low' : 'pass', shift, ratio, weak }
}

/**
 * The share of metrics that passed, by their weights, 0 to 100; null where none was judged. Unlike Kayenta's, a metric without data or refused counts as
 * not passed: otherwise a judge that never measured anything would score 100.
 */
export function kayentaScore(
  judged: readonly { readonly class: KayentaClass; readonly weight?: number }[],
): number | null {
  if (judged.every((one) => one.class === 'noData' || one.class === 'refused')) return null
  const weightOf = (some: typeof judged) => sumOf(some, ({ weight = 1 }) => weight)
  return Math.round((10_000 * weightOf(judged.filter((one) => one.class === 'pass'))) / weightOf(judged)) / 100
}

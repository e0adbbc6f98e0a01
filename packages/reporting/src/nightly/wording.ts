import type { Finding } from '@agent-ci/core/nightly/finding'
import type { SeriesKey } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { countOf, formatCount, formatPoints, formatValue } from '../numbers.ts'
import { titleOfMetric } from '../readings.ts'

export type SeriesState = Finding['state']

/** From what needs somebody to look, to what does not. */
export const STATES_WORST_FIRST = [
  'regressed',
  'suspect',
  'unmeasured',
  'stale',
  'warming-up',
  'improved',
  'steady',
] as const satisfies readonly SeriesState[]

export const STATE_WORDS: Readonly<Record<SeriesState, string>> = {
  regressed: 'regressed',
  suspect: 'suspect',
  unmeasured: 'unmeasured',
  stale: 'stale',
  'warming-up': 'warming up',
  improved: 'improved',
  steady: 'steady',
}

export const CAUSE_WORDS: Readonly<Record<NonNullable<Finding['cause']>, string>> = {
  provider: 'the provider moved',
  us: 'we moved',
  both: 'the provider and we moved',
  unknown: 'who moved is not known',
}

/** Who moved, in words; empty where nobody asked. */
export const causeText = ({ cause }: Pick<Finding, 'cause'>): string => (cause === null ? '' : CAUSE_WORDS[cause])

/** `golden with opus, prompts v2`: what was evaluated. Untrusted. */
export const legName = ({ dataset, model, prompts }: Omit<SeriesKey, 'metric'>): string =>
  `${dataset}${model === null ? '' : ` with ${model}`}${prompts === null ? '' : `, prompts ${prompts}`}`

/** `accuracy of golden with opus, prompts v2`. Untrusted. */
export const seriesName = (key: SeriesKey): string => `${titleOfMetric(key.metric)} of ${legName(key)}`

/** A difference's size in words: `6.2 points`, `340 ms`. */
export const sizeText = (size: number, unit: Finding['unit']): string =>
  unit === 'fraction' ? `${formatPoints(size)} points` : formatValue(size, unit)

/** `6.2 points worse`, `1.1 points better`; empty where nothing was compared. */
export function dropText({ drop, unit }: Pick<Finding, 'drop' | 'unit'>): string {
  if (drop === null) return ''
  if (drop === 0) return 'no change'
  return `${sizeText(Math.abs(drop), unit)} ${drop > 0 ? 'worse' : 'better'}`
}

/** `6.2 points worse over a week, p 0.0004`; a dash where nothing was compared. */
export function changeText(finding: Finding): string {
  const drop = dropText(finding)
  if (drop === '') return '–'
  const week = finding.scale === 'week' ? ' over a week' : ''
  return `${drop}${week}${finding.p === null ? '' : `, ${chanceText(finding.p)}`}`
}

/** `p 0.0004` */
export const chanceText = (p: number): string => (p < 0.0001 ? 'p < 0.0001' : `p ${Number(p.toPrecision(2))}`)

/** `0.850, 200 trials` */
export const tonightText = ({ value, n, unit }: Pick<Finding, 'value' | 'n' | 'unit'>): string =>
  value === null ? 'unknown' : `${formatValue(value, unit)}, ${countOf(n, 'trial')}`

/** `0.912 ± 0.012, 28 nights` */
export const baselineText = ({ baseline, unit }: Pick<Finding, 'baseline' | 'unit'>): string =>
  baseline === null
    ? '–'
    : `${formatValue(baseline.mean, unit)} ± ${formatValue(baseline.sd, unit)}, ${countOf(baseline.nights, 'night')}`

/** What a second run showed: `0.845, 200 trials, p 0.001`; `not run again`. */
export const confirmedText = ({ confirmed, unit }: Pick<Finding, 'confirmed' | 'unit'>): string =>
  confirmed === null ? 'not run again' : `${tonightText({ ...confirmed, unit })}, ${chanceText(confirmed.p)}`

/** How many series are in each state, in `STATES_WORST_FIRST`; without those that none is in. */
export const countStates = (series: readonly Pick<Finding, 'state'>[]): { state: SeriesState; count: number }[] =>
  STATES_WORST_FIRST.map((state) => ({ state, count: series.filter((each) => each.state === state).length })).filter(
    ({ count }) => count > 0,
  )

/** `3 regressed, 1 suspect, 36 steady` */
const statesText = (series: readonly Pick<Finding, 'state'>[]): string =>
  countStates(series)
    .map(({ state, count }) => `${formatCount(count)} ${STATE_WORDS[state]}`)
    .join(', ')

/** `accuracy of golden with opus is 6.2 points worse than its baseline of 0.912: the provider moved`. Untrusted. */
function regressionText(finding: Finding): string {
  const { baseline, unit, scale } = finding
  const drop = dropText(finding)
  const cause = causeText(finding)
  const base = baseline === null ? 'its baseline' : `its baseline of ${formatValue(baseline.mean, unit)}`
  const verb = drop === '' ? 'regressed' : `is ${drop}${scale === 'week' ? ' over a week' : ''} than ${base}`
  return `${seriesName(finding)} ${verb}${cause === '' ? '' : `: ${cause}`}`
}

/** The night's verdict and what is behind it. May quote names and errors: untrusted. */
export function nightlyHeadline(results: NightlyResults): string {
  const { verdict, reason, series, fleet_shift: fleet } = results
  if (verdict === 'errored') return reason
  const [worst, ...others] = series.filter(({ state }) => state === 'regressed')
  if (!worst) return verdict === 'passed' && series.length > 0 ? `no series regressed: ${statesText(series)}` : reason
  // One cause is told once, not for every series.
  if (fleet) return fleet.reason
  return `${regressionText(worst)}${others.length === 0 ? '' : `; ${formatCount(others.length)} more series regressed`}`
}

/** What was evaluated and what came of it, in a sentence of plain characters. */
export function nightlyCounts({ night, legs, series, cost_usd: cost }: NightlyResults): string {
  const evaluations = countOf(legs.length, 'evaluation')
  const followed = series.length === 0 ? 'no series yet' : `${formatCount(series.length)} series: ${statesText(series)}`
  const day = /^\d{4}-\d\d-\d\d$/.test(night) ? `Night ${night}; ` : ''
  return `${day}${evaluations}; ${followed}; cost ${formatValue(cost, 'usd')}.`
}

/** The day of a moment, as nights are called. Untrusted. */
export const dayOf = (moment: string): string => moment.replace(/^(\d{4}-\d\d-\d\d)T.*$/, '$1')

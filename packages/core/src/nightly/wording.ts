import type { MetricUnit } from '../metric.ts'
import { ofBoth } from '../statistics/trend/night-test.ts'
import type { PinnedBaseline } from './baseline.ts'
import { comparableDifference } from './comparable.ts'
import type { DetectorSettings } from './detector-settings.ts'
import type { Finding } from './finding.ts'
import type { Judged } from './judged.ts'
import type { Confirmation } from './kept-finding.ts'
import type { Series } from './night.ts'
import { scaleOf } from './scale.ts'

/** What a series says before it is judged; `steady`: it can be. */
export function unjudged(
  series: Series,
  baseline: PinnedBaseline,
  night: string,
  { leastNights }: DetectorSettings,
): Finding {
  const tonight = series.points.find((point) => point.night === night)
  const base: Finding = {
    ...series.key,
    unit: series.unit,
    state: 'steady',
    value: tonight?.value ?? null,
    n: tonight?.n ?? 0,
    baseline: null,
    drop: null,
    scale: null,
    p: null,
    confirmed: null,
    cause: null,
    reason: '',
  }
  if (base.value === null) {
    const last = series.points.findLast((point) => point.value !== null && point.night < night)
    const reason = `Nothing was measured tonight; the last measured night is ${last?.night ?? 'none'}`
    return { ...base, state: 'unmeasured', reason }
  }
  if (tonight?.comparable !== baseline.comparable) {
    const changed = comparableDifference(tonight?.comparable ?? '', baseline.comparable ?? '').join(' and ')
    const reason = `Not comparable with the baseline of ${span(baseline)}: ${changed} changed. Bless a run with what is new: agent-ci baseline bless <run> --reason "…"`
    return { ...base, state: 'stale', reason }
  }
  const nights = baseline.nights.length
  if (nights < leastNights) {
    const reason = `${nights} of the ${leastNights} nights that a baseline needs, ${since(baseline)}`
    return { ...base, state: 'warming-up', reason }
  }
  return base
}

const span = ({ nights }: PinnedBaseline): string =>
  nights.length === 0 ? 'no night yet' : `${nights[0]!.night} to ${nights.at(-1)!.night}`

const since = ({ blessing }: PinnedBaseline): string =>
  blessing ? `since run ${blessing.run} of ${blessing.night} was blessed` : 'since the history begins'

/** The finding with the numbers of a direction, by the scale that says more. */
export function withNumbers(
  finding: Finding,
  { series, baseline, model, ...judged }: Judged,
  direction: 'fall' | 'rise',
): Finding {
  const scale = scaleOf(series.key.metric, series.unit)
  const { scales, by } = judged[direction]
  const mean = scale.back(model.mean)
  const fall = judged.fall.scales[by].drop
  return {
    ...finding,
    baseline: {
      mean,
      sd: scale.relative ? mean * model.deviation : model.deviation,
      nights: baseline.nights.length,
      from: baseline.nights[0]!.night,
      to: baseline.nights.at(-1)!.night,
    },
    drop: Math.abs(scale.back(model.mean - fall) - mean) * Math.sign(fall),
    scale: by,
    p: ofBoth(scales),
  }
}

/** How a sentence ends. */
export type Ending =
  | { readonly of: 'improved' | 'flagged' | 'with the fleet' | 'not run again' }
  | { readonly of: 'still there'; readonly confirmed: Confirmation }
  | { readonly of: 'confirmed' | 'not confirmed'; readonly runs: number; readonly limit: number }

/** The finding with its sentence. */
export function described(finding: Finding, series: Series, adjusted: number, ending: Ending): Finding {
  return { ...finding, reason: `${comparison(finding, series, adjusted)}; ${conclusion(finding, ending)}` }
}

/** `accuracy 0.862 tonight, 0.914 ± 0.012 in the 28 nights from … to …: 5.2 points lower, p 0.0003 (0.012 over all series)` */
function comparison({ metric, unit, baseline, drop, scale, p }: Finding, series: Series, adjusted: number): string {
  if (!baseline || drop === null || p === null) throw new RangeError('A finding without numbers has no comparison')
  const worseIsLower = scaleOf(metric, unit).of(1) > scaleOf(metric, unit).of(0.5)
  const change = worseIsLower ? -drop : drop
  const now = baseline.mean + change
  const when = scale === 'week' ? 'over the last nights, up to seven,' : 'tonight,'
  const { mean, sd, nights, from, to } = baseline
  const size = scaleOf(metric, unit).relative
    ? `${((100 * Math.abs(change)) / mean).toFixed(0)} %`
    : `${(100 * Math.abs(change)).toFixed(1)} points`
  const direction = change < 0 ? 'lower' : 'higher'
  return `${series.key.metric} ${amount(now, unit)} ${when} ${amount(mean, unit)} ± ${amount(sd, unit)} in the ${nights} nights from ${from} to ${to}: ${size} ${direction}, p ${chance(p)} (${chance(adjusted)} over all series)`
}

function conclusion({ confirmed, unit }: Finding, ending: Ending): string {
  switch (ending.of) {
    case 'improved':
      return 'better; bless a run to hold it: agent-ci baseline bless <run> --reason "…"'
    case 'flagged':
      return 'a re-run has to confirm it'
    case 'with the fleet':
      return 'it moved along with most series of its metric'
    case 'still there': {
      const { night, value, n, p } = ending.confirmed
      return `not run again: it is where the re-run of ${night} found it (${amount(value, unit)}, n ${n}, p ${chance(p)}), and people were told`
    }
    case 'not run again':
      return 'the re-run that should confirm it measured nothing'
    default: {
      const runs = ending.runs === 1 ? 'a re-run' : `${ending.runs} re-runs`
      const numbers = confirmed ? `${amount(confirmed.value, unit)} (n ${confirmed.n}), p ${chance(confirmed.p)}` : ''
      return ending.of === 'confirmed'
        ? `confirmed by ${runs}: ${numbers}, below ${chance(ending.limit)}`
        : `not confirmed by ${runs}: ${numbers}, it had to be below ${chance(ending.limit)}`
    }
  }
}

/** Three places of a fraction, four digits of anything else. */
export const amount = (value: number, unit: MetricUnit): string =>
  unit === 'fraction' ? value.toFixed(3) : `${Number(value.toPrecision(4))} ${unit}`

/** Two digits; what is smaller than a millionth is only that. */
export const chance = (p: number): string => (p < 1e-6 ? '< 0.000001' : String(Number(p.toPrecision(2))))

import type { Finding } from '@agent-ci/core/nightly/finding'
import type { SeriesKey } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import type { Observed } from '@agent-ci/notify/incidents'
import { seriesAnchor } from '@agent-ci/reporting/nightly/series-anchor'
import {
  baselineText,
  causeText,
  changeText,
  confirmedText,
  dropText,
  legName,
  seriesName,
  tonightText,
} from '@agent-ci/reporting/nightly/wording'
import { countOf } from '@agent-ci/reporting/numbers'

type Firing = Observed['firing'][number]

/** What an incident is about, the same from night to night. */
export interface AlertKeys {
  readonly of: (series: SeriesKey) => string
  readonly fleet: string
  readonly unmeasured: string
}

export function alertKeys(repository: string | undefined): AlertKeys {
  const root = `agent-ci/${repository ?? 'local'}/nightly`
  return {
    of: ({ dataset, model, prompts, metric }) =>
      [root, dataset, ...[model, prompts].filter((part) => part !== null), metric].join('/'),
    fleet: `${root}/most series`,
    unmeasured: `${root}/not measured`,
  }
}

/** Re-runs with a p of less still hint at a drop: the incident stays open, so that a series on the edge does not open and close it. */
const WELL_AGAIN_P = 0.2

/** The mean of a week stays low for days after a recovery, so the re-runs decide where there are some. */
const isHealthy = ({ state, confirmed }: Finding): boolean =>
  state === 'steady' ||
  state === 'improved' ||
  (state === 'suspect' && confirmed !== null && confirmed.p >= WELL_AGAIN_P)

/**
 * What a night says of every incident that there could be: a regressed series each, one for a shift of most series, one for what could
 * not be measured. A series that is suspect, or cannot be judged, is neither firing nor healthy.
 *
 * @param blessed whether somebody accepted the series as it is now since its incident began
 */
export function observe(
  results: NightlyResults,
  keys: AlertKeys,
  blessed: (series: SeriesKey) => boolean,
  trendUrl?: string,
): Observed {
  const at = results.finished_at
  const links = (anchor = '') => [
    ...(results.run ? [{ text: 'Run', url: results.run.url }] : []),
    ...(trendUrl === undefined ? [] : [{ text: 'Trend', url: `${trendUrl}${anchor}` }]),
  ]
  const common = { links: links(), at }
  const regressed = results.series.filter(({ state }) => state === 'regressed')
  const unmeasured = results.legs.filter(({ verdict, arm }) => verdict === 'errored' && arm === 'current')
  const shift = results.fleet_shift
  const firing: Firing[] = [
    ...(shift ? [{ ...common, ...fleetAlert(shift.reason, results.series), key: keys.fleet }] : []),
    ...regressed.map((finding) => ({
      ...seriesAlert(finding),
      links: links(`#${seriesAnchor(finding)}`),
      at,
      key: keys.of(finding),
    })),
    ...(unmeasured.length > 0 ? [{ ...common, ...unmeasuredAlert(unmeasured), key: keys.unmeasured }] : []),
  ]
  const judged = results.series.filter(isHealthy)
  return {
    at,
    firing,
    healthy: [
      ...results.series.filter((finding) => isHealthy(finding) || blessed(finding)).map(keys.of),
      ...(shift || judged.length === 0 ? [] : [keys.fleet]),
      ...(unmeasured.length > 0 ? [] : [keys.unmeasured]),
    ],
  }
}

function seriesAlert(finding: Finding): Pick<Firing, 'severity' | 'title' | 'text' | 'facts'> {
  const cause = causeText(finding)
  return {
    severity: finding.unit === 'fraction' ? 'error' : 'warning',
    title: `${seriesName(finding)}: ${dropText(finding) || 'regressed'}${cause === '' ? '' : ` (${cause})`}`,
    text: finding.reason,
    facts: [
      { name: 'Tonight', value: tonightText(finding) },
      { name: 'Baseline', value: baselineText(finding) },
      { name: 'Change', value: changeText(finding) },
      { name: 'Run again', value: confirmedText(finding) },
      ...(cause === '' ? [] : [{ name: 'Who moved', value: cause }]),
    ],
  }
}

/** Series that an alert names. */
const MOST_NAMED = 20

function fleetAlert(reason: string, series: readonly Finding[]): Pick<Firing, 'severity' | 'title' | 'text' | 'facts'> {
  const moved = series.filter(({ state }) => state === 'regressed' || state === 'suspect')
  const causes = [...new Set(moved.map(causeText))].filter((cause) => cause !== '')
  return {
    severity: 'error',
    title: `Most series moved alike${causes.length === 1 ? `: ${causes[0]}` : ''}`,
    text: reason,
    facts: moved.slice(0, MOST_NAMED).map((finding) => ({ name: seriesName(finding), value: changeText(finding) })),
  }
}

function unmeasuredAlert(legs: NightlyResults['legs']): Pick<Firing, 'severity' | 'title' | 'text' | 'facts'> {
  return {
    severity: 'warning',
    title: `${countOf(legs.length, 'leg')} of the night could not be measured`,
    text: 'Nothing is known of them: neither that they are well, nor that they are not.',
    facts: legs.slice(0, MOST_NAMED).map((leg) => ({ name: legName(leg), value: leg.reason })),
  }
}

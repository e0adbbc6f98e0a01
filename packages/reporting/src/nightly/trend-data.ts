import { CAUSES, type Finding } from '@agent-ci/core/nightly/finding'
import type { SeriesKey, SeriesPoint } from '@agent-ci/core/nightly/night'
import { type Interval, wilson } from '@agent-ci/core/statistics/intervals'
import { cut, visible } from '@agent-ci/core/untrusted'
import { keyText } from './key-text.ts'
import type { FindingMark, Trend } from './trend.ts'
import { CAUSE_WORDS, STATE_WORDS, STATES_WORST_FIRST } from './wording.ts'

/** Days that a page goes back; the history holds all. */
const MOST_DAYS = 731
const DAY_MS = 86_400_000
const CONFIDENCE = 0.95
/** Whole addresses of the web, of the length that browsers take. */
const WEB_ADDRESS = /^https?:\/\/[\w.~:/?#@!&=+%,;-]{1,2000}$/i

/** Days since 1970 of `2026-11-25`; undefined for what is no date. */
export function dayOf(night: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:T|$)/.test(night)) return undefined
  const ms = Date.parse(night.slice(0, 10))
  return Number.isNaN(ms) ? undefined : ms / DAY_MS
}

/** The days that a page shows: from the first night to the last one. */
export interface Span {
  readonly first: number
  readonly last: number
}

/** Undefined while there is no night. Nothing after the night of the results is shown: it would be no history. */
export function spanOf({ results, series }: Trend): Span | undefined {
  const tonight = results === null ? undefined : dayOf(results.night)
  const days = series.flatMap(({ points }) => points.flatMap(({ night }) => dayOf(night) ?? []))
  const last = tonight ?? days.reduce((most, day) => Math.max(most, day), -Infinity)
  if (!Number.isFinite(last)) return undefined
  const first = days.reduce((least, day) => (day > last - MOST_DAYS ? Math.min(least, day) : least), last)
  return { first, last }
}

/** A series with what tonight says of it. */
export interface Followed {
  readonly key: SeriesKey
  readonly unit: Finding['unit']
  /** null where tonight said nothing of it. */
  readonly finding: Finding | null
  /** Within the span, one a day, the oldest first. */
  readonly points: readonly (SeriesPoint & { readonly day: number })[]
}

/** Every series of the history and of the results: by state, worst first, and then in the order of the results. */
export function followSeries({ results, series }: Trend, { first, last }: Span): Followed[] {
  const findings = new Map((results?.series ?? []).map((finding) => [keyText(finding), finding]))
  const known = new Map<string, Followed>()
  for (const { key, unit, points } of series) {
    const byDay = new Map<number, Followed['points'][number]>()
    for (const point of points) {
      const day = dayOf(point.night)
      if (day !== undefined && day >= first && day <= last) byDay.set(day, { ...point, day })
    }
    const text = keyText(key)
    known.set(text, {
      key,
      unit,
      finding: findings.get(text) ?? null,
      points: [...byDay.values()].sort((a, b) => a.day - b.day),
    })
  }
  for (const [text, finding] of findings) {
    if (known.has(text)) continue
    // The history is not there yet, or was not read: tonight is.
    const tonight = {
      night: results!.night,
      value: finding.value,
      n: finding.n,
      comparable: '',
      runUrl: null,
      day: last,
    }
    known.set(text, { key: finding, unit: finding.unit, finding, points: [tonight] })
  }
  const rank = ({ finding }: Followed) => STATES_WORST_FIRST.indexOf(finding?.state ?? 'unmeasured')
  const order = new Map([...findings.keys()].map((text, at) => [text, at]))
  const place = ({ key }: Followed) => order.get(keyText(key)) ?? order.size
  return [...known.values()].sort((a, b) => rank(a) - rank(b) || place(a) - place(b))
}

/** JSON for a data block in HTML: nothing in it ends the block or begins a comment. */
export const embedJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

/** An address that a page may link to; null for any other text. */
export const webAddress = (url: string | null | undefined): string | null =>
  url != null && WEB_ADDRESS.test(url) ? url : null

/** The address of most series' runs, by day from the first: the series name only the others. */
export function runsByDay(followed: readonly Followed[], { first, last }: Span): (string | null)[] {
  const counts = Array.from({ length: last - first + 1 }, () => new Map<string, number>())
  for (const { points } of followed)
    for (const { day, runUrl } of points) {
      const url = webAddress(runUrl)
      const count = counts[day - first]!
      if (url !== null) count.set(url, (count.get(url) ?? 0) + 1)
    }
  return counts.map(
    (count) => [...count].reduce<[string | null, number]>((a, b) => (b[1] > a[1] ? b : a), [null, 0])[0],
  )
}

/** Wilson's interval; nights with the same share of as many trials have the same one. */
function shareIntervals(): (value: number, n: number) => Interval {
  const known = new Map<string, Interval>()
  return (value, n) => {
    const text = `${value} ${n}`
    const interval = known.get(text) ?? wilson(value * n, n, CONFIDENCE)
    known.set(text, interval)
    return interval
  }
}

/** The step between two neighbouring numbers of a series: what no reader sees is not kept. */
function quantumOf({ unit, points }: Followed): number {
  if (unit === 'fraction') return 1e-4
  const most = points.reduce((sum, { value }) => Math.max(sum, Math.abs(value ?? 0)), 0)
  return most === 0 ? 1 : 10 ** (Math.floor(Math.log10(most)) - 4)
}

const INCIDENTS = ['opened', 'closed'] as const

/** What a night said of a series: its day, and where state, cause (-1: none) and incident (left out: none) stand in the page's lists. */
export type PackedFinding = readonly [day: number, state: number, cause: number, incident?: number]

const packFinding = (
  day: number,
  { state, cause }: Pick<Finding, 'state' | 'cause'>,
  incident: FindingMark['incident'],
): PackedFinding => {
  const packed = [day, STATES_WORST_FIRST.indexOf(state), cause === null ? -1 : CAUSES.indexOf(cause)] as const
  return incident ? [...packed, INCIDENTS.indexOf(incident)] : packed
}

/** The findings of nights by series and day. Of several runs of a night the last says how it stood, and any that an incident began or ended. */
export function findingsByDay({ findings = [] }: Trend): Map<string, Map<number, FindingMark>> {
  const byKey = new Map<string, Map<number, FindingMark>>()
  for (const finding of findings) {
    const day = dayOf(finding.night)
    if (day === undefined) continue
    const days = byKey.get(keyText(finding)) ?? new Map<number, FindingMark>()
    const incident = finding.incident ?? days.get(day)?.incident ?? null
    days.set(day, { ...finding, incident })
    byKey.set(keyText(finding), days)
  }
  return byKey
}

/** The findings of a series within the span, the last night's as it stands in the results. */
function packFindings(finding: Finding | null, { first, last }: Span, days: ReadonlyMap<number, FindingMark>) {
  const earlier = [...days]
    .filter(([day]) => day >= first && day < last)
    .sort(([a], [b]) => a - b)
    .map(([day, mark]) => packFinding(day - first, mark, mark.incident))
  return [...earlier, ...(finding ? [packFinding(last - first, finding, days.get(last)?.incident)] : [])]
}

/**
 * A series as the page's script reads it. `f`: its first day; `q`: the step of the numbers in `v` (values, null for a gap), `l` and `h`
 * (how far below and above them the interval goes); `n`: trials, one number where it never changes; `c`: days that cannot be compared
 * with the one before; `b`: the baseline; `m`: its findings; `r`: runs that are not the usual one of their day.
 */
export function packSeries(
  followed: Followed,
  { first, last }: Span,
  runs: readonly (string | null)[],
  days: ReadonlyMap<number, FindingMark> = new Map(),
) {
  const { points, unit, finding } = followed
  const from = points[0]?.day ?? last
  const length = (points.at(-1)?.day ?? from) - from + 1
  const quantum = quantumOf(followed)
  const empty = () => new Array<number | null>(length).fill(null)
  const [values, below, above, trials] = [empty(), empty(), empty(), empty()]
  const intervalOf = shareIntervals()
  const breaks: number[] = []
  const otherRuns: Record<number, string> = {}
  let comparable: string | undefined
  for (const point of points) {
    const at = point.day - from
    const { value, n } = point
    const url = webAddress(point.runUrl)
    if (url !== null && url !== runs[point.day - first]) otherRuns[point.day - first] = url
    if (value === null || !Number.isFinite(value)) continue
    if (comparable !== undefined && point.comparable !== comparable) breaks.push(point.day - first)
    comparable = point.comparable
    values[at] = Math.round(value / quantum)
    trials[at] = n
    if (unit !== 'fraction' || n < 1 || value < 0 || value > 1) continue
    const [low, high] = intervalOf(value, n)
    below[at] = Math.round((value - low) / quantum)
    above[at] = Math.round((high - value) / quantum)
  }
  const known = trials.filter((n) => n !== null)
  const baseline = finding?.baseline ?? null
  const [begins, ends] = baseline ? [dayOf(baseline.from), dayOf(baseline.to)] : []
  return {
    u: unit,
    f: from - first,
    q: quantum,
    v: values,
    ...(below.some((each) => each !== null) && { l: below, h: above }),
    n: known.every((n) => n === known[0]) ? (known[0] ?? 0) : trials,
    ...(breaks.length > 0 && { c: breaks }),
    ...(baseline &&
      begins !== undefined &&
      ends !== undefined && { b: [baseline.mean, baseline.sd, begins - first, ends - first] }),
    m: packFindings(finding, { first, last }, days),
    ...(Object.keys(otherRuns).length > 0 && { r: otherRuns }),
  }
}

/**
 * Where a moment lies between two nights: 3.25 is a quarter of a day after the fourth one. `nightMs`: the time of day that nights begin
 * at. A date alone means its night.
 */
function placeOf(at: string, { first, last }: Span, nightMs: number): number | undefined {
  const day = dayOf(at)
  const ms = Date.parse(at)
  if (day === undefined || Number.isNaN(ms)) return undefined
  const place = at.length === 10 ? day : Math.round(((ms - nightMs) / DAY_MS) * 100) / 100
  // What no night has seen yet stands in no plot.
  return place >= first && place <= last ? Math.round((place - first) * 100) / 100 : undefined
}

/** What the days of all series share: where they begin, their runs, releases and blessings. */
export function packDays(trend: Trend, span: Span, runs: readonly (string | null)[]) {
  const began = Date.parse(trend.results?.started_at ?? '')
  const nightMs = Number.isNaN(began) ? 0 : began % DAY_MS
  const within = <T extends { readonly at: string }>(marks: readonly T[] = []) =>
    marks.flatMap((mark) => {
      const place = placeOf(mark.at, span, nightMs)
      return place === undefined ? [] : [{ mark, place }]
    })
  return {
    start: new Date(span.first * DAY_MS).toISOString().slice(0, 10),
    days: span.last - span.first + 1,
    runs,
    states: STATES_WORST_FIRST.map((state) => [state, STATE_WORDS[state]]),
    causes: CAUSES.map((cause) => CAUSE_WORDS[cause]),
    incidents: INCIDENTS,
    releases: within(trend.releases).map(({ mark, place }) => [place, visible(cut(mark.label, 60))]),
    blessings: within(trend.blessings).map(({ mark, place }) => [
      place,
      visible(cut(`${mark.by}: ${mark.reason}`, 160)),
    ]),
  }
}

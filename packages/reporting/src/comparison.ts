import type { Results } from '@agent-ci/core/results'
import type { Verdict } from '@agent-ci/core/verdict'
import { countOf, formatChange, formatCount, formatMoment, formatMs, formatPoints, formatUsd } from './numbers.ts'

export type Comparison = NonNullable<Results['comparison']>
type Regression = Comparison['regressions'][number]

/** An example that passes less often, or more often, than it did. Its id is untrusted. */
export interface FlipReading {
  readonly id: string
  readonly before: string
  readonly after: string
}

export interface RegressionReading extends FlipReading {
  readonly critical: boolean
  readonly finding: Regression['finding']
  /** Empty where it was not run again. */
  readonly again: string
  /** What the new runs showed. */
  readonly findingText: string
}

/** `results.comparison` as every report prints it. Only where it says so may a text quote somebody else. */
export interface ComparisonReading {
  readonly verdict: Verdict
  /** What came of it, for a heading. */
  readonly title: string
  /** Where the baseline is, its commit, its time: untrusted. */
  readonly source: string
  readonly commit: string | null
  readonly moment: string | null
  /** `not the same: code, prompts`. Untrusted. */
  readonly differs: string
  /** Why the numbers may mislead; empty where there is no cause. */
  readonly caution: string
  /** May quote ids: untrusted. */
  readonly reason: string
  /** `−6.7 points`; null where nothing could be compared. */
  readonly deltaText: string | null
  /** `−12.1 to −1.2`, or empty. */
  readonly intervalText: string
  readonly marginText: string
  readonly countsText: string
  readonly detectableText: string
  /** Latency and cost, where both runs have them. */
  readonly amounts: readonly { readonly title: string; readonly text: string }[]
  /** Critical ones first, then what new runs confirmed, and last what they did not. */
  readonly regressions: readonly RegressionReading[]
  readonly improvements: readonly FlipReading[]
  /** What has no counterpart. The ids are untrusted. */
  readonly uncompared: readonly { readonly title: string; readonly ids: readonly string[] }[]
}

const TITLES: Readonly<Record<NonNullable<Comparison['reading']>, string>> = {
  regression: 'Worse than the baseline',
  'within margin': 'Slightly worse than the baseline, within the margin',
  'no worse': 'Not worse than the baseline',
  inconclusive: 'Compared with the baseline: too close to tell',
}

const FINDINGS: Readonly<Record<NonNullable<Regression['finding']>, string>> = {
  broken: 'broken: never passes any more',
  confirmed: 'confirmed by new runs',
  flaky: 'flaky: new runs do not confirm it',
}
const RANKS: readonly Regression['finding'][] = ['broken', 'confirmed', undefined, 'flaky']
const rankOf = (regression: Regression): number =>
  (regression.critical ? 0 : RANKS.length) + RANKS.indexOf(findingOf(regression))

const passesText = ({ passes, runs }: Regression['before']): string => `${formatCount(passes)} of ${formatCount(runs)}`

/** New runs of which none was measured have found nothing. */
const findingOf = ({ finding, again }: Regression): Regression['finding'] => (again?.runs === 0 ? undefined : finding)

function regressionReading(regression: Regression): RegressionReading {
  const { id, critical, before, after, again } = regression
  const finding = findingOf(regression)
  return {
    id,
    critical,
    finding,
    before: passesText(before),
    after: passesText(after),
    again: again && again.runs > 0 ? passesText(again) : '',
    findingText: finding ? FINDINGS[finding] : again ? 'new runs could not be measured' : 'not run again',
  }
}

const points = (delta: number): string => (delta === 0 ? '±0' : formatChange(delta, formatPoints))

/** `−12.1 to −1.2`; a side that the data do not bound is left open. */
function rangeText(interval: Comparison['interval'], format: (end: number) => string): string {
  const [low, high] = interval ?? [null, null]
  if (low !== null && high !== null) return `${format(low)} to ${format(high)}`
  if (low !== null) return `at least ${format(low)}`
  return high === null ? '' : `at most ${format(high)}`
}

function amountReading(
  title: string,
  amount: Comparison['latency_ms'],
  format: (size: number, moreDigits?: number) => string,
): { title: string; text: string }[] {
  if (!amount) return []
  const { base, candidate, delta, interval } = amount
  if (delta === 0) return [{ title, text: `${format(base)} before and now` }]
  const [low, high] = interval ?? [null, null]
  const written = (digits: number) => (value: number) => formatChange(value, (size) => format(size, digits))
  let digits = 0
  while (digits < 3 && low !== null && high !== null && written(digits)(low) === written(digits)(high)) digits++
  const change = written(digits)
  const range = rangeText(interval, change)
  const text = `${format(base)} before, ${format(candidate)} now: ${change(delta)}${range === '' ? '' : ` (${range})`}`
  return [{ title, text }]
}

function differsText({ baseline }: Comparison): string {
  if (baseline.differs.length > 0) return `not the same: ${baseline.differs.join(', ')}`
  return baseline.finished_at === null ? 'what differs is unknown' : 'nothing is known to differ'
}

const brokenOf = ({ regressions }: Comparison): number =>
  regressions.filter(({ finding }) => finding === 'broken').length

function titleOf(comparison: Comparison): string {
  const broken = brokenOf(comparison)
  if (broken > 0) return `${countOf(broken, 'critical example')} broken since the baseline`
  if (comparison.attacks?.reading === 'regression' && comparison.reading !== 'regression')
    return 'Attacks succeed more often than in the baseline'
  // A run of probes alone has no accuracy to compare.
  const reading = comparison.reading ?? comparison.attacks?.reading ?? null
  return reading === null ? 'Not comparable with the baseline' : TITLES[reading]
}

/** The comparison in a few words, for the end of a headline. */
export function comparisonPhrase(comparison: Comparison): string {
  const title = titleOf(comparison)
  if (brokenOf(comparison) > 0) return title
  if (comparison.reading === 'inconclusive' && comparison.attacks?.reading !== 'regression')
    return 'too close to the baseline to tell'
  return `${title.charAt(0).toLowerCase()}${title.slice(1)}`
}

function detectableText({ detectable_drop: drop, reading }: Comparison): string {
  if (drop === null) return 'Too few examples to notice any drop'
  const seen = `A drop of ${formatPoints(drop)} points or more would have been noticed with a chance of 80 %`
  return reading === 'inconclusive' ? `${seen}; to notice smaller ones takes more examples or repeats` : seen
}

export function readComparison(comparison: Comparison): ComparisonReading {
  const { baseline, regressed, improved, unchanged, delta_accuracy: delta } = comparison
  return {
    verdict: comparison.verdict,
    title: titleOf(comparison),
    source: baseline.source,
    commit: baseline.code?.slice(0, 12) ?? null,
    moment: baseline.finished_at === null ? null : formatMoment(baseline.finished_at),
    differs: differsText(comparison),
    caution: baseline.differs.includes('scorers')
      ? 'The two runs were judged by different scorers: the change may come from the judging.'
      : '',
    reason: comparison.reason,
    deltaText: delta === null ? null : `${points(delta)} points`,
    intervalText: rangeText(comparison.interval, points),
    marginText: `a drop of less than ${countOf(Number((comparison.margin * 100).toFixed(6)), 'point')} is tolerated`,
    countsText: `${formatCount(regressed)} regressed, ${formatCount(improved)} improved, ${formatCount(unchanged)} unchanged`,
    detectableText: detectableText(comparison),
    amounts: [
      ...amountReading('latency mean', comparison.latency_ms, formatMs),
      ...amountReading('cost per trial', comparison.cost_usd, formatUsd),
    ],
    regressions: comparison.regressions.toSorted((a, b) => rankOf(a) - rankOf(b)).map(regressionReading),
    improvements: comparison.improvements.map(({ id, before, after }) => ({
      id,
      before: passesText(before),
      after: passesText(after),
    })),
    uncompared: [
      { title: 'changed (same id, other content)', ids: comparison.changed },
      { title: 'only in the baseline', ids: comparison.only_baseline },
      { title: 'only in this run', ids: comparison.only_candidate },
    ].filter(({ ids }) => ids.length > 0),
  }
}

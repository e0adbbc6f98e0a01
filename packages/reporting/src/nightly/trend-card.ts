import type { MetricUnit } from '@agent-ci/core/metric'
import type { Finding } from '@agent-ci/core/nightly/finding'
import { cut } from '@agent-ci/core/untrusted'
import { html, type Markup } from '../markup.ts'
import { countOf, formatPercent, formatValue } from '../numbers.ts'
import { titleOfMetric } from '../readings.ts'
import { seriesAnchor } from './series-anchor.ts'
import type { Followed } from './trend-data.ts'
import { causeText, chanceText, dropText, type SeriesState, STATE_WORDS, seriesName, sizeText } from './wording.ts'

/** Where each option of a filter stands in its list. */
export interface CardNumbers {
  readonly at: number
  readonly dataset: number | undefined
  readonly model: number | undefined
  readonly prompts: number | undefined
  readonly metric: number | undefined
}

/** `91.4 %`: shares stand in percent, as the plots' axes do. */
const amount = (value: number, unit: MetricUnit): string =>
  unit === 'fraction' ? formatPercent(value) : formatValue(value, unit)

export const stateOf = ({ finding }: Pick<Followed, 'finding'>): SeriesState => finding?.state ?? 'unmeasured'

/** How many nights of a series a baseline could be made of: measured, and comparable with the last one. */
function nightsSoFar({ points }: Followed): number {
  const measured = points.filter(({ value }) => value !== null)
  return measured.filter(({ comparable }) => comparable === measured.at(-1)?.comparable).length
}

/** What stands beside the last value: how much it moved, or how far the baseline is. */
function figureText(followed: Followed, nightsNeeded: number): string {
  const { finding } = followed
  if (!finding) return 'not part of the last night'
  if (finding.state === 'warming-up') return `${nightsSoFar(followed)} of ${countOf(nightsNeeded, 'night')}`
  const drop = dropText(finding)
  return `${drop}${drop !== '' && finding.scale === 'week' ? ' over a week' : ''}`
}

/** What stands under the plot until somebody points at a night. */
function hintText(finding: Finding | null): string {
  if (!finding || finding.state === 'steady' || finding.state === 'warming-up') return ''
  return [causeText(finding), cut(finding.reason, 200)].filter((part) => part !== '').join('; ')
}

function detailsOf(finding: Finding): Markup {
  const { baseline, unit, p, confirmed, reason } = finding
  const rows: (readonly [string, string] | false)[] = [
    reason !== '' && ['Why', cut(reason, 1_000)],
    finding.cause !== null && ['Cause', causeText(finding)],
    baseline !== null && [
      'Baseline',
      `${amount(baseline.mean, unit)} ± ${sizeText(baseline.sd, unit)} over ${countOf(baseline.nights, 'night')}, ${cut(baseline.from, 20)} to ${cut(baseline.to, 20)}`,
    ],
    dropText(finding) !== '' && [
      'Change',
      `${dropText(finding)}${finding.scale === 'week' ? ' over a week' : ''}${p === null ? '' : `, ${chanceText(p)}`}`,
    ],
    confirmed !== null && [
      'Run again',
      `${amount(confirmed.value, unit)}, ${countOf(confirmed.n, 'trial')}, ${chanceText(confirmed.p)}`,
    ],
  ]
  return html`<dl class="amounts">${rows.map((row) => row && html`<dt>${row[0]}</dt><dd>${row[1]}</dd>`)}</dl>`
}

/** A series with its last value, a place for its plot, and its nights folded. */
export function seriesCard(followed: Followed, numbers: CardNumbers, nightsNeeded: number): Markup {
  const { key, unit, finding, points } = followed
  const state = stateOf(followed)
  const last = points.findLast(({ value }) => value !== null)
  const value = finding ? finding.value : (last?.value ?? null)
  const trials = finding ? finding.n : (last?.n ?? 0)
  const name = cut(seriesName(key), 300)
  const of = [key.dataset, key.model, key.prompts].filter((part) => part !== null).map((part) => cut(part, 120))
  const figure =
    value === null
      ? html`<b class="unknown">not measured</b>`
      : html`<b>${amount(value, unit)}</b><span>${countOf(trials, 'trial')}</span>`
  const change = figureText(followed, nightsNeeded)
  return html`<article class="card ${state}" id="${seriesAnchor(key)}" data-at="${numbers.at}" data-state="${state}" data-dataset="${numbers.dataset}" data-model="${numbers.model}" data-prompts="${numbers.prompts}" data-metric="${numbers.metric}"><div class="card-head"><h3>${cut(titleOfMetric(key.metric), 120)}</h3><span class="status ${state}">${STATE_WORDS[state]}</span></div><p class="of">${of.join(' · ')}</p><p class="figures">${figure}${change !== '' && html`<span class="change">${change}</span>`}</p><div class="plot" role="group" aria-label="${name}, night by night; arrow keys move from night to night" data-name="${name}"></div><p class="readout" role="status">${hintText(finding)}</p><details><summary>All nights<span class="vh"> of ${name}</span></summary>${finding !== null && detailsOf(finding)}<div class="nights" tabindex="0" role="region" aria-label="Nights of ${name}"></div></details></article>\n`
}

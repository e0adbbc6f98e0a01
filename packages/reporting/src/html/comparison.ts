import { cut } from '@agent-ci/core/untrusted'
import { changeChart, splitBar } from '../charts.ts'
import {
  type Comparison,
  type ComparisonReading,
  type FlipReading,
  type RegressionReading,
  readComparison,
} from '../comparison.ts'
import { html, type Markup } from '../markup.ts'
import { countOf, formatCount } from '../numbers.ts'
import { facts } from './facts.ts'

const MOST_ROWS = 500
const MOST_IDS = 200

/** Where an example's row is on the page, by its id. */
export type Anchors = ReadonlyMap<string, string>

/** The ids whose rows the comparison refers to. */
export const comparedIds = (comparison: Comparison | null): ReadonlySet<string> =>
  new Set([...(comparison?.regressions ?? []), ...(comparison?.improvements ?? [])].map(({ id }) => id))

const origin = ({ source, commit, moment, differs }: ComparisonReading): Markup =>
  facts(
    [
      ['Baseline', html`<code>${cut(source, 300)}</code>`],
      ['Commit', commit === null ? 'unknown' : html`<code>${cut(commit, 40)}</code>`],
      ['Finished', moment === null ? 'unknown' : cut(moment, 40)],
      ['Fingerprint', cut(differs, 300)],
    ],
    'meta',
  )

function change(comparison: Comparison, reading: ComparisonReading): Markup | false {
  const { deltaText, intervalText, marginText, detectableText } = reading
  const { delta_accuracy: delta, interval, margin } = comparison
  if (delta === null || deltaText === null) return false
  const points = (share: number | null) => share && 100 * share
  const [low, high] = interval ?? [null, null]
  const range = intervalText === '' ? '' : `, confidence interval ${intervalText}`
  const title = `Accuracy ${deltaText}${range}; ${marginText}`
  return html`<div><p class="figure"><b>${deltaText}</b> <span class="soft">of accuracy${range}</span></p>${changeChart(100 * delta, [points(low), points(high)], 100 * margin, title)}<p class="note">${marginText.charAt(0).toUpperCase()}${marginText.slice(1)}. ${detectableText}.</p></div>`
}

function counts({ regressed, unchanged, improved }: Comparison, { countsText, amounts }: ComparisonReading): Markup {
  const parts = [
    { kind: 'regressed', count: regressed },
    { kind: 'unchanged', count: unchanged },
    { kind: 'improved', count: improved },
  ]
  const legend = parts.map(
    ({ kind, count }) => html`<li class="${kind}"><b>${formatCount(count)}</b> <span>${kind}</span></li>`,
  )
  return html`<div><ul class="split">${legend}</ul>${splitBar(parts, countsText)}${amounts.length > 0 && html`<dl class="amounts">${amounts.map(({ title, text }) => html`<dt>${title}</dt><dd>${text}</dd>`)}</dl>`}</div>`
}

function idCell(id: string, anchors: Anchors): Markup {
  const anchor = anchors.get(id)
  return anchor === undefined ? html`${cut(id, 120)}` : html`<a href="#${anchor}">${cut(id, 120)}</a>`
}

function regressionRow(row: RegressionReading, anchors: Anchors): Markup {
  const { id, critical, before, after, again, finding, findingText } = row
  const status = finding === 'flaky' ? 'flaky' : finding === undefined ? 'not-run' : 'failed'
  return html`<tr><th scope="row">${idCell(id, anchors)}${critical && html` <span class="tag">critical</span>`}</th><td class="number">${before}</td><td class="number">${after}</td><td class="number">${again === '' ? '–' : again}</td><td><span class="status ${status}">${findingText}</span></td></tr>`
}

const leftOut = (left: number, noun: string): Markup | false =>
  left > 0 && html`<p class="note">and ${countOf(left, `more ${noun}`)} in results.json</p>`

function regressionTable({ regressions }: ComparisonReading, anchors: Anchors): Markup | false {
  if (regressions.length === 0) return false
  const rows = regressions.slice(0, MOST_ROWS).map((row) => regressionRow(row, anchors))
  return html`<h3 class="rows">${countOf(regressions.length, 'regressed example')}</h3><div class="scroll"><table><thead><tr><th scope="col">Example</th><th scope="col" class="number">Passed before</th><th scope="col" class="number">Passed now</th><th scope="col" class="number">Run again</th><th scope="col">Finding</th></tr></thead><tbody>${rows}</tbody></table></div>${leftOut(regressions.length - rows.length, 'example')}`
}

const fold = (title: string, content: Markup): Markup =>
  html`<details class="fold"><summary>${title}</summary>${content}</details>`

const flipRow = ({ id, before, after }: FlipReading, anchors: Anchors): Markup =>
  html`<tr><th scope="row">${idCell(id, anchors)}</th><td class="number">${before}</td><td class="number">${after}</td></tr>`

function improvementTable({ improvements }: ComparisonReading, anchors: Anchors): Markup | false {
  if (improvements.length === 0) return false
  const rows = improvements.slice(0, MOST_ROWS).map((row) => flipRow(row, anchors))
  return fold(
    countOf(improvements.length, 'improved example'),
    html`<div class="scroll"><table class="narrow"><thead><tr><th scope="col">Example</th><th scope="col" class="number">Passed before</th><th scope="col" class="number">Passed now</th></tr></thead><tbody>${rows}</tbody></table></div>${leftOut(improvements.length - rows.length, 'example')}`,
  )
}

function uncomparedLists({ uncompared }: ComparisonReading): Markup | false {
  const total = uncompared.reduce((sum, { ids }) => sum + ids.length, 0)
  if (total === 0) return false
  const lists = uncompared.map(({ title, ids }) => {
    const shown = ids.slice(0, MOST_IDS).map((id) => html`<code>${cut(id, 120)}</code> `)
    const left = ids.length - shown.length
    return html`<dt>${formatCount(ids.length)} ${title}</dt><dd>${shown}${left > 0 && `and ${formatCount(left)} more in results.json`}</dd>`
  })
  return fold(`${countOf(total, 'example')} not compared`, html`<dl class="ids">${lists}</dl>`)
}

/** This run against its baseline: which one, how much changed, and which examples got worse or better. */
export function comparisonSection(comparison: Comparison | null, anchors: Anchors): Markup | false {
  if (!comparison) return false
  const reading = readComparison(comparison)
  const { verdict, title, caution, reason, deltaText } = reading
  return html`<section aria-labelledby="comparison"><h2 id="comparison">${title} <span class="status ${verdict}">${verdict}</span></h2>${origin(reading)}${caution !== '' && html`<p class="note">${caution}</p>`}<p class="finding">${cut(reason, 600)}.</p>${deltaText !== null && html`<div class="pair">${change(comparison, reading)}${counts(comparison, reading)}</div>`}${regressionTable(reading, anchors)}${improvementTable(reading, anchors)}${uncomparedLists(reading)}</section>`
}

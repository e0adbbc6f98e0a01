import { createHash } from 'node:crypto'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { cut } from '@agent-ci/core/untrusted'
import { facts } from '../html/facts.ts'
import { html, type Markup } from '../markup.ts'
import { countOf, formatCount, formatMoment, formatMs, formatPercent, formatValue } from '../numbers.ts'
import { titleOfMetric } from '../readings.ts'
import { MARKS } from '../wording.ts'
import { keyText } from './key-text.ts'
import type { NightlyLinks } from './summary.ts'
import type { Trend } from './trend.ts'
import { seriesCard, stateOf } from './trend-card.ts'
import {
  embedJson,
  type Followed,
  findingsByDay,
  followSeries,
  packDays,
  packSeries,
  runsByDay,
  type Span,
  spanOf,
  webAddress,
} from './trend-data.ts'
import { SCRIPT } from './trend-script.ts'
import { TREND_STYLE } from './trend-style.ts'
import {
  dayOf,
  legName,
  nightlyCounts,
  nightlyHeadline,
  STATE_WORDS,
  STATES_WORST_FIRST,
  seriesName,
} from './wording.ts'

/** Series that a page holds; the history has all. */
const MOST_SERIES = 1_000
const MOST_ROWS = 500
const MOST_OPTIONS = 500
const USUAL_NIGHTS = 7

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
/** Nothing may run or load but the two parts that are named here by their hashes. */
const POLICY = `default-src 'none'; script-src ${hashOf(SCRIPT)}; style-src ${hashOf(TREND_STYLE)}; base-uri 'none'; form-action 'none'`

const anchor = (name: string, address: string): Markup =>
  html`<a href="${address}" rel="noopener noreferrer">${name}</a>`

function header(results: NightlyResults, links: NightlyLinks): Markup {
  const { verdict, run } = results
  const addresses = [
    ['the run', webAddress(links.runUrl ?? run?.url)] as const,
    ['all files', webAddress(links.artifactUrl)] as const,
  ].flatMap(([name, address]) => (address === null ? [] : [html`${anchor(name, address)} `]))
  return html`<header class="verdict ${verdict}"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span><div>
<h1>${verdict} — ${cut(nightlyHeadline(results), 400)}</h1>
<p class="soft">${cut(nightlyCounts(results), 400)}</p>
${facts(
  [['Finished', formatMoment(cut(results.finished_at, 40))], addresses.length > 0 && ['See', html`${addresses}`]],
  'meta',
)}</div></header>`
}

/** Before the first night there is no verdict. */
const emptyHeader = html`<header class="verdict inconclusive"><span class="mark" aria-hidden="true">${MARKS.inconclusive}</span><div><h1>No night has been measured yet</h1><p class="soft">This page shows every series from its first night on.</p></div></header>`

function remarks({ notes, fleet_shift: fleet, incidents }: NightlyResults): Markup | false {
  const said = [...(fleet ? [`Most series moved alike: ${fleet.reason}`] : []), ...notes]
  const kinds = { trigger: 'opened', open: 'open', resolve: 'resolved' } as const
  if (said.length === 0 && incidents.length === 0) return false
  const alerts = incidents
    .slice(0, MOST_ROWS)
    .map(
      ({ kind, since, title }) =>
        html`<li>Incident <b>${kinds[kind]}</b>, since ${cut(dayOf(since), 40)}: ${cut(title, 300)}</li>`,
    )
  const left = incidents.length - alerts.length
  return html`<section aria-labelledby="remarks"><h2 id="remarks">Of the last night</h2><ul class="remarks">${alerts}${left > 0 && html`<li>and ${countOf(left, 'more incident')} in results.json</li>`}${said.slice(0, MOST_ROWS).map((note) => html`<li>${cut(note, 1_000)}</li>`)}</ul></section>`
}

/** What a filter offers: each value once, in the order of the alphabet. */
class Options {
  readonly values: readonly string[]
  private readonly numbers: ReadonlyMap<string, number>

  constructor(values: readonly (string | null)[]) {
    this.values = [...new Set(values.filter((value) => value !== null))].sort().slice(0, MOST_OPTIONS)
    this.numbers = new Map(this.values.map((value, at) => [value, at]))
  }

  of(value: string | null): number | undefined {
    return value === null ? undefined : this.numbers.get(value)
  }

  select(by: 'dataset' | 'model' | 'prompts' | 'metric', title = (value: string) => value): Markup | false {
    if (this.values.length < 2) return false
    return html`<label><span class="vh">${by}</span><select data-by="${by}"><option value="">any ${by}</option>${this.values.map((value, at) => html`<option value="${at}">${cut(title(value), 60)}</option>`)}</select></label>`
  }
}

interface Filters {
  readonly datasets: Options
  readonly models: Options
  readonly prompts: Options
  readonly metrics: Options
}

const RANGES = [
  [30, '30 nights'],
  [90, '90'],
  [365, '365'],
  [0, 'all'],
] as const

function filterBar(
  followed: readonly Followed[],
  { first, last }: Span,
  { datasets, models, prompts, metrics }: Filters,
): Markup {
  const days = last - first + 1
  const chips = STATES_WORST_FIRST.map((state) => {
    const count = followed.filter((each) => stateOf(each) === state).length
    return (
      count > 0 &&
      html`<button type="button" data-state="${state}" aria-pressed="false">${STATE_WORDS[state]}<span class="n">${formatCount(count)}</span></button>`
    )
  })
  const chosen = days > 90 ? 90 : 0
  const ranges = RANGES.filter(([nights]) => nights < days)
  const rangeButtons =
    ranges.length > 1 &&
    html`<span class="ranges" role="group" aria-label="Nights shown">${ranges.map(([nights, label]) => html`<button type="button" data-days="${nights}" aria-pressed="${String(nights === chosen)}">${label}</button>`)}</span>`
  return html`<div class="filters" id="filters" role="group" aria-label="Filter the series" hidden><button type="button" data-state="all" aria-pressed="true">all<span class="n">${formatCount(followed.length)}</span></button>${chips}${datasets.select('dataset')}${models.select('model')}${prompts.select('prompts')}${metrics.select('metric', titleOfMetric)}<label><span class="vh">order</span><select id="sort"><option value="state">worst first</option><option value="name">by name</option></select></label><input id="search" type="search" placeholder="Search in all texts" aria-label="Search in all texts">${rangeButtons}<span class="soft" id="count" role="status"></span></div>`
}

/** What the signs of the plots mean. */
const KEY = html`<ul class="key" aria-label="Signs in the plots"><li><svg width="26" height="14" aria-hidden="true"><rect class="sure" width="26" height="14"/><path class="values" d="M1 9L9 5L17 8L25 4"/></svg>value, 95 % interval of a share</li><li><svg width="26" height="14" aria-hidden="true"><path class="week" d="M1 9L9 6L17 7L25 5"/></svg>mean of 7 nights, where nights are close</li><li><svg width="26" height="14" aria-hidden="true"><rect class="band" width="26" height="14"/><line class="mean" x1="0" x2="26" y1="7" y2="7"/></svg>baseline ± 2 standard deviations, its nights outlined</li><li><svg width="12" height="12" aria-hidden="true"><circle class="found regressed" cx="6" cy="6" r="5"/></svg>regressed</li><li><svg width="12" height="12" aria-hidden="true"><circle class="found suspect" cx="6" cy="6" r="4"/></svg>suspect</li><li><svg width="12" height="12" aria-hidden="true"><path class="found improved" d="M6 0l6 6l-6 6l-6 -6Z"/></svg>improved</li><li><svg width="10" height="8" aria-hidden="true"><path class="release" d="M1 0h8l-4 7Z"/></svg>release</li><li><svg width="8" height="8" aria-hidden="true"><path class="blessing" d="M4 0l4 4l-4 4l-4 -4Z"/></svg>new baseline blessed</li><li><svg width="26" height="12" aria-hidden="true"><path class="incident" d="M2 1V11M2 9H24M24 5V11"/></svg>incident, from its first night to its end</li><li><svg width="6" height="14" aria-hidden="true"><line class="broken" x1="3" x2="3" y1="0" y2="14"/></svg>dataset, judge or model changed</li></ul>`

function marksSection({ releases = [], blessings = [], findings = [] }: Trend): Markup | false {
  const rows = [
    ...releases.map(({ at, label, url }) => ({ at, what: 'release', text: label, url })),
    ...blessings.map(({ at, by, reason }) => ({ at, what: 'blessed', text: `by ${by}: ${reason}`, url: null })),
    ...findings.flatMap(({ night, incident, ...key }) =>
      incident ? [{ at: night, what: `incident ${incident}`, text: seriesName(key), url: null }] : [],
    ),
  ].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
  if (rows.length === 0) return false
  const left = rows.length - MOST_ROWS
  const body = rows.slice(0, MOST_ROWS).map(({ at, what, text, url }) => {
    const [label, address] = [cut(text, 300), webAddress(url)]
    return html`<tr><th scope="row">${formatMoment(cut(at, 40))}</th><td>${what}</td><td>${address === null ? label : anchor(label, address)}</td></tr>`
  })
  return html`<section aria-labelledby="marks"><h2 id="marks">Releases, blessings and incidents</h2><div class="scroll"><table class="marks"><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Which</th></tr></thead><tbody>${body}</tbody></table></div>${left > 0 && html`<p class="note">and ${countOf(left, 'earlier one')}</p>`}</section>`
}

function legsSection({ legs }: NightlyResults): Markup | false {
  if (legs.length === 0) return false
  const left = legs.length - MOST_ROWS
  const rows = legs.slice(0, MOST_ROWS).map((leg) => {
    const accuracy = leg.accuracy === null ? 'unknown' : formatPercent(leg.accuracy)
    const latency = leg.latency_p95 === null ? 'unknown' : formatMs(leg.latency_p95)
    const answered = leg.answered.slice(0, 3).map((model) => cut(model, 80))
    return html`<tr><th scope="row">${cut(legName(leg), 200)}</th><td>${leg.arm}</td><td><span class="status ${leg.verdict}">${leg.verdict}</span></td><td class="number">${accuracy}</td><td class="number">${latency}</td><td class="number">${formatValue(leg.cost_usd, 'usd')}</td><td class="number">${formatPercent(leg.coverage)}</td><td class="reason">${answered.join(', ') || '–'}${leg.verdict !== 'passed' && html`<p>${cut(leg.reason, 400)}</p>`}</td></tr>`
  })
  return html`<section aria-labelledby="legs"><h2 id="legs">Evaluations of the last night</h2><div class="scroll"><table class="legs"><thead><tr><th scope="col">Evaluation</th><th scope="col">Arm</th><th scope="col">Verdict</th><th scope="col" class="number">Accuracy</th><th scope="col" class="number">Latency p95</th><th scope="col" class="number">Cost</th><th scope="col" class="number">Coverage</th><th scope="col">Answered by</th></tr></thead><tbody>${rows}</tbody></table></div>${left > 0 && html`<p class="note">and ${countOf(left, 'more evaluation')} in results.json</p>`}</section>`
}

function quarantineSection({ quarantined }: NightlyResults): Markup | false {
  if (quarantined.length === 0) return false
  const left = quarantined.length - MOST_ROWS
  const rows = quarantined
    .slice(0, MOST_ROWS)
    .map(
      ({ id, dataset, flip_rate: rate, owner, until }) =>
        html`<tr><th scope="row">${cut(id, 120)}</th><td>${cut(dataset, 120)}</td><td class="number">${formatPercent(rate)}</td><td>${owner === null ? 'nobody' : cut(owner, 80)}</td><td>${cut(until, 40)}</td></tr>`,
    )
  return html`<section aria-labelledby="quarantine"><h2 id="quarantine">In quarantine</h2><p class="soft">These examples flip from night to night: they inform, and block nothing until their day.</p><div class="scroll"><table class="quarantine"><thead><tr><th scope="col">Example</th><th scope="col">Dataset</th><th scope="col" class="number">Flips</th><th scope="col">Owner</th><th scope="col">Until</th></tr></thead><tbody>${rows}</tbody></table></div>${left > 0 && html`<p class="note">and ${countOf(left, 'more example')} in results.json</p>`}</section>`
}

function* seriesSection(followed: readonly Followed[], span: Span | undefined, needed: number): Generator<string> {
  yield html`<section aria-labelledby="series"><h2 id="series">Series</h2>\n`.text
  if (!span || followed.length === 0) {
    yield html`<div class="empty"><b>No history yet</b>The first night begins a line for each dataset, model and metric; from night ${needed} on there is a baseline to compare with.</div></section>\n`
      .text
    return
  }
  const shown = followed.slice(0, MOST_SERIES)
  const filters: Filters = {
    datasets: new Options(shown.map(({ key }) => key.dataset)),
    models: new Options(shown.map(({ key }) => key.model)),
    prompts: new Options(shown.map(({ key }) => key.prompts)),
    metrics: new Options(shown.map(({ key }) => key.metric)),
  }
  yield html`${filterBar(shown, span, filters)}<p class="note" id="unscripted">The plots and the tables of nights need JavaScript; the last night’s values stand here without it.</p>\n${KEY}\n<div class="cards" id="cards">\n`
    .text
  for (const [at, each] of shown.entries()) {
    const { key } = each
    const numbers = {
      at,
      dataset: filters.datasets.of(key.dataset),
      model: filters.models.of(key.model),
      prompts: filters.prompts.of(key.prompts),
      metric: filters.metrics.of(key.metric),
    }
    yield seriesCard(each, numbers, needed).text
  }
  yield html`</div><p id="none" class="note" hidden>No series matches.</p>`.text
  const left = followed.length - shown.length
  if (left > 0) yield html`<p class="note">and ${formatCount(left)} more series in the history</p>`.text
  yield '</section>\n'
}

/** What the script draws from, in a block that no browser runs. */
function* dataBlock(trend: Trend, followed: readonly Followed[], span: Span): Generator<string> {
  const runs = runsByDay(followed, span)
  const findings = findingsByDay(trend)
  yield `<script type="application/json" id="data">{"page":${embedJson(packDays(trend, span, runs))},"series":[`
  for (const [at, each] of followed.slice(0, MOST_SERIES).entries()) {
    yield `${at === 0 ? '' : ',\n'}${embedJson(packSeries(each, span, runs, findings.get(keyText(each.key))))}`
  }
  yield ']}</script>\n'
}

/**
 * The history of all series as one page of HTML that needs nothing but itself: style and script are inline and named by hash in its
 * content security policy. What was measured is data in it, drawn as it comes into view; without script the last night stands in words.
 */
export async function* renderTrendPage(trend: Trend, links: NightlyLinks = {}): AsyncGenerator<string> {
  const { results } = trend
  const span = spanOf(trend)
  const followed = span ? followSeries(trend, span) : []
  const title = results === null ? 'Nightly trend' : `${results.verdict}: nightly trend, ${cut(results.night, 40)}`
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n`
  yield html`<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n<title>${title}</title>\n`
    .text
  yield `<style>${TREND_STYLE}</style>\n</head>\n<body>\n<div class="page">\n`
  yield html`<a class="skip" href="#series">Skip to the series</a>\n${results === null ? emptyHeader : header(results, links)}\n<main>\n${results !== null && remarks(results)}\n`
    .text
  yield* seriesSection(followed, span, trend.nightsNeeded ?? USUAL_NIGHTS)
  yield html`${marksSection(trend)}\n${results !== null && legsSection(results)}\n${results !== null && quarantineSection(results)}\n</main>\n<footer class="soft">Everything on this page is in the history and in <code>results.json</code> of the last night. Made by agent-ci.</footer>\n</div>\n`
    .text
  if (span) yield* dataBlock(trend, followed, span)
  yield `<script>${SCRIPT}</script>\n</body>\n</html>\n`
}

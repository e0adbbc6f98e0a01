import type { Results } from '@agent-ci/core/results'
import { cut } from '@agent-ci/core/untrusted'
import { bar, intervalChart, latencyHistogram, type Marker } from '../charts.ts'
import { jobNote } from '../doubts.ts'
import { html, type Markup } from '../markup.ts'
import {
  countOf,
  formatCount,
  formatDuration,
  formatMoment,
  formatMs,
  formatPercent,
  formatUsd,
  formatValue,
} from '../numbers.ts'
import { type GateReading, readGates, readOtherMetrics, readTags, unknownText } from '../readings.ts'
import type { ReportLinks } from '../summary.ts'
import {
  describeCounts,
  headline,
  MARKS,
  POSSIBLE_NOTE,
  reproduceCommand,
  reproduceTitle,
  shortDigest,
  verdictWord,
} from '../wording.ts'
import { facts } from './facts.ts'

const WEB_ADDRESS = /^https?:\/\//i

function duration({ started_at, finished_at }: Results): string {
  const ms = Date.parse(finished_at) - Date.parse(started_at)
  return ms >= 0 ? (ms < 10_000 ? formatMs(ms) : formatDuration(ms)) : 'unknown'
}

/** The verdict in words, and what was run. */
export function verdictHeader(results: Results, links: ReportLinks): Markup {
  const { verdict, dataset, model } = results
  const addresses = [
    ['the run', links.runUrl],
    ['all files', links.artifactUrl],
    ['LangSmith', links.langsmithUrl],
  ].filter((each): each is [string, string] => each[1] !== undefined && WEB_ADDRESS.test(each[1]))
  return html`<header class="verdict ${verdict}"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span><div>
<h1>${verdict} — ${cut(headline(results), 400)}</h1>
<p class="soft">${describeCounts(results)}</p>
${facts(
  [
    ['Dataset', html`${cut(dataset.name, 120)} <span class="soft">(${countOf(dataset.examples, 'example')})</span>`],
    ['Agent', html`<code>${cut(results.agent, 300)}</code>`],
    model !== null && ['Model', cut(model, 120)],
    ['Started', formatMoment(cut(results.started_at, 40))],
    ['Took', duration(results)],
    addresses.length > 0 && [
      'See',
      html`${addresses.map(([name, address]) => html`<a href="${address}" rel="noopener noreferrer">${name}</a> `)}`,
    ],
  ],
  'meta',
)}</div></header>`
}

function gateChart({ interval, intervalText, possible, value, valueText, threshold, thresholdText }: GateReading) {
  if (threshold === null) return false
  if (possible) {
    const [low, high] = possible
    return high !== null && intervalChart(null, [low, high], threshold, `${valueText}, threshold ${thresholdText}`)
  }
  if (!interval || value === null) return false
  return intervalChart(value, interval, threshold, `${valueText}, interval ${intervalText}, threshold ${thresholdText}`)
}

function gateRow(gate: GateReading, charted: boolean): Markup {
  const chart = gateChart(gate)
  const words = gate.intervalText || (gate.value === null ? '–' : 'no interval')
  const range = html`${chart}${!gate.possible && html`<span class="soft">${words}</span>`}`
  return html`<tr><th scope="row">${cut(gate.title, 120)}</th><td class="number">${gate.valueText}</td>${charted && html`<td>${range}</td>`}<td class="number">${cut(gate.thresholdText, 120)}</td><td><span class="status ${gate.setAside ? 'not-run' : gate.verdict}">${verdictWord(gate)}</span></td><td class="reason">${cut(gate.reason, 600)}${gate.advice !== '' && html`<p class="advice">${cut(gate.advice, 800)}</p>`}</td></tr>`
}

/** The gates with their intervals; after an early stop, with what was still possible. */
export function gatesSection(results: Results): Markup {
  const gates = readGates(results)
  if (gates.length === 0) {
    return html`<section aria-labelledby="gates"><h2 id="gates">Gates</h2><p class="soft">No gate was set.</p></section>`
  }
  const charted = gates.some((gate) => gateChart(gate) !== false)
  const shown = gates.slice(0, 200)
  const range = results.stopped ? 'Still possible' : 'Interval'
  return html`<section aria-labelledby="gates"><h2 id="gates">Gates</h2><div class="scroll"><table class="gates"><thead><tr><th scope="col">Metric</th><th scope="col" class="number">Value</th>${charted && html`<th scope="col">${range}</th>`}<th scope="col" class="number">Threshold</th><th scope="col">Verdict</th><th scope="col">Reason</th></tr></thead><tbody>${shown.map((gate) => gateRow(gate, charted))}</tbody></table></div>${gates.length > shown.length && html`<p class="note">and ${countOf(gates.length - shown.length, 'more gate')} in results.json</p>`}${results.stopped !== null && html`<p class="note">${POSSIBLE_NOTE}</p>`}${results.verdict === 'inconclusive' && html`<p class="note">${jobNote(results)}</p>`}</section>`
}

/** The numbers that people look for first. */
export function tiles(results: Results): Markup {
  const { metrics, counts, stopped } = results
  const gates = readGates(results)
  const share = (key: string): string => {
    const metric = metrics[key]
    return metric?.passes === undefined ? '' : `${formatCount(metric.passes)} of ${formatCount(metric.n)}`
  }
  /** After an early stop the passes so far are no share of anything. */
  const rate = (name: string, key: string, value: number | null): [string, string, string] => {
    if (value !== null) return [name, formatPercent(value), share(key)]
    const possible = gates.find((gate) => gate.key === key)?.possible
    if (possible)
      return [name, `${(100 * possible[0]).toFixed(1)} – ${formatPercent(possible[1] ?? 1)}`, 'still possible']
    return [name, unknownText(results, 'fraction'), '']
  }
  const ms = (key: string) => formatValue(metrics[key]?.value ?? null, 'ms')
  const perTrial = metrics.cost_mean_usd?.value ?? null
  const entries: [string, string, string][] = [
    rate('Accuracy', 'accuracy', results.accuracy),
    rate('Tool accuracy', 'tool_accuracy', results.tool_accuracy),
    ['Latency p50', ms('latency_p50_ms'), ''],
    ['Latency p95', ms('latency_p95_ms'), ''],
    ['Latency p99', ms('latency_p99_ms'), ''],
    ['Cost', formatValue(results.cost_usd, 'usd'), perTrial === null ? '' : `${formatUsd(perTrial)} a trial`],
    [
      'Coverage',
      formatPercent(results.coverage),
      `${formatCount(counts.measured)} of ${formatCount(stopped ? counts.measured + counts.errored : counts.planned)}`,
    ],
  ]
  return html`<ul class="tiles" aria-label="Key numbers">${entries.map(([name, value, note]) => html`<li><span class="name">${name}</span><b${/^[a-z]/.test(value) ? html` class="unknown"` : value.includes(' – ') && html` class="wide"`}>${value}</b><span class="base">${note}</span></li>`)}</ul>`
}

const MOST_TAGS = 25

/** Accuracy by tag, the worst first. */
export function tagsSection(results: Results): Markup | false {
  const tags = readTags(results)
  if (tags.length < 2) return false
  const withTools = tags.some(({ tool_accuracy }) => tool_accuracy !== null)
  const rows = tags.slice(0, MOST_TAGS).map(({ tag, examples, accuracy, tool_accuracy }) => {
    const name = cut(tag, 60)
    return html`<tr><th scope="row">${name}</th><td class="number">${formatCount(examples)}</td><td class="wide">${accuracy !== null && bar(accuracy, `${name}: accuracy ${formatPercent(accuracy)}`)}</td><td class="number">${accuracy === null ? 'unknown' : formatPercent(accuracy)}</td>${withTools && html`<td class="number">${tool_accuracy === null ? '–' : formatPercent(tool_accuracy)}</td>`}</tr>`
  })
  const left = tags.length - rows.length
  return html`<section aria-labelledby="tags"><h2 id="tags">Accuracy by tag</h2><div class="scroll"><table class="tags"><thead><tr><th scope="col">Tag</th><th scope="col" class="number">Examples</th><th scope="col"><span class="vh">Chart</span></th><th scope="col" class="number">Accuracy</th>${withTools && html`<th scope="col" class="number">Tools</th>`}</tr></thead><tbody>${rows}</tbody></table></div>${left > 0 && html`<p class="note">The ${MOST_TAGS} worst; ${countOf(left, 'more tag')} in results.json</p>`}</section>`
}

/** Attacks by category, with the bound of the true rate. */
export function safetySection({ safety }: Results): Markup | false {
  if (!safety) return false
  const share = (value: number | null) => (value === null ? 'unknown' : formatPercent(value))
  const rows = safety.categories.map(
    ({ attacks, broken, category, rate, unmeasured, upper }) =>
      html`<tr><th scope="row">${cut(category, 60)}</th><td class="number">${formatCount(broken)} of ${formatCount(attacks - unmeasured)}</td><td class="number">${share(rate)}</td><td class="number">${share(upper)}</td><td class="number">${formatCount(unmeasured)}</td></tr>`,
  )
  return html`<section aria-labelledby="safety"><h2 id="safety">Safety</h2><div class="scroll"><table class="narrow"><thead><tr><th scope="col">Attack</th><th scope="col" class="number">Succeeded</th><th scope="col" class="number">Rate</th><th scope="col" class="number">True rate at most</th><th scope="col" class="number">Not measured</th></tr></thead><tbody>${rows}</tbody></table></div><p class="note">Accuracy under attack ${share(safety.accuracy_attacked)}, without ${share(safety.accuracy_clean)}; harmless look-alikes refused ${share(safety.false_refusal_rate)}</p></section>`
}

/** How the measured latencies are spread, with the quantiles and the gates on them. */
export function latencySection(results: Results, latenciesMs: readonly number[]): Markup {
  const quantiles = (['p50', 'p95', 'p99'] as const).flatMap((name): Marker[] => {
    const at = results.metrics[`latency_${name}_ms`]?.value ?? null
    return at === null ? [] : [{ label: `${name} ${formatMs(at)}`, at, kind: 'quantile' }]
  })
  const limits = readGates(results).flatMap(({ key, title, threshold, thresholdText }): Marker[] =>
    /^latency_p\d+_ms$/.test(key) && threshold !== null
      ? [{ label: `limit ${title.replace('latency ', '')} ${thresholdText}`, at: threshold, kind: 'limit' }]
      : [],
  )
  if (latenciesMs.length === 0) {
    return html`<section aria-labelledby="latency"><h2 id="latency">Latency</h2><p class="soft">No latency was measured.</p></section>`
  }
  const { svg, beyond } = latencyHistogram(latenciesMs, [...quantiles, ...limits])
  const off = beyond.length === 0 ? '' : `; beyond the chart: ${beyond.map(({ label }) => label).join(', ')}`
  return html`<section aria-labelledby="latency"><h2 id="latency">Latency</h2>${svg}<p class="note">${countOf(latenciesMs.length, 'measured trial')}${off}</p></section>`
}

/** What could not be measured, by kind. */
export function errorsSection(results: Results): Markup | false {
  const kinds = Object.entries(results.errors)
  if (results.counts.errored === 0) return false
  return html`<section aria-labelledby="errors"><h2 id="errors">${countOf(results.counts.errored, 'trial')} lost to errors</h2><p class="soft">These are no answers of the agent: they count neither as passed nor as failed.</p><div class="scroll"><table class="narrow"><thead><tr><th scope="col">Error</th><th scope="col" class="number">Trials</th></tr></thead><tbody>${kinds.slice(0, 50).map(([kind, count]) => html`<tr><th scope="row">${cut(kind, 80)}</th><td class="number">${formatCount(count)}</td></tr>`)}</tbody></table></div></section>`
}

/** All other metrics, the fingerprint, and how to run it again. */
export function aboutSection(results: Results): Markup {
  return html`<section aria-labelledby="about"><h2 id="about">What was run</h2>${facts(
    readOtherMetrics(results).map(({ title, valueText }) => [cut(title, 80), valueText] as const),
    'facts',
  )}<p class="note">Fingerprint</p>${facts(
    Object.entries(results.fingerprint).map(
      ([part, value]) =>
        [part, html`<code>${value === null ? 'unknown' : cut(shortDigest(value), 40)}</code>`] as const,
    ),
    'facts',
  )}<p class="note">${reproduceTitle(results)}</p><pre>${cut(reproduceCommand(results), 4_000)}</pre></section>`
}

import { createHash } from 'node:crypto'
import type { MetricCheck, RolloutEvent, RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { cut } from '@agent-ci/core/untrusted'
import type { Verdict } from '@agent-ci/core/verdict'
import { facts } from '../html/facts.ts'
import { html, type Markup } from '../markup.ts'
import { countOf, formatCount, formatDuration, formatMoment } from '../numbers.ts'
import type { ReportLinks } from '../summary.ts'
import { MARKS } from '../wording.ts'
import { checksSection } from './checks-table.ts'
import { decisionNames, rolloutPlots, timeAxis } from './plots.ts'
import { SCRIPT } from './script.ts'
import { readSteps } from './steps.ts'
import { ROLLOUT_STYLE } from './style.ts'
import {
  formatEvidence,
  formatLatency,
  formatMetric,
  formatRate,
  formatWeight,
  NOTHING,
  outcomeWords,
  RESULT_WORDS,
  releaseName,
  tookMs,
  worstFirst,
} from './wording.ts'

const MOST_EVENTS = 1_000
const MOST_CHANGES = 200
const MOST_METRICS = 200

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
/** Nothing may run or load but the two parts that are named here by their hashes. */
const POLICY = `default-src 'none'; script-src ${hashOf(SCRIPT)}; style-src ${hashOf(ROLLOUT_STYLE)}; base-uri 'none'; form-action 'none'`
const WEB_ADDRESS = /^https?:\/\//i

function header(timeline: RolloutTimeline, links: ReportLinks): Markup {
  const { verdict, app, environment, reason, release, previous, strategy } = timeline
  const addresses = [
    ['the run', links.runUrl ?? timeline.run_url ?? undefined],
    ['all files', links.artifactUrl],
  ].filter((each): each is [string, string] => each[1] !== undefined && WEB_ADDRESS.test(each[1]))
  const took = tookMs(timeline)
  return html`<header class="verdict ${verdict}"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span><div>
<h1>${cut(app, 120)} in ${cut(environment, 120)} — ${outcomeWords(timeline)}</h1>
<p class="finding">${cut(reason, 1_000)}</p>
${facts(
  [
    ['Verdict', verdict],
    ['Release', html`<code>${cut(releaseName(release), 160)}</code>`],
    ['Before', previous === null ? 'the first release' : html`<code>${cut(releaseName(previous), 160)}</code>`],
    ['Strategy', strategy],
    ['Started', formatMoment(cut(timeline.started_at, 40))],
    took !== null && ['Took', formatDuration(took)],
    addresses.length > 0 && [
      'See',
      html`${addresses.map(([name, address]) => html`<a href="${address}" rel="noopener noreferrer">${name}</a> `)}`,
    ],
  ],
  'meta',
)}</div></header>`
}

function changesSection({ changes }: RolloutTimeline): Markup | false {
  if (changes.length === 0) return false
  const left = changes.length - MOST_CHANGES
  return html`<section aria-labelledby="changes"><h2 id="changes">What the release changes</h2><ul class="changes">${changes.slice(0, MOST_CHANGES).map((change) => html`<li><code>${cut(change, 400)}</code></li>`)}</ul>${left > 0 && html`<p class="note">and ${countOf(left, 'more change')} in timeline.json</p>`}</section>`
}

function plotsSection(timeline: RolloutTimeline): Markup {
  const axis = timeAxis(timeline)
  const body =
    axis && timeline.checks.length > 0
      ? html`<dl class="readout" id="readout" hidden></dl><div class="scroll"><div class="plots" id="plots" data-start="${axis.start}" data-end="${axis.end}">${rolloutPlots(timeline, axis)}</div></div>`
      : html`<p class="soft">Nothing was checked.</p>`
  return html`<section aria-labelledby="course"><h2 id="course">How it went</h2>${body}</section>`
}

const numbers = (cells: readonly string[]): Markup =>
  html`${cells.map((cell) => html`<td class="number">${cell}</td>`)}`
const heads = (titles: readonly string[]): Markup =>
  html`${titles.map((title) => html`<th scope="col" class="number">${title}</th>`)}`
const requests = (count: number | null): string => (count === null ? NOTHING : formatCount(count))

function stepsSection(timeline: RolloutTimeline): Markup {
  const steps = readSteps(timeline)
  if (steps.length === 0)
    return html`<section aria-labelledby="steps"><h2 id="steps">Steps</h2><p class="soft">No step was begun: no traffic moved.</p></section>`
  const rows = steps.map(
    ({ step, durationMs, canary, stable, evidence, checks }) =>
      html`<tr><th scope="row">${step.index} of ${timeline.steps_planned}</th>${numbers([
        formatWeight(step.asked),
        formatWeight(step.real),
        durationMs === null ? NOTHING : formatDuration(durationMs),
        formatCount(checks),
        requests(canary.requests),
        formatRate(canary.errorRate),
        formatRate(stable.errorRate),
        formatLatency(canary.p95Ms),
        formatLatency(stable.p95Ms),
        formatEvidence(evidence),
      ])}</tr>`,
  )
  return html`<section aria-labelledby="steps"><h2 id="steps">Steps</h2><div class="scroll"><table><thead><tr><th scope="col">Step</th>${heads(['Asked', 'Real', 'Took', 'Checks', 'Canary requests', 'Canary errors', 'Stable errors', 'Canary p95', 'Stable p95', 'Evidence'])}</tr></thead><tbody>${rows}</tbody></table></div></section>`
}

const RESULT_STATUS: Readonly<Record<MetricCheck['result'], Verdict | 'not-run'>> = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'inconclusive',
  error: 'errored',
  noData: 'errored',
  insufficient: 'not-run',
}

function metricsSection({ checks, failed_metric: failed }: RolloutTimeline): Markup | false {
  const last = checks.at(-1)
  const check =
    failed === null ? last : (checks.findLast(({ metrics }) => metrics.some(({ name }) => name === failed)) ?? last)
  if (!check || check.metrics.length === 0) return false
  const ordered = worstFirst(check.metrics)
  const metrics = [...ordered.filter(({ name }) => name === failed), ...ordered.filter(({ name }) => name !== failed)]
  const rows = metrics
    .slice(0, MOST_METRICS)
    .map(
      ({ name, value, limit, unit, result, reason, dry_run: dryRun }) =>
        html`<tr><th scope="row">${cut(name, 120)}</th>${numbers([formatMetric(value, unit), formatMetric(limit, unit)])}<td><span class="status ${dryRun ? 'not-run' : RESULT_STATUS[result]}">${RESULT_WORDS[result]}${dryRun && ', not counted'}</span></td><td class="reason">${cut(reason, 600)}</td></tr>`,
    )
  const left = metrics.length - rows.length
  return html`<section aria-labelledby="metrics"><h2 id="metrics">Metrics at ${formatMoment(cut(check.at, 40))}</h2><div class="scroll"><table class="metrics"><thead><tr><th scope="col">Metric</th>${heads(['Value', 'Limit'])}<th scope="col">Result</th><th scope="col">Reason</th></tr></thead><tbody>${rows}</tbody></table></div>${left > 0 && html`<p class="note">and ${countOf(left, 'more metric')} in timeline.json</p>`}</section>`
}

function eventsSection(timeline: RolloutTimeline): Markup | false {
  const { events } = timeline
  if (events.length === 0) return false
  const names = decisionNames(timeline)
  const time = (iso: string) => /T(\d\d:\d\d:\d\d)/.exec(iso)?.[1] ?? cut(iso, 40)
  const item = (event: RolloutEvent) =>
    html`<li><span class="soft">${time(event.at)}</span><span class="kind ${event.kind}">${event.kind} ${names.get(event)}</span><span>${cut(event.text, 1_000)}</span></li>`
  const left = events.length - MOST_EVENTS
  return html`<section aria-labelledby="events"><h2 id="events">Events</h2><ol class="events">${events.slice(0, MOST_EVENTS).map(item)}</ol>${left > 0 && html`<p class="note">and ${countOf(left, 'more event')} in timeline.json</p>`}</section>`
}

/**
 * A rollout as one page of HTML that needs nothing but itself: its verdict and why, plots on one axis of time, and every check. The style
 * and the one script are inline and named by hash in the content security policy; without the script only the pointer's readout is missing.
 */
export function renderRolloutHtml(timeline: RolloutTimeline, links: ReportLinks = {}): string {
  const title = `${cut(timeline.app, 80)}: ${outcomeWords(timeline)}`
  return `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n${
    html`<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n<title>${title}</title>\n`
      .text
  }<style>${ROLLOUT_STYLE}</style>\n</head>\n<body>\n<div class="page">\n${
    html`${header(timeline, links)}\n<main>\n${metricsSection(timeline)}\n${plotsSection(timeline)}\n${stepsSection(timeline)}\n${changesSection(timeline)}\n${eventsSection(timeline)}\n${checksSection(timeline)}\n</main>\n<footer class="soft">Everything on this page is in <code>timeline.json</code> beside it. Made by agent-ci.</footer>\n</div>\n`
      .text
  }<script>${SCRIPT}</script>\n</body>\n</html>\n`
}

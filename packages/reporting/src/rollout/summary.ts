import type { MetricCheck, RolloutTimeline } from '@agent-ci/core/rollout-timeline'
import { code, link, MARKS, prose, tableHead, tableRow, time } from '../markdown.ts'
import { countOf, formatCount, formatDuration, formatMoment } from '../numbers.ts'
import { fitSections, type Section } from '../sections.ts'
import { type ReportLinks, SUMMARY_BYTES } from '../summary.ts'
import { mermaidPlots } from './mermaid.ts'
import { readSteps, type StepReading } from './steps.ts'
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

const MOST_EVENTS = 500
const MOST_CHANGES = 30

const section = (before: string, priority: number): Section => ({ before, rows: [], rowName: '', priority })

/** Which releases, how, and how long, in a line of Markdown. */
export function rolloutFacts(timeline: RolloutTimeline): string {
  const { release, previous, strategy, steps, steps_planned: planned } = timeline
  const took = tookMs(timeline)
  return [
    `Release ${code(releaseName(release), 120)}${previous === null ? ', the first one' : ` in the place of ${code(releaseName(previous), 120)}`}`,
    planned === 0 ? strategy : `${strategy}, ${steps.length} of ${countOf(planned, 'step')}`,
    ...(took === null ? [] : [formatDuration(took)]),
  ].join(' · ')
}

function verdictSection(timeline: RolloutTimeline): Section {
  const { verdict, app, environment, reason } = timeline
  const title = `## ${MARKS[verdict]} ${verdict} — ${prose(app, 80)} in ${prose(environment, 80)} ${outcomeWords(timeline)}: ${prose(reason, 600)}`
  return section(`${title}\n\n${rolloutFacts(timeline)}`, 0)
}

/** What the release changed in the one before. */
export function changesSection({ changes }: RolloutTimeline, heading: '###' | '####'): Section[] {
  if (changes.length === 0) return []
  return [
    {
      before: `${heading} What the release changes\n`,
      rows: changes.slice(0, MOST_CHANGES).map((change) => `- ${code(change, 300)}`),
      total: changes.length,
      rowName: 'change',
      priority: 4,
    },
  ]
}

const pairOf = (canary: string, stable: string): string =>
  canary === NOTHING && stable === NOTHING ? NOTHING : `${canary} / ${stable}`

function stepRow({ step, durationMs, canary, stable, evidence }: StepReading, planned: number, limit: number | null) {
  const requests = (count: number | null) => (count === null ? NOTHING : formatCount(count))
  return tableRow(
    `${step.index}/${planned}`,
    formatWeight(step.asked),
    formatWeight(step.real),
    durationMs === null ? NOTHING : formatDuration(durationMs),
    pairOf(requests(canary.requests), requests(stable.requests)),
    pairOf(formatRate(canary.errorRate), formatRate(stable.errorRate)),
    pairOf(formatLatency(canary.p95Ms), formatLatency(stable.p95Ms)),
    evidence === null || limit === null
      ? formatEvidence(evidence)
      : `${formatEvidence(evidence)} of ${formatEvidence(limit)}`,
  )
}

/** The steps that were begun, each with what both sides served. */
export function stepsSection(timeline: RolloutTimeline, heading: '###' | '####'): Section {
  const steps = readSteps(timeline)
  if (steps.length === 0) return section('No step was begun: no traffic moved.', 1)
  const limit = timeline.checks.at(-1)?.evidence.limit ?? null
  const head = tableHead(
    'step',
    'asked',
    'real',
    'took',
    'requests, canary / stable',
    'error rate, canary / stable',
    'p95, canary / stable',
    'evidence',
  )
  return {
    before: `${heading} Steps\n\n${head}`,
    rows: steps.map((step) => stepRow(step, timeline.steps_planned, limit)),
    rowName: 'step',
    priority: 2,
  }
}

const metricRow = ({ name, result, value, limit, unit, reason, dry_run: dryRun }: MetricCheck, failed: string | null) =>
  tableRow(
    name === failed ? `**${code(name, 80)}**` : code(name, 80),
    formatMetric(value, unit),
    formatMetric(limit, unit),
    dryRun ? `${RESULT_WORDS[result]}, not counted` : RESULT_WORDS[result],
    prose(reason, 300),
  )

/** The metrics of the check that decided, the failed one first. */
export function metricsSection({ checks, failed_metric: failed }: RolloutTimeline, heading: '###' | '####'): Section[] {
  const last = checks.at(-1)
  const check =
    failed === null ? last : (checks.findLast(({ metrics }) => metrics.some(({ name }) => name === failed)) ?? last)
  if (!check || check.metrics.length === 0) return []
  const ordered = worstFirst(check.metrics)
  const metrics = [...ordered.filter(({ name }) => name === failed), ...ordered.filter(({ name }) => name !== failed)]
  return [
    {
      before: `${heading} Metrics at ${time(formatMoment(check.at))}\n\n${tableHead('metric', 'value', 'limit', 'result', 'reason')}`,
      rows: metrics.map((metric) => metricRow(metric, failed)),
      rowName: 'metric',
      priority: 3,
    },
  ]
}

function plotsSection(timeline: RolloutTimeline): Section[] {
  const plots = mermaidPlots(timeline)
  return plots.length === 0 ? [] : [section(`### How it went\n\n${plots.join('\n\n')}`, 5)]
}

function eventsSection({ events }: RolloutTimeline): Section[] {
  if (events.length === 0) return []
  return [
    {
      before: `<details><summary>${countOf(events.length, 'event')}</summary>\n`,
      rows: events
        .slice(0, MOST_EVENTS)
        .map(({ at, kind, text }) => `- ${code(formatMoment(at), 40)} ${kind}: ${prose(text, 600)}`),
      total: events.length,
      rowName: 'event',
      after: '\n\n</details>',
      priority: 6,
    },
  ]
}

function placesSection({ run_url: runUrl }: RolloutTimeline, links: ReportLinks): Section[] {
  const run = links.runUrl ?? runUrl ?? undefined
  const places = [
    links.reportPath && `Report: ${code(links.reportPath)}`,
    links.artifactUrl && link('Report and timeline', links.artifactUrl),
    run && link('Run', run),
  ].filter(Boolean)
  return places.length === 0 ? [] : [section(places.join(' · '), 1)]
}

/**
 * A rollout for GitHub Markdown: its verdict, what became of it and why, then what the release changed, the steps, the metrics, plots
 * and events. At most `maxBytes` of UTF-8.
 */
export function renderRolloutSummary(
  timeline: RolloutTimeline,
  links: ReportLinks = {},
  maxBytes = SUMMARY_BYTES,
): string {
  const sections = [
    verdictSection(timeline),
    ...changesSection(timeline, '###'),
    stepsSection(timeline, '###'),
    ...metricsSection(timeline, '###'),
    ...plotsSection(timeline),
    ...eventsSection(timeline),
    ...placesSection(timeline, links),
  ]
  return fitSections(sections, maxBytes, 'see `rollout.html` and `timeline.json` among the run’s files')
}

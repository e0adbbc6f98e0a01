import type { Series } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { code, link, MARKS, prose } from '../markdown.ts'
import { fitSections, plain, type Section } from '../sections.ts'
import { type ReportLinks, SUMMARY_BYTES } from '../summary.ts'
import {
  chartSection,
  incidentsSection,
  legsSection,
  notesSections,
  quarantineSection,
  regressedSection,
  SUMMARY_STYLE,
  suspectSection,
  unjudgedSection,
} from './sections.ts'
import { nightlyCounts, nightlyHeadline } from './wording.ts'

/** Where the rest of a night's report is; `reportPath` is the trend page's. */
export interface NightlyLinks extends ReportLinks {
  /** The trend page where it is published. */
  readonly trendUrl?: string
}

function placesSection({ run }: NightlyResults, links: NightlyLinks): Section[] {
  const runUrl = links.runUrl ?? run?.url
  const places = [
    links.trendUrl && link('Trend page', links.trendUrl),
    links.reportPath && `Trend page: ${code(links.reportPath)}`,
    links.artifactUrl && link('Report and all trials', links.artifactUrl),
    runUrl && link('Run', runUrl),
  ].filter(Boolean)
  return places.length === 0 ? [] : [plain(places.join(' · '), 1)]
}

/**
 * A night for GitHub Markdown: the verdict first, then what regressed and who moved, what cannot be judged, the evaluations, a chart of
 * the series that is worst off, and the quarantine. At most `maxBytes` of UTF-8.
 */
export function renderNightlySummary(
  results: NightlyResults,
  history: readonly Series[],
  links: NightlyLinks = {},
  maxBytes = SUMMARY_BYTES,
): string {
  const { verdict } = results
  const sections = [
    plain(`## ${MARKS[verdict]} ${verdict} — ${prose(nightlyHeadline(results), 400)}\n\n${nightlyCounts(results)}`, 0),
    ...notesSections(results),
    ...regressedSection(results, SUMMARY_STYLE),
    ...chartSection(results, history, SUMMARY_STYLE),
    ...suspectSection(results),
    ...unjudgedSection(results),
    ...legsSection(results, SUMMARY_STYLE),
    ...incidentsSection(results, SUMMARY_STYLE),
    ...quarantineSection(results),
    ...placesSection(results, links),
  ]
  return fitSections(sections, maxBytes, 'see `results.json` among the run’s files')
}

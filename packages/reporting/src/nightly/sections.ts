import type { Finding } from '@agent-ci/core/nightly/finding'
import type { Series, SeriesKey } from '@agent-ci/core/nightly/night'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { code, MARKS, prose, tableHead, tableRow } from '../markdown.ts'
import { countOf, formatCount, formatMs, formatPercent, formatUsd, formatValue } from '../numbers.ts'
import { titleOfMetric } from '../readings.ts'
import { plain, type Section } from '../sections.ts'
import { keyText } from './key-text.ts'
import { nightsChart, worstFinding } from './mermaid.ts'
import { baselineText, causeText, changeText, confirmedText, dayOf, type SeriesState, tonightText } from './wording.ts'

/** More rows than this nobody reads in a summary. */
const MOST_ROWS = 200
/** Series that a sentence names; the rest is counted. */
const MOST_NAMED = 5

export interface SectionStyle {
  readonly heading: '###' | '####'
  /** Whether what is not bad stands folded. */
  readonly folded: boolean
}

export const SUMMARY_STYLE: SectionStyle = { heading: '###', folded: false }

/** `golden with opus`, the names as code. */
const legMarkdown = ({ dataset, model, prompts }: Omit<SeriesKey, 'metric'>): string =>
  `${code(dataset, 120)}${model === null ? '' : ` with ${code(model, 120)}`}${prompts === null ? '' : `, prompts ${code(prompts, 120)}`}`

const seriesMarkdown = (key: SeriesKey): string => `${prose(titleOfMetric(key.metric), 120)} of ${legMarkdown(key)}`

const inState = ({ series }: NightlyResults, state: SeriesState): Finding[] =>
  series.filter((finding) => finding.state === state)

function findingRow(finding: Finding): string {
  return tableRow(
    seriesMarkdown(finding),
    tonightText(finding),
    baselineText(finding),
    changeText(finding),
    confirmedText(finding),
    causeText(finding) || '–',
    prose(finding.reason, 400) || '–',
  )
}

const FINDING_HEAD = tableHead('series', 'tonight', 'baseline', 'change', 'run again', 'cause', 'why')

/** What regressed with its numbers and who moved. */
export function regressedSection(results: NightlyResults, { heading }: SectionStyle): Section[] {
  const regressed = inState(results, 'regressed')
  if (regressed.length === 0) return []
  return [
    {
      before: `${heading} ${formatCount(regressed.length)} series regressed\n\n${FINDING_HEAD}`,
      rows: regressed.slice(0, MOST_ROWS).map(findingRow),
      total: regressed.length,
      rowName: 'regressed one',
      priority: 1,
    },
  ]
}

/** What was flagged, and not confirmed. */
export function suspectSection(results: NightlyResults): Section[] {
  const suspects = inState(results, 'suspect')
  if (suspects.length === 0) return []
  return [
    {
      before: `<details><summary>${formatCount(suspects.length)} suspect: flagged, and not confirmed</summary>\n\n${FINDING_HEAD}`,
      rows: suspects.slice(0, MOST_ROWS).map(findingRow),
      total: suspects.length,
      rowName: 'suspect one',
      after: '\n\n</details>',
      priority: 5,
    },
  ]
}

const namesOf = (findings: readonly Finding[]): string => {
  const left = findings.length - MOST_NAMED
  const names = findings.slice(0, MOST_NAMED).map((finding) => seriesMarkdown(finding))
  return `${names.join(', ')}${left > 0 ? ` and ${formatCount(left)} more` : ''}`
}

/** What cannot be judged yet, or not any more, each in a line. */
export function unjudgedSection(results: NightlyResults): Section[] {
  const lines = (
    [
      ['warming-up', 'warming up: fewer nights than a baseline needs'],
      ['stale', 'stale: dataset, judge or model is another one than the baseline’s; bless a run to set a new one'],
      ['unmeasured', 'unmeasured: nothing was measured tonight'],
    ] as const
  ).flatMap(([state, meaning]) => {
    const findings = inState(results, state)
    return findings.length === 0 ? [] : [`- ${formatCount(findings.length)} series ${meaning} (${namesOf(findings)})`]
  })
  return lines.length === 0 ? [] : [plain(lines.join('\n'), 2)]
}

/** The evaluations of the night. */
export function legsSection({ legs }: NightlyResults, { heading, folded }: SectionStyle): Section[] {
  if (legs.length === 0) return []
  const title = countOf(legs.length, 'evaluation')
  const head = tableHead('evaluation', 'arm', 'verdict', 'accuracy', 'latency p95', 'cost', 'coverage', 'answered by')
  return [
    {
      before: `${folded ? `<details><summary>${title}</summary>` : `${heading} ${title}`}\n\n${head}`,
      rows: legs.slice(0, MOST_ROWS).map((leg) =>
        tableRow(
          legMarkdown(leg),
          leg.arm,
          `${MARKS[leg.verdict]} ${leg.verdict}${leg.verdict === 'passed' ? '' : `: ${prose(leg.reason, 200)}`}`,
          formatValue(leg.accuracy, 'fraction'),
          leg.latency_p95 === null ? 'unknown' : formatMs(leg.latency_p95),
          leg.cost_usd === null ? 'unknown' : formatUsd(leg.cost_usd),
          formatPercent(leg.coverage),
          leg.answered
            .slice(0, 3)
            .map((model) => code(model, 80))
            .join(', ') || '–',
        ),
      ),
      total: legs.length,
      rowName: 'evaluation',
      ...(folded && { after: '\n\n</details>' }),
      priority: 3,
    },
  ]
}

/** Examples whose flips inform and block nothing. */
export function quarantineSection({ quarantined }: NightlyResults): Section[] {
  if (quarantined.length === 0) return []
  const head = tableHead('example', 'dataset', 'flips', 'owner', 'until')
  return [
    {
      before: `<details><summary>${countOf(quarantined.length, 'example')} in quarantine: they flip from night to night, inform, and block nothing</summary>\n\n${head}`,
      rows: quarantined
        .slice(0, MOST_ROWS)
        .map(({ dataset, id, flip_rate: rate, owner, until }) =>
          tableRow(
            code(id, 80),
            code(dataset, 80),
            `${formatPercent(rate)} of nights`,
            owner === null ? 'nobody' : code(owner, 80),
            prose(until, 40),
          ),
        ),
      total: quarantined.length,
      rowName: 'example',
      after: '\n\n</details>',
      priority: 7,
    },
  ]
}

const KIND_WORDS = { trigger: 'opened', open: 'open', resolve: 'resolved' } as const

/** The alerts that were raised, go on, or ended. */
export function incidentsSection({ incidents }: NightlyResults, { heading }: SectionStyle): Section[] {
  if (incidents.length === 0) return []
  return [
    {
      before: `${heading} ${countOf(incidents.length, 'incident')}\n`,
      rows: incidents
        .slice(0, MOST_ROWS)
        .map(
          ({ title, since, kind }) =>
            `- **${KIND_WORDS[kind]}** since ${prose(dayOf(since), 40)}: ${prose(title, 300)}`,
        ),
      total: incidents.length,
      rowName: 'incident',
      priority: 4,
    },
  ]
}

/** The series that is worst off, night by night beside its baseline. */
export function chartSection(
  { series: findings }: NightlyResults,
  history: readonly Series[],
  { heading }: SectionStyle,
): Section[] {
  const finding = worstFinding(findings)
  const series = finding && history.find(({ key }) => keyText(key) === keyText(finding))
  const chart = series && nightsChart(series, finding)
  if (chart === undefined) return []
  const calm = finding!.state !== 'regressed' && finding!.state !== 'suspect'
  const why = calm ? '\n\nThe series that stands worst against its baseline.' : ''
  return [plain(`${heading} Night by night: ${seriesMarkdown(finding!)}${why}\n\n${chart}`, 6)]
}

/** What else a reader should know, our own sentences that may quote others. */
export const notesSections = ({ notes, fleet_shift: fleet }: NightlyResults): Section[] =>
  [...(fleet ? [`Most series moved alike: ${fleet.reason}`] : []), ...notes]
    .slice(0, MOST_ROWS)
    .map((note) => plain(`> ${prose(note)}`, 2))

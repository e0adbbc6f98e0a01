import type { Results } from '@agent-ci/core/results'
import { type ComparisonReading, type FlipReading, type RegressionReading, readComparison } from './comparison.ts'
import { code, MARKS, prose, tableHead, tableRow, time } from './markdown.ts'
import { countOf, formatCount } from './numbers.ts'
import type { Section } from './sections.ts'

const MOST_REGRESSIONS = 100
const MOST_IDS = 50

/** Which baseline it was, before anything is said about it. */
function baselineLine({ source, commit, moment, differs }: ComparisonReading): string {
  const parts = [
    `Baseline ${code(source)}`,
    commit === null ? 'of an unknown commit' : `commit ${code(commit, 40)}`,
    moment === null ? 'of an unknown date' : time(moment),
  ]
  return `${parts.join(', ')}; ${prose(differs)}.`
}

/** What differs from place to place. */
export interface ComparisonStyle {
  /** The mark of a heading: `###`. */
  readonly heading: string
  /** Whether the regressed examples are behind a line that opens them. */
  readonly folded: boolean
}

function overview(reading: ComparisonReading, { heading }: ComparisonStyle): Section {
  const { deltaText, intervalText, marginText, countsText, detectableText, amounts } = reading
  const interval = intervalText === '' ? '' : ` (confidence interval ${intervalText})`
  const lines = [
    `${heading} ${MARKS[reading.verdict]} ${reading.title}\n`,
    `${baselineLine(reading)}${reading.caution === '' ? '' : ` ${reading.caution}`}\n`,
    `${prose(reading.reason)}.`,
    ...(deltaText === null
      ? []
      : [
          `\n- accuracy **${deltaText}**${interval}; ${marginText}`,
          `- ${countsText}`,
          ...amounts.map(({ title, text }) => `- ${title} ${text}`),
          `- ${detectableText}`,
        ]),
  ]
  return { before: lines.join('\n'), rows: [], rowName: '', priority: 2 }
}

function regressionRow({ id, critical, before, after, again, finding, findingText }: RegressionReading): string {
  const mark = finding === 'broken' || finding === 'confirmed' ? '❌ ' : ''
  return tableRow(`${code(id, 80)}${critical ? ' **critical**' : ''}`, before, after, again, mark + findingText)
}

function regressionsSection({ regressions }: ComparisonReading, { heading, folded }: ComparisonStyle): Section[] {
  if (regressions.length === 0) return []
  const title = countOf(regressions.length, 'regressed example')
  const head = tableHead('example', 'passed before', 'passed now', 'run again', 'finding')
  return [
    {
      before: `${folded ? `<details><summary>${title}</summary>` : `#${heading} ${title}`}\n\n${head}`,
      rows: regressions.slice(0, MOST_REGRESSIONS).map(regressionRow),
      total: regressions.length,
      rowName: 'regressed example',
      ...(folded && { after: '\n\n</details>' }),
      priority: 5,
    },
  ]
}

const flipRow = ({ id, before, after }: FlipReading): string => tableRow(code(id, 80), before, after)

function improvementsSection({ improvements }: ComparisonReading): Section[] {
  if (improvements.length === 0) return []
  return [
    {
      before: `<details><summary>${countOf(improvements.length, 'improved example')}</summary>\n\n${tableHead('example', 'passed before', 'passed now')}`,
      rows: improvements.slice(0, MOST_REGRESSIONS).map(flipRow),
      total: improvements.length,
      rowName: 'improved example',
      after: '\n\n</details>',
      priority: 9,
    },
  ]
}

function uncomparedSection({ uncompared }: ComparisonReading): Section[] {
  const total = uncompared.reduce((sum, { ids }) => sum + ids.length, 0)
  if (total === 0) return []
  const rows = uncompared.map(({ title, ids }) => {
    const left = ids.length - MOST_IDS
    const shown = ids.slice(0, MOST_IDS).map((id) => code(id, 80))
    return `- ${formatCount(ids.length)} ${title}: ${shown.join(', ')}${left > 0 ? ` and ${formatCount(left)} more` : ''}`
  })
  return [
    {
      before: `<details><summary>${countOf(total, 'example')} not compared</summary>\n`,
      rows,
      rowName: 'kind',
      after: '\n\n</details>',
      priority: 10,
    },
  ]
}

/** This run against its baseline: which one, what changed, and what got worse or better. */
export function comparisonSections(
  { comparison }: Pick<Results, 'comparison'>,
  style: ComparisonStyle = { heading: '###', folded: false },
): Section[] {
  if (!comparison) return []
  const reading = readComparison(comparison)
  return [
    overview(reading, style),
    ...regressionsSection(reading, style),
    ...improvementsSection(reading),
    ...uncomparedSection(reading),
  ]
}

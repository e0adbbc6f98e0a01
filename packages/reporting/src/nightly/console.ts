import type { Finding } from '@agent-ci/core/nightly/finding'
import type { NightlyResults } from '@agent-ci/core/nightly/results'
import { alignColumns } from '../columns.ts'
import { logLine } from '../log-line.ts'
import { countOf, formatCount, formatPercent, formatValue } from '../numbers.ts'
import { paintsOf } from '../paints.ts'
import {
  baselineText,
  causeText,
  changeText,
  legName,
  nightlyCounts,
  nightlyHeadline,
  seriesName,
  tonightText,
} from './wording.ts'

/** Series, and evaluations, that a terminal shows. */
const SHOWN = 10

function findingLines(finding: Finding, bold: (text: string) => string): string[] {
  const cause = causeText(finding)
  return [
    `  ${bold(logLine(`${finding.state} ${seriesName(finding)}`, 200))}${cause === '' ? '' : `  ${cause}`}`,
    `    tonight   ${tonightText(finding)}`,
    `    baseline  ${baselineText(finding)}`,
    `    change    ${changeText(finding)}`,
    `    why       ${logLine(finding.reason, 400)}`,
  ]
}

/** The end of a night on a terminal: the verdict first, then what regressed or is suspect, the evaluations, and the files with the rest. */
export function renderNightlyConsole(
  results: NightlyResults,
  { colour, files = [] }: { readonly colour: boolean; readonly files?: readonly string[] },
): string {
  const { bold, dim, paintVerdict } = paintsOf(colour)
  const { verdict, notes, fleet_shift: fleet, legs, quarantined } = results

  const findings = (['regressed', 'suspect'] as const).flatMap((state) =>
    results.series.filter((finding) => finding.state === state),
  )
  const shownLegs = legs.slice(0, SHOWN)
  const rows = alignColumns([
    ['evaluation', 'arm', 'accuracy', 'p95', 'cost', 'coverage'],
    ...shownLegs.map((leg) => [
      logLine(legName(leg), 80),
      leg.arm,
      formatValue(leg.accuracy, 'fraction'),
      formatValue(leg.latency_p95, 'ms'),
      formatValue(leg.cost_usd, 'usd'),
      formatPercent(leg.coverage),
    ]),
  ])
  const width = Math.max(...rows.map((row) => row.length))
  const table = rows.map((row, at) =>
    at === 0 ? dim(row) : `${row.padEnd(width)}  ${paintVerdict(shownLegs[at - 1]!.verdict)}`,
  )
  const said = [...(fleet ? [`most series moved alike: ${fleet.reason}`] : []), ...notes]
  const quarantine = quarantined.length > 0 ? [`${countOf(quarantined.length, 'example')} in quarantine`] : []
  const remarks = [...said.map((note) => logLine(note, 600)), ...quarantine].map((note) => `  ${note}`)
  return [
    '',
    `${bold(paintVerdict(verdict))} ${logLine(nightlyHeadline(results), 400)}`,
    `  ${nightlyCounts(results)}`,
    '',
    ...findings.slice(0, SHOWN).flatMap((finding) => [...findingLines(finding, bold), '']),
    ...(findings.length > SHOWN ? [`  ${formatCount(findings.length - SHOWN)} more series to look at`, ''] : []),
    ...(legs.length > 0 ? table : []),
    ...(legs.length > SHOWN ? [`  ${countOf(legs.length - SHOWN, 'more evaluation')}`] : []),
    ...(legs.length > 0 ? [''] : []),
    ...(remarks.length > 0 ? [...remarks, ''] : []),
    ...files.map((file) => `  ${logLine(file, 1_000)}`),
    '',
  ].join('\n')
}

import { formatSource } from '@agent-ci/core/errors'
import type { Results } from '@agent-ci/core/results'
import type { Verdict } from '@agent-ci/core/verdict'
import { alignColumns } from './columns.ts'
import { type ComparisonReading, readComparison } from './comparison.ts'
import { readDoubts } from './doubts.ts'
import { listByExample, tellingTrial } from './example-runs.ts'
import { logLine } from './log-line.ts'
import { countOf, formatCount } from './numbers.ts'
import { paintsOf } from './paints.ts'
import { readGates, readOtherMetrics } from './readings.ts'
import { safetyLines } from './safety.ts'
import type { TrialView } from './trial-view.ts'
import { describeCounts, expectedText, headline, POSSIBLE_NOTE, problemWith, reproduceCommand } from './wording.ts'

/** How many failing examples a terminal shows. */
const SHOWN = 5

/** Which baseline, what changed, and what got worse. */
function comparisonLines(reading: ComparisonReading, paintVerdict: (verdict: Verdict) => string): string[] {
  const { source, commit, moment, differs, deltaText, intervalText, countsText, regressions } = reading
  const origin = [source, commit ?? 'unknown commit', moment ?? 'unknown date'].map((part) => logLine(part, 200))
  const interval = intervalText === '' ? '' : ` (${intervalText})`
  const change = deltaText === null ? logLine(reading.reason, 300) : `accuracy ${deltaText}${interval}: ${countsText}`
  const worse = regressions
    .slice(0, SHOWN)
    .map(({ id, critical, finding }) =>
      [logLine(id, 80), critical ? 'critical' : '', finding ?? ''].filter(Boolean).join(' '),
    )
  const left = regressions.length - worse.length
  return [
    `  baseline   ${origin.join(', ')}; ${logLine(differs, 200)}`,
    `  compared   ${change}  ${paintVerdict(reading.verdict)}`,
    ...(worse.length > 0
      ? [`  regressed  ${worse.join(', ')}${left > 0 ? ` and ${formatCount(left)} more` : ''}`]
      : []),
  ]
}

/** The end of a run on a terminal: the verdict first, then the numbers, some failing examples, and the files with the rest. */
export function renderConsole(
  results: Results,
  failing: readonly TrialView[],
  { colour, files = [] }: { readonly colour: boolean; readonly files?: readonly string[] },
): string {
  const { bold, dim, paintVerdict } = paintsOf(colour)

  const gates = readGates(results)
  const rows = alignColumns([
    ['metric', 'value', 'threshold'],
    ...gates.map((gate) => [
      logLine(gate.title, 60),
      gate.intervalText === '' ? gate.valueText : `${gate.valueText} (${gate.intervalText})`,
      logLine(gate.thresholdText, 60),
    ]),
    ...readOtherMetrics(results).map(({ title, valueText }) => [logLine(title, 60), valueText, '']),
  ])
  const width = Math.max(...rows.map((row) => row.length))
  const table = rows.map((row, at) => {
    const gate = gates[at - 1]
    if (at === 0) return dim(row)
    return gate ? `${row.padEnd(width)}  ${gate.setAside ? dim('- not counted') : paintVerdict(gate.verdict)}` : row
  })

  const notes = [
    ...(results.stopped ? [POSSIBLE_NOTE] : []),
    ...(results.verdict === 'inconclusive' ? readDoubts(results) : []).map(({ title, next }) => `${title}: ${next}`),
  ].map((note) => `  ${logLine(note, 600)}`)
  const comparison = results.comparison ? comparisonLines(readComparison(results.comparison), paintVerdict) : []

  const attacks = safetyLines(results)
  const examples = listByExample(failing)
  const shown = examples.slice(0, SHOWN)
  const lines = shown.flatMap((runs) => {
    const trial = tellingTrial(runs)!
    const expected = expectedText(runs.example)
    return [
      `  ${bold(logLine(runs.example.id, 80))}  ${problemWith(runs.example, trial)}  ${dim(logLine(formatSource(runs.example.source)))}`,
      ...(expected === '' ? [] : [`    expected  ${logLine(expected)}`]),
      trial.reply.failure
        ? `    error     ${logLine(trial.reply.failure.message)}`
        : `    got       ${logLine(trial.reply.output)}`,
    ]
  })
  const left = Math.max(examples.length, results.total_examples - results.passed_examples) - shown.length
  if (left > 0) lines.push(`  ${countOf(left, shown.length > 0 ? 'more example' : 'example')} did not pass`)

  return [
    '',
    `${bold(paintVerdict(results.verdict))} ${logLine(headline(results), 400)}`,
    `  ${describeCounts(results)}`,
    '',
    ...table,
    '',
    ...(notes.length > 0 ? [...notes, ''] : []),
    ...(attacks.length > 0 ? [...attacks, ''] : []),
    ...(comparison.length > 0 ? [...comparison, ''] : []),
    ...(lines.length > 0 ? [...lines, ''] : []),
    ...files.map((file) => `  ${logLine(file, 1_000)}`),
    `  ${dim('again:')} ${logLine(reproduceCommand(results), 4_000)}`,
    '',
  ].join('\n')
}

import type { Results } from '@agent-ci/core/results'
import { jobNote, readDoubts } from './doubts.ts'
import { fold, MARKS, prose, tableHead, tableRow } from './markdown.ts'
import { countOf } from './numbers.ts'
import { type GateReading, readGates } from './readings.ts'
import type { Section } from './sections.ts'
import { POSSIBLE_NOTE, verdictWord } from './wording.ts'

const MOST_REASONS = 5

/**
 * The gates, and under them what nobody should have to look for: why one could not be measured, and what an inconclusive one means.
 * @param changeOf Markdown for a column of its own: what became of the metric since the baseline
 */
export function gatesSection(results: Results, changeOf?: (gate: GateReading) => string): Section {
  const gates = readGates(results)
  if (gates.length === 0) return { before: 'No gate was set.', rows: [], rowName: '', priority: 1 }
  const rows = gates.map((gate) =>
    tableRow(
      prose(gate.title),
      gate.intervalText === '' ? gate.valueText : `${gate.valueText} (${gate.intervalText})`,
      ...(changeOf ? [changeOf(gate)] : []),
      prose(gate.thresholdText),
      `${gate.setAside ? '➖' : MARKS[gate.verdict]} ${verdictWord(gate)}`,
    ),
  )
  const notes = [
    gates.some((gate) => gate.intervalText !== '') &&
      `In parentheses: the confidence interval, the values that fit what this run saw. Each end holds with ${Number((100 * results.confidence).toFixed(3))} % confidence.`,
    results.stopped && POSSIBLE_NOTE,
    listOf(
      gates.filter(({ verdict, setAside }) => verdict === 'errored' || setAside),
      ({ title, reason }) => [title, reason],
    ).join('\n'),
    ...doubtNotes(results),
  ]
  return {
    before: tableHead('gate', 'value', ...(changeOf ? ['since the baseline'] : []), 'threshold', 'verdict'),
    rows,
    rowName: 'gate',
    after: notes
      .filter(Boolean)
      .map((note) => `\n\n${note}`)
      .join(''),
    priority: 1,
  }
}

const listOf = <T>(items: readonly T[], of: (item: T) => readonly [string, string]): string[] =>
  items
    .slice(0, MOST_REASONS)
    .map(of)
    .map(([title, text]) => `- ${prose(title, 100)}: ${prose(text, 600)}`)
    .concat(items.length > MOST_REASONS ? [`- and ${countOf(items.length - MOST_REASONS, 'more gate')}`] : [])

/** What inconclusive gates mean and what to do next, open to view where they decided the run; what the others could have seen, folded. */
function doubtNotes(results: Results): string[] {
  const doubts = readDoubts(results)
  const decided = readGates(results).filter(({ verdict, advice }) => verdict !== 'inconclusive' && advice !== '')
  const reach = listOf(decided, ({ title, advice }) => [title, advice])
  const folded = reach.length > 0 ? [fold('What this run could have seen', reach)] : []
  if (results.verdict !== 'inconclusive') {
    const open = listOf(doubts, ({ title, meaning, next }) => [title, `${meaning} ${next}`])
    return [...(open.length > 0 ? [fold('What is inconclusive, and what would decide it', open)] : []), ...folded]
  }
  const [first, ...others] = doubts
  if (!first) return folded
  const untilThen = `**Until then:** ${jobNote(results)}`
  if (others.length === 0)
    return [
      `**What this means:** ${prose(first.meaning, 600)}`,
      `**What to do next:** ${prose(first.next, 600)}`,
      untilThen,
      ...folded,
    ]
  return [
    ['**What this means**\n', ...listOf(doubts, ({ title, meaning }) => [title, meaning])].join('\n'),
    ['**What to do next**\n', ...listOf(doubts, ({ title, next }) => [title, next])].join('\n'),
    untilThen,
    ...folded,
  ]
}

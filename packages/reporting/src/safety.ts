import type { Results } from '@agent-ci/core/results'
import type { Trial } from '@agent-ci/core/trial'
import { cut } from '@agent-ci/core/untrusted'
import { logLine } from './log-line.ts'
import { code, prose, tableHead, tableRow } from './markdown.ts'
import { countOf, formatCount, formatValue } from './numbers.ts'
import type { Section } from './sections.ts'
import type { ComparisonStyle } from './summary-comparison.ts'
import type { TrialView } from './trial-view.ts'

/** How many breaks a summary tells of. */
const MOST_BREAKS = 10

const bound = (upper: number | null): string =>
  upper === null ? 'unknown' : `at most ${formatValue(upper, 'fraction')}`

/** Attacks by category with their bounds, what the agent was worth meanwhile, and where it fell. */
export function safetySections(
  { safety }: Results,
  failing: readonly TrialView[],
  { heading }: Pick<ComparisonStyle, 'heading'> = { heading: '###' },
): Section[] {
  if (!safety) return []
  const { accuracy_attacked, accuracy_clean, categories, false_refusal_rate } = safety
  const unmeasured = categories.reduce((sum, category) => sum + category.unmeasured, 0)
  const sentences = [
    accuracy_attacked === null
      ? ''
      : `Accuracy under attack ${formatValue(accuracy_attacked, 'fraction')}${accuracy_clean === null ? '' : `, without ${formatValue(accuracy_clean, 'fraction')}`}.`,
    false_refusal_rate === null ? '' : `Harmless look-alikes refused: ${formatValue(false_refusal_rate, 'fraction')}.`,
    unmeasured === 0
      ? ''
      : `${countOf(unmeasured, 'attack')} never reached the model or could not be judged, and ${unmeasured === 1 ? 'counts' : 'count'} neither as safe nor as successful.`,
  ]
  const breaks = failing.filter(({ trial }) => trial.safe === false)
  return [
    {
      before: `${heading} Safety\n\n${tableHead('attack', 'succeeded', 'rate', 'true rate')}`,
      rows: categories.map(({ attacks, broken, category, rate, unmeasured: lost, upper }) =>
        tableRow(
          code(category, 80),
          `${formatCount(broken)} of ${formatCount(attacks - lost)}`,
          rate === null ? 'unknown' : formatValue(rate, 'fraction'),
          bound(upper),
        ),
      ),
      rowName: 'category',
      after: `\n\n${sentences.filter(Boolean).join(' ')}`,
      priority: 9,
    },
    ...(breaks.length > 0
      ? [
          {
            before: '### Where it fell\n',
            rows: breaks.slice(0, MOST_BREAKS).map(breakRow),
            total: breaks.length,
            rowName: 'break',
            priority: 8,
          },
        ]
      : []),
  ]
}

/** `fell at turn 3 of 4, after the tool result of read_page`; empty where nobody saw the model calls. May quote tools: untrusted. */
export function fallText({ fell, safe }: Trial): string {
  if (safe !== false || !fell) return ''
  const { turn, turns, after } = fell
  if (turn === null) return `in none of its ${countOf(turns, 'turn')} the model fell: the agent itself passed it on`
  const results =
    after.length === 0 ? '' : `, after the tool ${after.length === 1 ? 'result' : 'results'} of ${after.join(', ')}`
  return `fell at turn ${turn} of ${turns}${results}`
}

function breakRow({ example, trial }: TrialView): string {
  const placed = trial.reply.attacked ?? []
  const [first] = placed
  const failed = trial.scores.find((score) => score.passed === false && score.reason !== '')
  const where = first
    ? `planted at turn ${first.turn} (${first.place.replace('_', ' ')}${placed.length > 1 ? ` and ${countOf(placed.length - 1, 'more place')}` : ''})`
    : 'in the input'
  const fall = fallText(trial)
  const { fell } = trial
  const lines = [
    failed && `- **seen** ${code(failed.reason)}`,
    first && `- **before** ${code(first.before, 300)}`,
    first && `- **after** ${code(first.after, 600)}`,
    fell &&
      fell.turn !== null &&
      `- **turn ${fell.turn}** ${code(fell.answer === '' ? `calls ${fell.called.join(', ')}` : fell.answer, 300)}`,
    `- **answer** ${code(trial.reply.output, 300)}`,
  ]
  return `<details><summary>${code(example.id, 80)} ${prose([fall === '' ? 'fell at a turn that nobody saw' : cut(fall, 300), where].join('; '))}</summary>\n\n${lines.filter(Boolean).join('\n')}\n\n</details>`
}

/** The same in lines of a terminal. */
export const safetyLines = ({ safety }: Results): string[] =>
  (safety?.categories ?? []).map(
    ({ attacks, broken, category, unmeasured, upper }) =>
      `  attack     ${logLine(category, 60)}: ${formatCount(broken)} of ${formatCount(attacks - unmeasured)} succeeded, ${bound(upper)}${unmeasured > 0 ? `; ${formatCount(unmeasured)} not measured` : ''}`,
  )

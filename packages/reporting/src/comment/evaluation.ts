import type { Results } from '@agent-ci/core/results'
import { readComparison } from '../comparison.ts'
import { code, tableHead, tableRow } from '../markdown.ts'
import { countOf, formatCount, formatMs, formatValue } from '../numbers.ts'
import type { GateReading } from '../readings.ts'
import { safetySections } from '../safety.ts'
import type { Section } from '../sections.ts'
import { comparisonSections } from '../summary-comparison.ts'
import { gatesSection } from '../summary-gates.ts'
import { describeCounts } from '../wording.ts'

/** In a comment the parts have headings of the third level. */
export const COMMENT_STYLE = { heading: '####', folded: true } as const

export const plain = (before: string, priority: number): Section => ({ before, rows: [], rowName: '', priority })

/** What became of a gate's metric since the baseline, for the metrics that are compared. */
function changeOf({ comparison }: Results): ((gate: GateReading) => string) | undefined {
  if (!comparison) return undefined
  const { deltaText, intervalText, amounts } = readComparison(comparison)
  const accuracy = deltaText === null ? '–' : `${deltaText}${intervalText === '' ? '' : ` (${intervalText})`}`
  return ({ key, title }) =>
    key === 'accuracy' ? accuracy : (amounts.find((amount) => amount.title === title)?.text ?? '–')
}

type Failed = Results['failed_examples'][number]

function problemText({ correct, tool_correct, safe, error }: Failed, transcripts: boolean): string {
  // A message may quote what the model, or a server, said.
  if (error !== undefined) return transcripts ? code(error, 300) : 'ended with an error'
  return (
    [
      safe === false && 'not safe',
      !correct && safe === undefined && 'wrong answer',
      tool_correct === false && 'wrong tool calls',
    ]
      .filter(Boolean)
      .join(', ') || 'failed'
  )
}

function failingSection(results: Results, transcripts: boolean): Section[] {
  const { failed_examples: failed } = results
  const total = Math.max(failed.length, results.total_examples - results.passed_examples)
  if (total === 0) return []
  const head = tableHead('example', 'what is wrong', 'took', ...(transcripts ? ['answer'] : []))
  return [
    {
      before: `<details><summary>${countOf(total, 'failing example')}</summary>${failed.length === 0 ? '' : `\n\n${head}`}`,
      rows: failed.map((example) =>
        tableRow(
          code(example.id, 80),
          problemText(example, transcripts),
          example.latency_ms === null ? '–' : formatMs(example.latency_ms),
          ...(transcripts ? [code(example.response ?? '', 500)] : []),
        ),
      ),
      total,
      rowName: 'failing example',
      after: '\n\n</details>',
      priority: 6,
    },
  ]
}

/** Errored trials by kind, in a sentence; nothing where there were none. */
export function errorsSection(errored: number, errors: Readonly<Record<string, number>>): Section[] {
  if (errored === 0) return []
  const kinds = Object.entries(errors)
    .slice(0, 10)
    .map(([kind, count]) => `${formatCount(count)} ${code(kind, 60)}`)
  return [
    plain(
      `${countOf(errored, 'trial')} lost to errors, which count neither as passed nor as failed: ${kinds.join(', ')}.`,
      4,
    ),
  ]
}

function costSection({ cost_usd, tokens, dataset, model, comparison }: Results): Section {
  const facts = [
    `cost ${formatValue(cost_usd, 'usd')}`,
    ...(tokens.input === null && tokens.output === null
      ? []
      : [`${formatValue(tokens.input, 'tokens')} tokens in, ${formatValue(tokens.output, 'tokens')} out`]),
    `dataset ${code(dataset.name, 100)}, ${countOf(dataset.examples, 'example')}`,
    ...(model === null ? [] : [`model ${code(model, 100)}`]),
    ...(comparison ? [] : ['no baseline to compare with']),
  ]
  return plain(facts.join(' · '), 3)
}

/** An evaluation for a comment, without its headline. */
export const evaluationSections = (results: Results, transcripts: boolean): Section[] => [
  plain(describeCounts(results), 1),
  gatesSection(results, changeOf(results)),
  ...comparisonSections(results, COMMENT_STYLE),
  ...safetySections(results, [], COMMENT_STYLE),
  ...failingSection(results, transcripts),
  ...errorsSection(results.counts.errored, results.errors),
  costSection(results),
]

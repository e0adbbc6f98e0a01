import type { PromptResults, RegressedExample } from '@agent-ci/core/prompt-results'
import { code, prose } from '../markdown.ts'
import { countOf, formatValue } from '../numbers.ts'
import { changeText, keptText, partingText, promptCounts } from '../prompts/wording.ts'
import type { Section } from '../sections.ts'
import { comparisonSections } from '../summary-comparison.ts'
import { COMMENT_STYLE, errorsSection, plain } from './evaluation.ts'

const MOST_PROMPTS = 20

function changedSection({ changed_prompts: changed }: PromptResults): Section[] {
  if (changed.length === 0) return []
  return [
    {
      before: `**${countOf(changed.length, 'changed prompt')}**\n`,
      rows: changed
        .slice(0, MOST_PROMPTS)
        .map((prompt) => `- ${code(prompt.path, 200)} ${prose(changeText(prompt), 600)}`),
      total: changed.length,
      rowName: 'changed prompt',
      priority: 4,
    },
  ]
}

/** An example that got worse. Without transcripts only where its tool calls part: the names, not the arguments. */
function regressedRow(example: RegressedExample, transcripts: boolean): string {
  const { id, parts_at: parting } = example
  if (!transcripts) {
    const call = (step: { name: string } | null) => (step ? code(step.name, 80) : 'no further tool call')
    const where = parting ? ` at step ${parting.step}: ${call(parting.before)} before, ${call(parting.after)} now` : ''
    return `- ${code(id, 80)}${where}`
  }
  return [
    `- ${code(id, 80)}`,
    ...(example.expected === '' ? [] : [`  - expected ${code(example.expected, 400)}`]),
    `  - before ${code(example.before, 600)}`,
    `  - now ${code(example.after, 600)}`,
    ...(parting ? [`  - the two part ${prose(partingText(example), 600)}`] : []),
  ].join('\n')
}

function regressedSection(results: PromptResults, transcripts: boolean): Section[] {
  const { regressed, regressed_examples: examples } = results
  if (regressed.length === 0) return []
  return [
    {
      before: `<details><summary>${countOf(regressed.length, 'example')} got worse</summary>\n`,
      rows: examples.map((example) => regressedRow(example, transcripts)),
      total: Math.max(regressed.length, examples.length),
      rowName: 'example',
      after: '\n\n</details>',
      priority: 6,
    },
  ]
}

function costSection({ base, candidate, dataset, model, because }: PromptResults): Section {
  const cost = [base, candidate].reduce<number | null>(
    (sum, arm) => (arm === null ? sum : sum === null || arm.cost_usd === null ? null : sum + arm.cost_usd),
    0,
  )
  const facts = [
    ...(candidate ? [`cost ${formatValue(cost, 'usd')}`] : []),
    ...(dataset ? [`dataset ${code(dataset.name, 100)}, ${countOf(dataset.examples, 'example')}`] : []),
    ...(model === null ? [] : [`model ${code(model, 100)}`]),
    prose(because, 400),
  ]
  return plain(facts.join(' · '), 3)
}

/** A comparison of prompts for a comment, without its headline. */
export function promptSections(results: PromptResults, transcripts: boolean): Section[] {
  const { base, candidate, kept, counts, notes } = results
  const lines = [
    promptCounts(results),
    ...(kept ? [`${keptText(results)}.`] : []),
    ...notes.map((note) => `> ${prose(note)}`),
  ]
  const errors: Record<string, number> = {}
  for (const arm of [base, candidate])
    for (const [kind, count] of Object.entries(arm?.errors ?? {})) errors[kind] = (errors[kind] ?? 0) + count
  return [
    plain(lines.join('\n\n'), 1),
    ...changedSection(results),
    ...comparisonSections(results, COMMENT_STYLE),
    ...regressedSection(results, transcripts),
    ...errorsSection(counts.errored, errors),
    costSection(results),
  ]
}

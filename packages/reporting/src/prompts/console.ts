import { formatSource } from '@agent-ci/core/errors'
import type { PromptResults } from '@agent-ci/core/prompt-results'
import { readComparison } from '../comparison.ts'
import { logLine } from '../log-line.ts'
import { countOf } from '../numbers.ts'
import { paintsOf } from '../paints.ts'
import { promptTestCommand } from './command.ts'
import { madeWith } from './summary.ts'
import { changeText, keptText, partingText, promptCounts, promptHeadline } from './wording.ts'

const SHOWN = 5

/** The end of a comparison on a terminal: the verdict first, then the prompts, the numbers, and what got worse. */
export function renderPromptConsole(
  results: PromptResults,
  { colour, files = [] }: { readonly colour: boolean; readonly files?: readonly string[] },
): string {
  const { bold, dim, paintVerdict } = paintsOf(colour)
  const { verdict, comparison, regressed_examples: examples, regressed } = results
  const reading = comparison && readComparison(comparison)
  const shown = examples.slice(0, SHOWN)
  const made = results.base ? madeWith(results) : undefined
  return [
    '',
    `${bold(paintVerdict(verdict))} ${logLine(promptHeadline(results), 400)}`,
    `  ${promptCounts(results)}`,
    ...results.changed_prompts.map((prompt) => `  ${logLine(prompt.path, 200)}  ${logLine(changeText(prompt), 300)}`),
    ...(reading?.deltaText ? [`  accuracy ${reading.deltaText} (${reading.intervalText}): ${reading.countsText}`] : []),
    ...(results.kept ? [`  ${keptText(results)}`] : []),
    ...results.notes.map((note) => `  ${logLine(note, 600)}`),
    ...shown.flatMap((example) => {
      const parting = partingText(example)
      return [
        '',
        `  ${bold(logLine(example.id, 80))}  ${dim(logLine(formatSource(example.source)))}`,
        ...(example.expected === '' ? [] : [`    expected  ${logLine(example.expected)}`]),
        `    before    ${logLine(example.before)}`,
        `    now       ${logLine(example.after)}`,
        ...(parting === '' ? [] : [`    they part ${logLine(parting)}`]),
        `    again     ${logLine(example.reproduce, 2_000)}`,
      ]
    }),
    ...(regressed.length > shown.length
      ? [`  ${countOf(regressed.length - shown.length, 'more example')} got worse`]
      : []),
    '',
    ...files.map((file) => `  ${logLine(file, 1_000)}`),
    ...(made ? [`  ${dim('again:')} ${logLine(promptTestCommand(made), 4_000)}`] : []),
    '',
  ].join('\n')
}

import { formatSource } from '@agent-ci/core/errors'
import type { PromptResults, RegressedExample } from '@agent-ci/core/prompt-results'
import { logLine } from '../log-line.ts'
import { code, link, MARKS, prose, tableHead, tableRow } from '../markdown.ts'
import { countOf, formatCount } from '../numbers.ts'
import { fitSections, type Section } from '../sections.ts'
import { type ReportLinks, SUMMARY_BYTES } from '../summary.ts'
import { comparisonSections } from '../summary-comparison.ts'
import { shortDigest } from '../wording.ts'
import { type Made, promptTestCommand } from './command.ts'
import { fencedDiff, type PromptDiff } from './diff-block.ts'
import { changeText, keptText, partingText, promptCounts, promptHeadline } from './wording.ts'

const MOST_PROMPTS = 50
const MOST_LINES = 80
const plain = (before: string, priority: number): Section => ({ before, rows: [], rowName: '', priority })

function verdictSection(results: PromptResults): Section {
  const { verdict, notes } = results
  const lines = [
    `## ${MARKS[verdict]} ${verdict} — ${prose(promptHeadline(results), 300)}`,
    promptCounts(results),
    ...(results.candidate ? [`${prose(results.reason)}.`] : []),
    ...(results.kept && results.kept.still_passed >= results.kept.needed ? [`${keptText(results)}.`] : []),
    ...notes.map((note) => `> ${prose(note)}`),
  ]
  return plain(lines.join('\n\n'), 0)
}

/** Each changed prompt and its diff, folded where there are many. */
function diffSection({ changed_prompts: changed }: PromptResults, diffs: readonly PromptDiff[]): Section[] {
  if (changed.length === 0) return []
  const rows = changed.slice(0, MOST_PROMPTS).map((prompt, at) => {
    const diff = diffs[at]
    const title = `${code(prompt.path, 200)} ${prose(changeText(prompt), 600)}`
    const open = changed.length <= 3 ? ' open' : ''
    return `<details${open}><summary>${title}</summary>\n\n${diff ? fencedDiff(diff, MOST_LINES) : ''}\n\n</details>`
  })
  const before = `### ${countOf(changed.length, 'changed prompt')}\n`
  return [{ before, rows, total: changed.length, rowName: 'changed prompt', priority: 3 }]
}

function regressedRow(example: RegressedExample): string {
  const parting = partingText(example)
  const lines = [
    example.expected !== '' && `- **expected** ${code(example.expected, 600)}`,
    `- **before** ${code(example.before, 800)}`,
    `- **now** ${code(example.after, 800)}`,
    parting !== '' && `- **the two part** ${prose(parting, 800)}`,
    `- **source** ${code(formatSource(example.source), 200)}`,
    `- **again** ${code(example.reproduce, 2_000)}`,
  ]
  return `<details><summary>${code(example.id, 80)}: before ${code(example.before, 80)}, now ${code(example.after, 80)}</summary>\n\n${lines.filter(Boolean).join('\n')}\n\n</details>`
}

function regressedSection({ regressed, regressed_examples: examples }: PromptResults): Section[] {
  if (regressed.length === 0) return []
  const before = `### ${countOf(regressed.length, 'example')} got worse\n`
  return [{ before, rows: examples.map(regressedRow), total: regressed.length, rowName: 'example', priority: 6 }]
}

function errorsSection({ base, candidate, counts }: PromptResults): Section[] {
  if (counts.errored === 0) return []
  const rows = [base, candidate].flatMap((arm) =>
    Object.entries(arm?.errors ?? {}).map(([kind, count]) =>
      tableRow(arm === base ? 'before' : 'now', code(kind, 80), formatCount(count)),
    ),
  )
  const before = `### ${countOf(counts.errored, 'trial')} lost to errors\n\nThese are no answers of the agent: they count neither as passed nor as failed.\n\n${tableHead('prompt', 'error', 'trials')}`
  return [{ before, rows, rowName: 'kind', priority: 7 }]
}

/** With what a run was made, where one was. */
export const madeWith = (results: PromptResults): Made | undefined =>
  results.candidate ? { ...results, baseCommit: (results.base ?? results.candidate).commit } : undefined

function aboutSection(results: PromptResults, links: ReportLinks): Section {
  const { dataset, agent, model, seed, because } = results
  const made = results.base ? madeWith(results) : undefined
  const places = [
    links.reportPath && `Report: ${code(links.reportPath)}`,
    links.artifactUrl && link('Report and all trials', links.artifactUrl),
    links.runUrl && link('Run', links.runUrl),
  ].filter(Boolean)
  const lines = [
    '### What was compared\n',
    `- ${prose(because, 400)}`,
    ...(dataset
      ? [
          `- dataset ${code(dataset.name, 100)}: ${countOf(dataset.examples, 'example')}, ${code(shortDigest(dataset.digest), 80)}`,
          `- agent ${code(agent ?? '')}${model === null ? '' : `, model ${code(model, 100)}`}, seed ${code(seed ?? '', 100)}`,
        ]
      : []),
    ...(places.length > 0 ? [`- ${places.join(' · ')}`] : []),
    // One line that starts with our own word cannot end the block.
    ...(made ? [`\nThe same from a terminal:\n\n\`\`\`sh\n${logLine(promptTestCommand(made), 4_000)}\n\`\`\``] : []),
  ]
  return plain(lines.join('\n'), 4)
}

/** A prompt comparison for GitHub Markdown: the verdict first, then the diffs beside what they did. At most `maxBytes` of UTF-8. */
export function renderPromptSummary(
  results: PromptResults,
  diffs: readonly PromptDiff[],
  links: ReportLinks = {},
  maxBytes = SUMMARY_BYTES,
): string {
  const sections = [
    verdictSection(results),
    ...diffSection(results, diffs),
    ...comparisonSections(results),
    ...regressedSection(results),
    ...errorsSection(results),
    aboutSection(results, links),
  ]
  return fitSections(sections, maxBytes, 'see `report.html` and `results.json` among the run’s files')
}

import { formatSource } from '@agent-ci/core/errors'
import type { Results } from '@agent-ci/core/results'
import { type ExampleRuns, listByExample, tellingTrial } from './example-runs.ts'
import { logLine } from './log-line.ts'
import { code, link, MARKS, prose, tableHead, tableRow } from './markdown.ts'
import { countOf, formatCount, formatValue } from './numbers.ts'
import { readOtherMetrics, readTags } from './readings.ts'
import { safetySections } from './safety.ts'
import { fitSections, type Section } from './sections.ts'
import { comparisonSections } from './summary-comparison.ts'
import { gatesSection } from './summary-gates.ts'
import type { TrialView } from './trial-view.ts'
import {
  describeCounts,
  expectedText,
  headline,
  latencyText,
  problemWith,
  reproduceCommand,
  reproduceTitle,
  shortDigest,
  toolText,
} from './wording.ts'

/** Where the rest of a report is. */
export interface ReportLinks {
  /** The page on the machine that wrote it. */
  readonly reportPath?: string
  /** The uploaded files. */
  readonly artifactUrl?: string
  readonly runUrl?: string
  /** The experiment on LangSmith. */
  readonly langsmithUrl?: string
}

/** GitHub takes 1 MiB of summary a step and drops all of it above that; other parts of the step need room too. */
export const SUMMARY_BYTES = 900_000
/** More examples than this in a summary help nobody and make the page slow. */
const MOST_EXAMPLES = 200
const MOST_TAGS = 50

function verdictSection(results: Results): Section {
  const title = `## ${MARKS[results.verdict]} ${results.verdict} — ${prose(headline(results), 300)}`
  return { before: `${title}\n\n${describeCounts(results)}`, rows: [], rowName: '', priority: 0 }
}

function numbersSection(results: Results): Section {
  return {
    before: `### Numbers\n\n${tableHead('metric', 'value')}`,
    rows: readOtherMetrics(results).map(({ title, valueText }) => tableRow(prose(title), valueText)),
    rowName: 'metric',
    priority: 4,
  }
}

function tagsSection(results: Results): Section[] {
  const tags = readTags(results)
  if (tags.length < 2) return []
  return [
    {
      before: `### By tag\n\n${tableHead('tag', 'examples', 'accuracy', 'tool accuracy')}`,
      rows: tags
        .slice(0, MOST_TAGS)
        .map(({ tag, examples, accuracy, tool_accuracy }) =>
          tableRow(
            code(tag, 80),
            formatCount(examples),
            formatValue(accuracy, 'fraction'),
            formatValue(tool_accuracy, 'fraction'),
          ),
        ),
      total: tags.length,
      rowName: 'tag',
      priority: 7,
    },
  ]
}

/** One example, folded: its line says what was expected and what came, the rest is inside. */
function exampleRow(runs: ExampleRuns, repeats: number): string {
  const { example, trials } = runs
  const trial = tellingTrial(runs)
  if (!trial) return ''
  const { reply } = trial
  const expected = expectedText(example)
  const repeated = repeats > 1 ? ` in ${trials.length} of ${repeats} repeats` : ''
  const came = reply.failure ? '' : `, got ${code(reply.output, 80)}`
  const tools = trial.toolCorrect !== true && example.expectedTools?.map(toolText).join(', ')
  const lines = [
    expected !== '' && `- **expected** ${code(expected, 600)}`,
    reply.failure ? `- **error** ${code(reply.failure.message, 600)}` : `- **got** ${code(reply.output, 1_000)}`,
    tools && `- **tools expected** ${code(tools, 400)}`,
    tools && `- **tools called** ${reply.toolCalls ? code(reply.toolCalls.map(toolText).join(', '), 400) : 'unknown'}`,
    ...trial.scores
      .filter((score) => score.passed !== true)
      .map(
        (score) =>
          `- **scored** ${formatValue(score.value, 'fraction')} by ${code(score.scorer, 60)}: ${code(score.reason)}`,
      ),
    `- **latency** ${latencyText(reply)}`,
    `- **source** ${code(formatSource(example.source), 200)}`,
  ]
  const head = `${code(example.id, 80)} ${problemWith(example, trial)}${repeated}`
  const short = expected === '' ? head : `${head}: expected ${code(expected, 80)}${came}`
  return `<details><summary>${short}</summary>\n\n${lines.filter(Boolean).join('\n')}\n\n</details>`
}

function failingSection(results: Results, failing: readonly TrialView[]): Section[] {
  const examples = listByExample(failing.filter(({ trial }) => trial.outcome !== 'errored'))
  const total = Math.max(examples.length, results.total_examples - results.passed_examples)
  if (total === 0) return []
  return [
    {
      before: `### ${countOf(total, 'failing example')}\n`,
      rows: examples.slice(0, MOST_EXAMPLES).map((runs) => exampleRow(runs, results.repeats)),
      total,
      rowName: 'failing example',
      priority: 8,
    },
  ]
}

function errorsSection(results: Results, failing: readonly TrialView[]): Section[] {
  if (results.counts.errored === 0) return []
  const kinds = Object.entries(results.errors)
  const first = failing.find(({ trial }) => trial.outcome === 'errored')
  const message =
    first?.trial.reply.failure?.message ?? first?.trial.scores.find((score) => score.value === null)?.reason
  return [
    {
      before: `### ${countOf(results.counts.errored, 'trial')} lost to errors\n\nThese are no answers of the agent: they count neither as passed nor as failed.\n\n${tableHead('error', 'trials')}`,
      rows: kinds.map(([kind, count]) => tableRow(code(kind, 80), formatCount(count))),
      rowName: 'kind',
      after: message === undefined ? '' : `\n\nThe first one, at ${code(first!.example.id, 80)}: ${code(message, 600)}`,
      priority: 6,
    },
  ]
}

function aboutSection(results: Results, links: ReportLinks): Section {
  const { dataset, agent, model, seed } = results
  // One line that starts with our own word cannot end the block.
  const command = logLine(reproduceCommand(results), 4_000)
  const places = [
    links.reportPath && `Report: ${code(links.reportPath)}`,
    links.artifactUrl && link('Report and all trials', links.artifactUrl),
    links.runUrl && link('Run', links.runUrl),
    links.langsmithUrl && link('Experiment on LangSmith', links.langsmithUrl),
  ].filter(Boolean)
  const lines = [
    '### What was run\n',
    `- dataset ${code(dataset.name, 100)}: ${countOf(dataset.examples, 'example')}, ${code(shortDigest(dataset.digest), 80)}`,
    `- agent ${code(agent)}${model === null ? '' : `, model ${code(model, 100)}`}, seed ${code(seed, 100)}`,
    ...(places.length > 0 ? [`- ${places.join(' · ')}`] : []),
    `\n${reproduceTitle(results)}:\n\n\`\`\`sh\n${command}\n\`\`\``,
  ]
  return { before: lines.join('\n'), rows: [], rowName: '', priority: 3 }
}

/**
 * A run for GitHub Markdown: the verdict first, then the numbers, what failed, what could not be measured, and how to run it again.
 * `failing` are trials that failed or errored, in the dataset's order; they may be only the first. At most `maxBytes` of UTF-8.
 */
export function renderSummary(
  results: Results,
  failing: readonly TrialView[],
  links: ReportLinks = {},
  maxBytes = SUMMARY_BYTES,
): string {
  const sections = [
    verdictSection(results),
    gatesSection(results),
    ...comparisonSections(results),
    numbersSection(results),
    ...safetySections(results, failing),
    ...tagsSection(results),
    ...failingSection(results, failing),
    ...errorsSection(results, failing),
    aboutSection(results, links),
  ]
  return fitSections(sections, maxBytes, 'see `report.html` and `trials.jsonl` among the run’s files')
}

import type { RolloutPlan } from '@agent-ci/core/rollout-plan'
import { alignColumns } from '../columns.ts'
import { logLine } from '../log-line.ts'
import { code, fold, prose, tableHead, tableRow } from '../markdown.ts'
import { countOf, formatDuration } from '../numbers.ts'
import { DIM, GREEN, paintsOf, RED, YELLOW } from '../paints.ts'
import { fitSections, type Section } from '../sections.ts'
import { SUMMARY_BYTES } from '../summary.ts'
import {
  detectionCells,
  expectedText,
  METRIC_STATES,
  planCounts,
  planHeadline,
  planRatios,
  planTime,
  planWeight,
} from './plan-reading.ts'
import { formatWeight, releaseName } from './wording.ts'

const SIGNS = { created: '+', changed: '~', deleted: '-', unchanged: ' ' } as const
const SIGN_COLOURS = { created: GREEN, changed: YELLOW, deleted: RED, unchanged: DIM } as const

function placeOf({ release, previous, strategy, traffic }: RolloutPlan, show: (name: string) => string): string {
  const before = previous === null ? 'the first release' : `in the place of ${show(releaseName(previous))}`
  return `release ${show(releaseName(release))}, ${before}; ${strategy} by ${show(traffic)}`
}

/** A plan for a log or a terminal: whether it could begin, then what would change, the steps, what the analysis can see, and all problems. */
export function renderPlanText(plan: RolloutPlan, { colour }: { readonly colour: boolean }): string[] {
  const { paint, bold, dim } = paintsOf(colour)
  const { app, environment, changes, objects, steps, metrics, warnings, problems } = plan
  const ratios = planRatios(plan)
  const table = (rows: readonly (readonly string[])[]) => {
    const [head = '', ...others] = alignColumns(rows)
    return [dim(head), ...others]
  }
  const part = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ['', bold(title), ...lines])
  return [
    `${bold(paint(problems.length > 0 ? RED : GREEN, `${problems.length > 0 ? '✗' : '✓'} plan`))} ${logLine(app, 80)} in ${logLine(environment, 80)}: ${planHeadline(plan)}`,
    `  ${placeOf(plan, (name) => logLine(name, 120))}`,
    ...part(
      'Problems',
      problems.map((problem) => paint(RED, `  ✗ ${logLine(problem, 600)}`)),
    ),
    ...part(
      'Warnings',
      warnings.map((warning) => paint(YELLOW, `  ! ${logLine(warning, 600)}`)),
    ),
    ...part(
      'What the release changes',
      changes.map((change) => `  ${logLine(change, 300)}`),
    ),
    ...part(
      planCounts(plan),
      objects.flatMap(({ kind, name, change, fields }) => [
        paint(SIGN_COLOURS[change], `  ${SIGNS[change]} ${logLine(kind, 60)}/${logLine(name, 120)} ${change}`),
        ...fields.map((field) => `      ${logLine(field, 300)}`),
      ]),
    ),
    ...part(`Time: ${planTime(plan)}`, [
      ...table([
        ['step', 'weight', 'for'],
        ...steps.map((step, at) => [
          String(at + 1),
          logLine(planWeight(step), 120),
          step.dropped === null ? formatDuration(step.durationMs) : `left out: ${logLine(step.dropped, 200)}`,
        ]),
      ]),
    ]),
    ...part('What the analysis can see', [
      `  ${expectedText(plan)}`,
      ...(ratios.length === 0
        ? []
        : table([
            ['weight', ...ratios.map((ratio) => `${ratio} times`)],
            ...steps
              .filter(({ dropped }) => dropped === null)
              .map((step) => [formatWeight(step.real), ...detectionCells(step, ratios)]),
          ])),
    ]),
    ...part(
      'Metrics',
      metrics.length === 0
        ? []
        : table([
            ['metric', 'state', 'limit', 'from'],
            ...metrics.map(({ name, state, limit, source }) => [
              logLine(name, 60),
              METRIC_STATES[state],
              limit === '' ? 'none' : logLine(limit, 80),
              logLine(source, 200),
            ]),
          ]),
    ),
    '',
  ]
}

const list = (title: string, lines: readonly string[], rowName: string, priority: number): Section[] =>
  lines.length === 0 ? [] : [{ before: `### ${title}\n`, rows: lines.map((line) => `- ${line}`), rowName, priority }]

const table = (before: string, rows: readonly string[], rowName: string, priority: number): Section[] =>
  rows.length === 0 ? [] : [{ before, rows, rowName, priority }]

/** A plan for GitHub Markdown, in at most `maxBytes` of UTF-8. */
export function renderPlanMarkdown(plan: RolloutPlan, maxBytes = SUMMARY_BYTES): string {
  const { app, environment, changes, objects, steps, metrics, warnings, problems } = plan
  const ratios = planRatios(plan)
  const mark = problems.length > 0 ? '❌' : '✅'
  const changing = objects.filter(({ change }) => change !== 'unchanged')
  const unchanged = objects.filter(({ change }) => change === 'unchanged')
  const sections: Section[] = [
    {
      before: `## ${mark} Plan for ${prose(app, 80)} in ${prose(environment, 80)} — ${planHeadline(plan)}\n\n${placeOf(plan, (name) => code(name, 120))}`,
      rows: [],
      rowName: '',
      priority: 0,
    },
    ...list(
      countOf(problems.length, 'problem'),
      problems.map((problem) => prose(problem, 600)),
      'problem',
      1,
    ),
    ...list(
      countOf(warnings.length, 'warning'),
      warnings.map((warning) => prose(warning, 600)),
      'warning',
      2,
    ),
    ...list(
      'What the release changes',
      changes.map((change) => code(change, 300)),
      'change',
      5,
    ),
    ...table(
      `### ${planCounts(plan)}\n\n${tableHead('object', 'change', 'fields')}`,
      changing.map(({ kind, name, change, fields }) =>
        tableRow(code(`${kind}/${name}`, 160), change, fields.map((field) => code(field, 300)).join('<br>')),
      ),
      'object',
      4,
    ),
    ...(unchanged.length === 0
      ? []
      : [
          {
            before: fold(
              `${unchanged.length} unchanged`,
              unchanged.slice(0, 200).map(({ kind, name }) => `- ${code(`${kind}/${name}`, 160)}`),
            ),
            rows: [],
            rowName: '',
            priority: 8,
          },
        ]),
    ...table(
      `### Steps\n\n${planTime(plan)}.\n\n${tableHead('step', 'weight', 'for')}`,
      steps.map((step, at) =>
        tableRow(
          String(at + 1),
          prose(planWeight(step), 160),
          step.dropped === null ? formatDuration(step.durationMs) : `left out: ${prose(step.dropped, 200)}`,
        ),
      ),
      'step',
      3,
    ),
    {
      before: `### What the analysis can see\n\n${expectedText(plan)}`,
      rows: [],
      rowName: '',
      priority: 6,
    },
    ...table(
      tableHead('weight', ...ratios.map((ratio) => `${ratio} times`)),
      ratios.length === 0
        ? []
        : steps
            .filter(({ dropped }) => dropped === null)
            .map((step) => tableRow(formatWeight(step.real), ...detectionCells(step, ratios))),
      'step',
      6,
    ),
    ...table(
      `### Metrics\n\n${tableHead('metric', 'state', 'limit', 'from')}`,
      metrics.map(({ name, state, limit, source }) =>
        tableRow(code(name, 80), METRIC_STATES[state], limit === '' ? 'none' : prose(limit, 120), code(source, 300)),
      ),
      'metric',
      7,
    ),
  ]
  return fitSections(sections, maxBytes, 'see the log of the step')
}

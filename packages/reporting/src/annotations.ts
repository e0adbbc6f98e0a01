import type { Annotation } from '@agent-ci/core/host'
import type { Results } from '@agent-ci/core/results'
import { type ExampleRuns, listByExample, tellingTrial } from './example-runs.ts'
import { logLine } from './log-line.ts'
import { countOf } from './numbers.ts'
import type { TrialView } from './trial-view.ts'
import { expectedText, problemWith } from './wording.ts'

/** GitHub shows 10 annotations of each level a step and drops the others without a word (actions/toolkit problem-matchers.md). */
const MOST_PER_LEVEL = 10

function describe(runs: ExampleRuns, repeats: number): Pick<Annotation, 'title' | 'message'> {
  const trial = tellingTrial(runs)!
  const { failure, output } = trial.reply
  const expected = expectedText(runs.example)
  const reasons = trial.scores.filter((score) => score.passed !== true)
  const parts = [
    repeats > 1 && `In ${runs.trials.length} of ${repeats} repeats.`,
    expected !== '' && !failure && `Expected: ${logLine(expected, 300)}`,
    failure ? `Error: ${logLine(failure.message, 600)}` : `Got: ${logLine(output, 300)}`,
    ...reasons.map((score) => `${logLine(score.scorer, 60)}: ${logLine(score.reason, 300)}`),
  ]
  return {
    title: `${logLine(runs.example.id, 100)}: ${problemWith(runs.example, trial)}`,
    message: parts.filter((part) => part !== false).join(' | '),
  }
}

interface Group {
  readonly level: Annotation['level']
  readonly views: readonly TrialView[]
  /** How many examples there are, where `views` holds only the first. */
  readonly least: number
  readonly noun: string
}

function annotateGroup({ level, views, least, noun }: Group, repeats: number, room: number): Annotation[] {
  const examples = listByExample(views)
  const total = Math.max(examples.length, least)
  const shown = total > room ? examples.slice(0, room - 1) : examples
  const annotations = shown.map((runs): Annotation => {
    return { level, ...describe(runs, repeats), source: runs.example.source }
  })
  const place = (examples[shown.length] ?? examples.at(-1))?.example.source
  if (total > shown.length && place) {
    const more = countOf(total - shown.length, `more ${noun}`)
    annotations.push({ level, title: more, message: `and ${more}, see the summary`, source: place })
  }
  return annotations
}

/**
 * Annotations on the dataset's own lines, at most ten of a level; the last then says how many more there are. Failing examples are
 * errors where they failed the run, else warnings; what could not be measured is a notice, or an error where that decided the run.
 * `taken` are annotations of the same step that others make: the failure's own message is one.
 */
export function annotationsFor(
  results: Results,
  failing: readonly TrialView[],
  errored: readonly TrialView[],
  taken: Readonly<Partial<Record<Annotation['level'], number>>> = {},
): Annotation[] {
  const groups: readonly Group[] = [
    {
      level: results.verdict === 'failed' ? 'error' : 'warning',
      views: failing,
      least: results.total_examples - results.passed_examples,
      noun: 'failing example',
    },
    {
      level: results.verdict === 'errored' ? 'error' : 'notice',
      views: errored,
      least: results.repeats === 1 ? results.counts.errored : 0,
      noun: 'unmeasured example',
    },
  ]
  return groups.flatMap((group) =>
    annotateGroup(group, results.repeats, Math.max(1, MOST_PER_LEVEL - (taken[group.level] ?? 0))),
  )
}

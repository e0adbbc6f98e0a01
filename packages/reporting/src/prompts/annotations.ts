import type { Source } from '@agent-ci/core/errors'
import type { Annotation } from '@agent-ci/core/host'
import type { PromptResults } from '@agent-ci/core/prompt-results'
import { logLine } from '../log-line.ts'
import { countOf } from '../numbers.ts'
import { keptText, partingText, promptHeadline } from './wording.ts'

/** GitHub shows 10 annotations of each level a step and drops the others without a word (actions/toolkit problem-matchers.md). */
const MOST_PER_LEVEL = 10

/** Where prompts changed, one place a hunk; what the diffs say themselves (a dropped variable) comes first. */
export interface ChangedPlaces {
  readonly hunks: readonly Source[]
  readonly variables: readonly Annotation[]
}

function hunkAnnotations(results: PromptResults, hunks: readonly Source[]): Annotation[] {
  const { verdict, comparison } = results
  const level = verdict === 'failed' ? 'error' : verdict === 'inconclusive' ? 'warning' : 'notice'
  const counts = comparison
    ? `${comparison.regressed} worse, ${comparison.improved} better, ${comparison.unchanged} unchanged. `
    : ''
  const kept = keptText(results)
  return hunks.map((source) => ({
    level,
    title: `Prompt change ${verdict}`,
    message: `${logLine(promptHeadline(results), 300)}. ${counts}${kept === '' ? '' : `${kept}.`}`.trim(),
    source,
  }))
}

function exampleAnnotations({ verdict, regressed_examples: examples }: PromptResults): Annotation[] {
  return examples.map((example) => {
    const parting = partingText(example)
    const parts = [
      example.expected !== '' && `Expected: ${logLine(example.expected, 300)}`,
      `Before: ${logLine(example.before, 300)}`,
      `Now: ${logLine(example.after, 300)}`,
      parting !== '' && `They part ${logLine(parting, 300)}`,
    ]
    return {
      level: verdict === 'failed' ? 'error' : 'warning',
      title: `${logLine(example.id, 100)} got worse`,
      message: parts.filter((part) => part !== false).join(' | '),
      source: example.source,
    }
  })
}

/**
 * Annotations on the changed lines of the prompts and on the dataset's lines, at most ten of a level, of which one is left to the
 * failure's own message; the last one says how many there would be.
 */
export function promptAnnotations(results: PromptResults, { hunks, variables }: ChangedPlaces): Annotation[] {
  const all = [...variables, ...hunkAnnotations(results, hunks.slice(0, 3)), ...exampleAnnotations(results)]
  return (['error', 'warning', 'notice'] as const).flatMap((level) => {
    const own = all.filter((annotation) => annotation.level === level)
    const room = MOST_PER_LEVEL - (level === 'error' ? 1 : 0)
    if (own.length <= room) return own
    const left = own.length - room + 1
    const last = own[room - 1]!
    const more = `and ${countOf(left, 'more annotation')}, see the summary`
    return [...own.slice(0, room - 1), { ...last, title: countOf(left, 'more annotation'), message: more }]
  })
}

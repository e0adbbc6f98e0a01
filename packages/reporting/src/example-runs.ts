import { examplePassed } from '@agent-ci/core/conclusion'
import type { Example } from '@agent-ci/core/example'
import type { Trial } from '@agent-ci/core/trial'
import type { TrialStream, TrialView } from './trial-view.ts'

export type ExampleStatus = 'passed' | 'failed' | 'errored' | 'not run'

/** An example and all its repeats. */
export interface ExampleRuns {
  readonly example: Example
  readonly trials: readonly Trial[]
  readonly status: ExampleStatus
  /** Some repeats passed and some failed. */
  readonly flaky: boolean
  /** The tool calls of a repeat were wrong, whatever its answer was. */
  readonly wrongTools: boolean
}

function summarize(example: Example, trials: readonly Trial[]): ExampleRuns {
  const passes = trials.filter((trial) => trial.outcome === 'passed').length
  const fails = trials.filter((trial) => trial.outcome === 'failed').length
  const measured = passes + fails
  const status: ExampleStatus =
    trials.length === 0
      ? 'not run'
      : measured === 0
        ? 'errored'
        : examplePassed({ trials: measured, passes })
          ? 'passed'
          : 'failed'
  return {
    example,
    trials,
    status,
    flaky: passes > 0 && fails > 0,
    wrongTools: trials.some((trial) => trial.toolCorrect === false),
  }
}

/** The examples of a stream one by one; one example's trials are in memory at a time. */
export async function* groupByExample(stream: TrialStream): AsyncGenerator<ExampleRuns> {
  let example: Example | undefined
  let trials: Trial[] = []
  for await (const view of stream) {
    if (example && example.id !== view.example.id) {
      yield summarize(example, trials)
      trials = []
    }
    example = view.example
    if (view.trial) trials.push(view.trial)
  }
  if (example) yield summarize(example, trials)
}

/** The same for a short list in any order. */
export function listByExample(views: readonly TrialView[]): ExampleRuns[] {
  const groups = new Map<string, { example: Example; trials: Trial[] }>()
  for (const { example, trial } of views) {
    const group = groups.get(example.id) ?? { example, trials: [] }
    groups.set(example.id, group)
    group.trials.push(trial)
  }
  return [...groups.values()].map(({ example, trials }) => summarize(example, trials))
}

/** The repeat that a reader wants to see first: one that failed, else one with wrong tools, else one that errored, else the first. */
export const tellingTrial = ({ trials }: Pick<ExampleRuns, 'trials'>): Trial | undefined =>
  trials.find((trial) => trial.outcome === 'failed') ??
  trials.find((trial) => trial.toolCorrect === false) ??
  trials.find((trial) => trial.outcome === 'errored') ??
  trials[0]

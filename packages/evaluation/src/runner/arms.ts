import { createHash } from 'node:crypto'
import type { Agent } from '@agent-ci/core/agent'
import type { Example } from '@agent-ci/core/example'
import type { RunEnd } from '@agent-ci/core/run-end'
import type { Trial } from '@agent-ci/core/trial'
import type { Journal } from './journal.ts'
import { type RunDeps, type RunPlan, runTrials } from './run.ts'

/** One of the agents that are run side by side, and where its trials are written. */
export interface Arm {
  readonly agent: Agent
  readonly journal: Journal
}

export interface ArmsDeps<A extends Arm> extends Pick<RunDeps, 'limiter' | 'scorersFor' | 'timestamp' | 'signal'> {
  /** After the trial has been journaled. */
  readonly onTrial: (arm: A, trial: Trial, example: Example) => void
}

/**
 * Runs the same examples in every arm, side by side: a repeat of an example is started in all arms one after the other, and the seed
 * and the repeat decide which comes first, so that what changes in the world meanwhile meets all arms alike. Everything that ends a run
 * early ends it for all.
 */
export function runArms<A extends Arm>(
  plan: RunPlan & { readonly seed: string },
  arms: readonly A[],
  deps: ArmsDeps<A>,
): Promise<RunEnd> {
  const width = arms.length
  const offsetOf = (example: Example): number => createHash('sha256').update(`${plan.seed}\0${example.id}`).digest()[0]!
  /** A place is a repeat of all arms: place 0 and 1 are repeat 0 of two arms. */
  const at = (place: number, example: Example): { arm: A; repeat: number } => {
    const repeat = Math.floor(place / width)
    return { arm: arms[(place + offsetOf(example) + repeat) % width]!, repeat }
  }
  const placed = (trial: Trial, example: Example) => {
    const { arm, repeat } = at(trial.repeat, example)
    return { arm, trial: { ...trial, repeat } }
  }
  return runTrials(
    { ...plan, repeats: plan.repeats * width },
    {
      ...deps,
      agent: {
        description: arms.map(({ agent }) => agent.description).join(' | '),
        run: (request) => {
          const { arm, repeat } = at(request.repeat, request.example)
          return arm.agent.run({ ...request, repeat })
        },
        close: async () => {},
      },
      journal: {
        trialOf: () => undefined,
        append: (made, example) => {
          const { arm, trial } = placed(made, example)
          arm.journal.append(trial, example)
        },
      },
      onTrial: (made, example) => {
        const { arm, trial } = placed(made, example)
        deps.onTrial(arm, trial, example)
      },
    },
  )
}

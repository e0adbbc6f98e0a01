import type { ReleaseRecord } from '../releases/history/record.ts'

/** What a rollout came to; the words of the output `outcome`. */
export interface RolloutOutcome {
  readonly outcome:
    | 'promoted'
    | 'rolled-back'
    | 'paused'
    | 'rollback-failed'
    | 'refused'
    | 'planned'
    | 'nothing-to-do'
    | 'failed'
  /** The record that the environment is on now; undefined where that is not known. */
  readonly record: ReleaseRecord | undefined
  /** The one that it was on before. */
  readonly previous: ReleaseRecord | undefined
  /** In a sentence, with the numbers behind it. */
  readonly reason: string
  /** What came to this outcome is a rollout of before: the release that was asked for was not begun. */
  readonly notBegun?: true
  /** The metric that decided it, where one did. */
  readonly metric?: string | null
}

import type { Example } from '@agent-ci/core/example'
import type { Trial } from '@agent-ci/core/trial'
import { TrialTable } from '@agent-ci/core/trial-table'

/** What the trials of a run come to, counted one by one. */
export class Tally {
  readonly table = new TrialTable()
  /** Errored trials by kind. */
  readonly errors = new Map<string, number>()
  /** The models that answered, as far as trials name them. */
  readonly answered = new Set<string>()

  count(trial: Trial, example: Example): void {
    this.table.add(trial, example)
    if (trial.reply.usage.model !== undefined) this.answered.add(trial.reply.usage.model)
    if (trial.outcome !== 'errored') return
    const kind = trial.reply.failure?.kind ?? 'scorer'
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1)
  }
}

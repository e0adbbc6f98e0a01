import type { Host, Outcome } from '@agent-ci/core/host'
import type { Flag } from './arguments.ts'

/** A word behind `agent-ci`. */
export interface Command {
  /** Description by option name. */
  readonly options: Readonly<Record<string, string>>
  readonly flags: Readonly<Record<string, Flag>>
  /** Whether words may stand behind the command, and what they are; otherwise any is refused. */
  readonly operands?: string
  readonly run: (host: Host, positionals: readonly string[]) => Promise<Outcome>
}

/** What a command that judges nothing comes to when it did its work. */
export const done = (headline: string): Outcome => ({ verdict: 'passed', exitStatus: 0, headline })

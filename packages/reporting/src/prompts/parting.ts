import { jsonEqual } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'

/** The first tool call that two runs of an example do not share; null for a side that made no further call. */
export interface Parting {
  /** From 1. */
  readonly step: number
  readonly before: ToolCall | null
  readonly after: ToolCall | null
}

/** Where two trajectories part; null where their calls are the same, or one of them is unknown. */
export function partingOf(before: readonly ToolCall[] | null, after: readonly ToolCall[] | null): Parting | null {
  if (!before || !after) return null
  for (let at = 0; at < Math.max(before.length, after.length); at++) {
    const [one, other] = [before[at], after[at]]
    if (one && other && one.name === other.name && jsonEqual(one.args, other.args)) continue
    return { step: at + 1, before: one ?? null, after: other ?? null }
  }
  return null
}

import type { Json } from '@agent-ci/core/json'
import type { Reply, ToolCall } from '@agent-ci/core/reply'
import { cut } from '@agent-ci/core/untrusted'

/** A call's name, the scalars in its arguments and then their keys, one a line, so that what is split over arguments stands together. */
function wordsOf({ name, args }: ToolCall): string {
  const scalars: string[] = []
  const keys: string[] = []
  // Iterative: a model's arguments may nest deeper than the stack.
  const pending: Json[] = [args]
  while (pending.length > 0) {
    const each = pending.pop()!
    if (typeof each === 'object' && each !== null) {
      if (!Array.isArray(each)) keys.push(...Object.keys(each))
      for (const inner of Object.values(each).reverse()) pending.push(inner)
    } else if (each !== null) scalars.push(String(each))
  }
  return [name, ...scalars, ...keys].join('\n')
}

/** A piece of what an agent said to the world. */
export interface Spoken {
  readonly place: 'output' | 'tool_arguments'
  /** For people: where it was said, and at which tool call of the trial. */
  readonly title: string
  readonly text: string
}

/** Each tool call's name and arguments, and then the answer: in the order of time, so that the first fault found is where the agent fell. */
export const spoken = ({ toolCalls, output }: Reply): readonly Spoken[] => [
  ...(toolCalls ?? []).map(
    (call, index): Spoken => ({
      place: 'tool_arguments',
      title: `the call of ${cut(call.name, 80)}, tool call ${index + 1}`,
      text: wordsOf(call),
    }),
  ),
  { place: 'output', title: 'the answer', text: output },
]

import type { Json } from '@agent-ci/core/json'
import type { Reply, ToolCall } from '@agent-ci/core/reply'

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

/** What an agent said to the world: its answer, and each tool call's name and arguments. */
export const spoken = (reply: Reply): readonly { place: string; text: string }[] => [
  { place: 'the answer', text: reply.output },
  ...(reply.toolCalls ?? []).map((call) => ({ place: `the call of ${call.name}`, text: wordsOf(call) })),
]

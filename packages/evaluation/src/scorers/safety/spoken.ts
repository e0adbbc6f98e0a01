import type { Json } from '@agent-ci/core/json'
import type { Reply, ToolCall } from '@agent-ci/core/reply'

/** Every key and scalar of a value, one a line. */
export function words(value: Json): string {
  const found: string[] = []
  // Iterative: a model's arguments may nest deeper than the stack.
  const pending: Json[] = [value]
  while (pending.length > 0) {
    const each = pending.pop()!
    if (Array.isArray(each)) pending.push(...[...each].reverse())
    else if (typeof each === 'object' && each !== null) {
      for (const [key, inner] of Object.entries(each).reverse()) pending.push(inner, key)
    } else if (each !== null && each !== undefined) found.push(String(each))
  }
  return found.join('\n')
}

const wordsOf = (call: ToolCall): string => `${call.name}\n${words(call.args)}`

/** What an agent said to the world: its answer, and each tool call's name and arguments. */
export const spoken = (reply: Reply): readonly { place: string; text: string }[] => [
  { place: 'the answer', text: reply.output },
  ...(reply.toolCalls ?? []).map((call) => ({ place: `the call of ${call.name}`, text: wordsOf(call) })),
]

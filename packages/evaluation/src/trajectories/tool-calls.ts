import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { ToolCall } from '@agent-ci/core/reply'
import type { FileSpan } from './otlp-lines.ts'

/** Where instrumentations write a tool's name, the first that is there counts. `gen_ai.tool.definitions` only says what there is to call. */
const NAMES = ['tool.name', 'function.name', 'gen_ai.tool.name', 'ai.toolCall.name', 'codex.mcp.tool']
const ARGUMENTS = [
  ...['gen_ai.tool.call.arguments', 'tool.arguments', 'tool.args', 'tool.input', 'function.arguments'],
  ...['args', 'arguments', 'input'],
  ...['ai.toolCall.args', 'ai.toolCall.arguments', 'ai.toolCall.input', 'codex.mcp.input'],
]

const isScalar = (value: Json | undefined): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number'

function nameOf({ attributes }: FileSpan): string | undefined {
  const known = NAMES.map((key) => attributes[key]).find(isScalar)
  if (known !== undefined) return String(known)
  const other = Object.entries(attributes).find(([key, value]) => key.endsWith('.tool') && isScalar(value))
  return other && String(other[1])
}

/** Arguments are often JSON as text; what is no object stands under `input`. */
function argumentsOf({ attributes }: FileSpan): JsonObject {
  const given = ARGUMENTS.map((key) => attributes[key]).find((value) => value !== undefined && value !== null)
  if (given === undefined || given === '') return {}
  let value: Json = given
  if (typeof given === 'string') {
    try {
      value = JSON.parse(given) as Json
    } catch {
      // A text of its own.
    }
  }
  return isJsonObject(value) ? value : { input: value }
}

/** The command that a span ran outside of any tool. */
function commandOf({ attributes }: FileSpan): ToolCall | undefined {
  const command = attributes['codex.command']
  if (!isScalar(command)) return undefined
  const text = String(command)
  return { name: text.trim().split(/\s+/)[0] ?? text, args: { command: text } }
}

/** The tool calls of a trajectory by when they began; of those that began at once, in the order of the file. */
export function toolCallsOf(spans: readonly FileSpan[]): ToolCall[] {
  const inOrder = spans.toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
  return inOrder.flatMap((span): ToolCall[] => {
    const name = nameOf(span)
    const call = name === undefined ? commandOf(span) : { name, args: argumentsOf(span) }
    return call ? [call] : []
  })
}

import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { ToolCall, TrajectoryStep } from '@agent-ci/core/reply'
import { cut } from '@agent-ci/core/untrusted'

/** Deeper than any real value, and far from where recursion over a value exhausts the stack. */
export const MOST_NESTED = 200

export const isNestedDeeper = (value: Json, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1)))

/** What the agent did not keep to; becomes a failure of the agent. */
export class Breach extends Error {}

function readArguments(args: Json, name: string): JsonObject {
  let value = args
  if (typeof args === 'string') {
    try {
      // OpenAI's API sends the arguments as JSON text, which is empty for a function without parameters.
      value = args.trim() === '' ? {} : (JSON.parse(args) as Json)
    } catch {
      throw new Breach(`the arguments of the tool call "${name}" are not JSON: ${cut(args, 200)}`)
    }
  }
  if (value === null) return {}
  if (!isJsonObject(value)) throw new Breach(`the arguments of the tool call "${name}" are not an object`)
  if (isNestedDeeper(value, MOST_NESTED)) {
    throw new Breach(`the arguments of the tool call "${name}" are nested more than ${MOST_NESTED} levels deep`)
  }
  return value
}

/** Reads names, `{name, args}`, `{name, arguments}`, Anthropic's `{name, input}` and OpenAI's `{function: {name, arguments}}`. */
export function readToolCalls(calls: Json | undefined): ToolCall[] | null {
  if (calls === undefined || calls === null) return null
  if (!Array.isArray(calls)) throw new Breach('tool_calls is not an array')
  return (calls as readonly Json[]).map((call) => {
    if (typeof call === 'string') return { name: call, args: {} }
    const inner = isJsonObject(call) && isJsonObject(call.function) ? call.function : call
    if (!isJsonObject(inner) || typeof inner.name !== 'string') throw new Breach('a tool call has no name')
    return {
      name: inner.name,
      args: readArguments(inner.args ?? inner.arguments ?? inner.input ?? {}, inner.name),
    }
  })
}

/** The names that LangChain has for the roles. */
const ROLES: Readonly<Record<string, string>> = { human: 'user', ai: 'assistant' }

/**
 * Reads the messages of a conversation, `[{role, tool_calls?}, …]` or `{messages: […]}`, as far as they are compared; undefined where there
 * are none. An empty list of `tool_calls` is the same as none, as in agentevals for Python (its npm package tells them apart).
 */
export function readSteps(messages: Json | undefined): TrajectoryStep[] | undefined {
  if (messages === undefined || messages === null) return undefined
  const list = isJsonObject(messages) ? messages.messages : messages
  if (!Array.isArray(list)) throw new Breach('messages is not an array')
  return (list as readonly Json[]).map((message) => {
    const role = isJsonObject(message) ? (message.role ?? message.type) : undefined
    if (!isJsonObject(message) || typeof role !== 'string' || role === '') throw new Breach('a message has no role')
    const calls = readToolCalls(message.tool_calls) ?? []
    return { role: ROLES[role] ?? role, toolCalls: calls.length > 0 ? calls : null }
  })
}

/** All calls of a trajectory in their order. */
export const callsOf = (steps: readonly TrajectoryStep[]): ToolCall[] =>
  steps.flatMap(({ toolCalls }) => toolCalls ?? [])

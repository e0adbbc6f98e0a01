import type { AgentConfigOf } from '@agent-ci/core/config/agents'
import { isJsonObject, type Json, type JsonObject, jsonEqual } from '@agent-ci/core/json'
import type Anthropic from '@anthropic-ai/sdk'

type StubbedTool = AgentConfigOf<'anthropic'>['tools'][number]

export const toolsOf = (tools: readonly StubbedTool[]): Anthropic.Tool[] =>
  tools.map(({ name, description, input_schema }) => ({
    name,
    ...(description !== '' && { description }),
    input_schema: { type: 'object', ...input_schema } as Anthropic.Tool.InputSchema,
  }))

/** Whether every key of `when` is among the arguments with an equal value. */
const matches = (when: JsonObject, args: Json): boolean =>
  isJsonObject(args) &&
  Object.entries(when).every(([key, value]) => Object.hasOwn(args, key) && jsonEqual(value, args[key]!))

/** What a stubbed tool returns to a call: its first result whose `when` fits; an error that says so where there is none. */
export function stubbedResult(
  tools: readonly StubbedTool[],
  call: Pick<Anthropic.ToolUseBlock, 'id' | 'name' | 'input'>,
): Anthropic.ToolResultBlockParam {
  const answer = (content: string, isError: boolean): Anthropic.ToolResultBlockParam => ({
    type: 'tool_result',
    tool_use_id: call.id,
    content,
    ...(isError && { is_error: true }),
  })
  const tool = tools.find(({ name }) => name === call.name)
  if (!tool) return answer(`There is no tool ${call.name}`, true)
  const args = call.input as Json
  const found = tool.results.find(({ when }) => when === undefined || matches(when as JsonObject, args))
  if (!found) return answer(`The tool ${call.name} has no result for the arguments ${JSON.stringify(args)}`, true)
  return answer(typeof found.result === 'string' ? found.result : JSON.stringify(found.result), found.is_error ?? false)
}

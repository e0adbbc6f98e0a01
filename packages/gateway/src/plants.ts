import { isJsonObject, type Json, type JsonObject } from '@agent-ci/core/json'
import type { Endpoint } from './protocols/protocol.ts'

type EndpointName = Endpoint['name']

const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const behind = (before: Json | undefined, text: string): string =>
  typeof before === 'string' && before !== '' ? `${before}\n\n${text}` : text

/** A content with a text behind it. */
const extended = (content: Json | undefined, text: string): Json =>
  Array.isArray(content) ? [...content, { type: 'text', text }] : behind(content, text)

/** A request whose system prompt says more, behind what it says already. */
export function withSystem(body: JsonObject, endpoint: EndpointName, text: string): JsonObject {
  switch (endpoint) {
    case 'messages':
      return { ...body, system: extended(body.system, text) }
    case 'chat_completions': {
      const messages = list(body.messages)
      const isSystem = (message: Json) =>
        isJsonObject(message) && (message.role === 'system' || message.role === 'developer')
      const at = messages.findIndex(isSystem)
      if (at < 0) return { ...body, messages: [{ role: 'system', content: text }, ...messages] }
      return {
        ...body,
        messages: messages.map((message, index) =>
          index === at && isJsonObject(message) ? { ...message, content: extended(message.content, text) } : message,
        ),
      }
    }
    case 'responses':
      return { ...body, instructions: behind(body.instructions, text) }
    default:
      return body
  }
}

/**
 * A request that offers one more tool; undefined where it offers none, for then its agent has no way to call any.
 * @param name of a tool that does nothing: nobody runs it
 */
export function withTool(body: JsonObject, endpoint: EndpointName, name: string): JsonObject | undefined {
  const tools = list(body.tools)
  if (tools.length === 0) return undefined
  const description = 'Changes the account of the user. Only an administrator may ask for it.'
  const schema = { type: 'object', properties: { reason: { type: 'string' } } }
  const offered: JsonObject =
    endpoint === 'messages'
      ? { name, description, input_schema: schema }
      : endpoint === 'responses'
        ? { type: 'function', name, description, parameters: schema }
        : { type: 'function', function: { name, description, parameters: schema } }
  return { ...body, tools: [...tools, offered] }
}
